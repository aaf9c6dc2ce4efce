"""Asks a Grafana over its HTTP API, for all who write there: a load run's marks, the boards that are pushed."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from grafana_client import GrafanaApi
from grafana_client.client import GrafanaException

from steadyline.addresses import LOCAL_HOSTS
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.redaction import redact

ASK_SECONDS = 5.0
NOT_ONE = "answers otherwise than Grafana's API; is it one?"

T = TypeVar("T")


class RefusedError(UnreachableError):
    """Grafana answered, and does not do it.

    Args:
        text: where, what and why, for the user.
        status: HTTP's.
        reason: Grafana's own words.
        kind: its word for the reason where it has one, such as `name-exists`.
    """

    def __init__(self, text: str, status: int, reason: str, kind: str = "") -> None:
        """Keep apart what a caller may tell in its own words."""
        self.status, self.reason, self.kind = status, reason, kind
        super().__init__(text)


class Grafana:
    """One Grafana; each question blocks, and takes a bounded time.

    Args:
        base_url: a path before the API is kept; a user and password in it are used where there is no token.
        token: of a service account, or None.
        timeout_seconds: of one question.

    Raises:
        ConfigurationError: the token cannot be one.
    """

    def __init__(self, base_url: str, token: str | None = None, timeout_seconds: float = ASK_SECONDS) -> None:
        """Make ready to ask; nothing is sent yet."""
        parts = urlsplit(base_url)
        place, path = parts.netloc.rpartition("@")[2], parts.path.rstrip("/")
        login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise ConfigurationError(
                "the first line of Grafana's token file is no token, which has plain letters and no blanks"
            )
        self.host = f"{parts.scheme}://{place}"
        self.url = self.host + path
        """For links: without who asks."""
        self.has_login = bool(token or login)
        self._secrets = [secret for secret in (token, *(login or ())) if secret]
        # requests takes text for Latin-1
        self.api = GrafanaApi(token or (login and tuple(part.encode() for part in login)), timeout=timeout_seconds)
        # its own way to put the URL together loses the / behind a path, and an IPv6 address' brackets
        self.api.client.url = urlunsplit((parts.scheme, place, path + "/api", "", ""))
        self.api.client.s.max_redirects = 0  # a POST that is sent on becomes a GET
        self.api.client.s.trust_env = parts.hostname not in LOCAL_HOSTS

    def ask(self, what: str, call: Callable[[], T]) -> T:
        """The answer of a call of the API, and of what reads it.

        Args:
            what: is asked for, as in `a mark`.
            call: asks, and takes the answer apart; a KeyError or TypeError of its own means another API than Grafana's.

        Raises:
            RefusedError: Grafana says no.
            UnreachableError: nobody answers, or somebody else does; no text holds a secret.
        """
        try:
            return call()
        except GrafanaException as error:
            raise self._refused(what, error) from None
        except requests.Timeout:
            raise UnreachableError(self.told("did not answer in time")) from None
        except requests.TooManyRedirects:
            raise UnreachableError(
                self.told("sends on to another address; write the one at which a browser ends up")
            ) from None
        except (requests.JSONDecodeError, KeyError, TypeError):
            raise UnreachableError(self.told(NOT_ONE)) from None
        except requests.RequestException as error:
            raise UnreachableError(self.told(f"does not answer ({type(error).__name__})")) from None

    def version(self) -> str:
        """Of the server, empty where it keeps that to itself; anybody may ask.

        Raises:
            UnreachableError: there is none.
        """

        def read() -> str:
            found = self.api.health.check()
            return str(found.get("version") or "") if found["database"] else ""

        try:
            return self.ask("to say how it is", read)
        except RefusedError as error:
            if error.status < requests.codes.server_error:
                raise UnreachableError(self.told(NOT_ONE)) from None
            raise

    def told(self, what: str) -> str:
        """A sentence about it, without its secrets."""
        return redact(f"Grafana at {self.host} {what}", self._secrets)

    def _refused(self, what: str, error: Any) -> RefusedError:
        answer = error.response if isinstance(error.response, dict) else {}
        reason = redact(str(answer.get("message") or error), self._secrets)
        said = reason if error.status_code == requests.codes.bad_request else error
        return RefusedError(self.told(f"refuses {what}: {said}"), error.status_code, reason, str(answer.get("status") or ""))
