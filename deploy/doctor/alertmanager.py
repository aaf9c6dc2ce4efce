"""Asks an Alertmanager over its HTTP API, version 2, as 0.25 has it and all since."""

from typing import Any

import httpx
import yaml

from deploy.doctor.asking import client
from steadyline.errors import UnreachableError


class Alertmanager:
    """One Alertmanager; every method raises UnreachableError where it does not answer as it should.

    Args:
        base_url: such as http://127.0.0.1:9093; credentials in it are used and never told.
        timeout_seconds: of one question.
    """

    def __init__(self, base_url: str, timeout_seconds: float) -> None:
        """Make ready to ask; nothing is sent yet."""
        url = httpx.URL(base_url.rstrip("/") + "/")
        self.host = f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
        self._http = client(url, timeout_seconds)

    def version(self) -> str:
        """The server's version, such as 0.25.0."""
        return str(self._get("status")["versionInfo"]["version"])

    def configuration(self) -> dict[str, Any]:
        """The configuration that it runs with; it hides the secrets itself."""
        document = yaml.safe_load(self._get("status")["config"]["original"])
        return document if isinstance(document, dict) else {}

    def silences(self) -> list[dict[str, Any]]:
        """The silences that hold now: matchers, endsAt, comment, createdBy."""
        return [one for one in self._get("silences") if one["status"]["state"] == "active"]

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts that it holds: labels, and status with what mutes each."""
        found: list[dict[str, Any]] = self._get("alerts")
        return found

    def _get(self, path: str) -> Any:
        try:
            answer = self._http.get(f"api/v2/{path}")
            if answer.is_success:
                return answer.json()
            why = f"HTTP {answer.status_code}"
        except httpx.TimeoutException:
            why = "no answer in time"
        except (httpx.HTTPError, ValueError) as error:
            why = str(error)
        raise UnreachableError(f"no Alertmanager answers at {self.host} ({why})")
