"""Fault control of one of the stack's own targets, from outside: PUT, GET and DELETE /-/faults."""

from typing import Any
from urllib.parse import quote

import httpx

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.outcome import OPERATION_HEADER


class FaultControl:
    """The faults of one target.

    Args:
        base_url: of the target.
        timeout_seconds: of one question.
    """

    def __init__(self, base_url: str, timeout_seconds: float = 5) -> None:
        """Make ready to ask; nothing is sent yet."""
        url = httpx.URL(base_url.rstrip("/") + "/")
        self.host = f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
        self._http = httpx.Client(
            base_url=url, timeout=timeout_seconds, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def slowed(self) -> dict[str, float]:
        """The operations that a fault slows now, and for how many more seconds at most.

        Raises:
            ConfigurationError: the target runs without fault control.
            UnreachableError: it does not answer.
        """
        answer = self._send("GET")
        faults = [found for found in answer["faults"] if found["header"].lower() == OPERATION_HEADER.lower()]
        return {found["value"]: float(found["remaining_seconds"]) for found in faults}

    def slow(self, name: str, operation: str, takes_seconds: float, expires_seconds: float) -> None:
        """Begin the fault, or begin it anew with another time; it ends by itself when it expires."""
        fault = {
            "header": OPERATION_HEADER,
            "value": operation,
            "takes_seconds": takes_seconds,
            "expires_seconds": expires_seconds,
        }
        self._send("PUT", quote(name), fault)

    def end(self, name: str) -> None:
        """End the fault; one that has ended already is no error."""
        self._send("DELETE", quote(name), missing_is_fine=True)

    def _send(self, method: str, name: str = "", body: Any = None, *, missing_is_fine: bool = False) -> Any:
        try:
            answer = self._http.request(method, f"-/faults/{name}".rstrip("/"), json=body)
        except httpx.HTTPError as error:
            raise UnreachableError(f"no target answers at {self.host} ({error}); run steadyline up") from None
        if missing_is_fine and answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.is_success:
            return answer.json()
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise ConfigurationError(
                f"the target at {self.host} has no fault control; start it with --allow-faults (steadyline up does)"
            )
        raise UnreachableError(f"the target at {self.host} refused the fault: HTTP {answer.status_code} {answer.text}")
