"""A run's marks in Grafana: start, steady and end as annotations, which any board shows; from start to end a region."""

from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from grafana_client import GrafanaApi
from grafana_client.client import GrafanaException

from load.publisher.page import Run
from steadyline.addresses import LOCAL_HOSTS
from steadyline.errors import UnreachableError
from steadyline.redaction import redact

ASK_SECONDS = 5.0
TAG = "steadyline"
"""On every mark, beside the run's id and its profile."""


class Marks:
    """The annotations of one run; each call blocks, and takes a bounded time.

    Args:
        base_url: of Grafana; a user and password in it are used where there is no token.
        token: of a service account, or None.
        run: whose marks they are.
    """

    def __init__(self, base_url: str, token: str | None, run: Run) -> None:
        """Nothing is written yet."""
        parts = urlsplit(base_url)
        place = parts.netloc.rpartition("@")[2]
        self.host = f"{parts.scheme}://{place}"
        login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        api = GrafanaApi(token or login, timeout=ASK_SECONDS)
        # its own way to put the URL together loses the / behind a path, and an IPv6 address' brackets
        api.client.url = urlunsplit((parts.scheme, place, parts.path.rstrip("/") + "/api", "", ""))
        api.client.s.trust_env = parts.hostname not in LOCAL_HOSTS
        self._annotations = api.annotations
        self._secrets = [secret for secret in (token, *(login or ())) if secret]
        self._run = run
        self._tags = [tag for tag in (TAG, run.run, run.profile) if tag]
        self._begun: Any = None

    def start(self) -> None:
        """The run begins.

        Raises:
            UnreachableError: Grafana does not take it; the text holds no secret.
        """
        self._begun = self._write(self._run.start, None, "begins")

    def steady(self, at: float) -> None:
        """All users are there; raises as `start` does."""
        self._write(at, None, "is steady")

    def end(self, at: float) -> None:
        """The first mark becomes a region up to here; raises as `start` does."""
        self._write(self._run.start, at, "ran", self._begun)

    def _write(self, start: float, end: float | None, what: str, known: Any = None) -> Any:
        profile = f"profile {self._run.profile}, " if self._run.profile else ""
        facts: dict[str, Any] = {
            "time_from": round(start * 1000),
            "time_to": None if end is None else round(end * 1000),
            "tags": self._tags,
            "text": f"load run {self._run.run} {what}: {profile}shape {self._run.shape}",
        }
        try:
            if known is not None:
                self._annotations.partial_update_annotation(known, **facts)
                return known
            return self._annotations.add_annotation(**facts)["id"]
        except GrafanaException as error:
            raise UnreachableError(self._told(f"refuses a mark: {error}")) from None
        except requests.Timeout:
            raise UnreachableError(self._told("did not answer in time")) from None
        except (requests.JSONDecodeError, KeyError, TypeError):
            raise UnreachableError(self._told("answers otherwise than Grafana's API; is it one?")) from None
        except requests.RequestException as error:
            raise UnreachableError(self._told(f"does not answer ({type(error).__name__})")) from None

    def _told(self, what: str) -> str:
        return redact(f"Grafana at {self.host} {what}", self._secrets)
