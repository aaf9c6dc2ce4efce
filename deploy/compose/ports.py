"""Busy ports, found before docker compose starts anything: all at once, with who holds each and which variable moves ours."""

from collections.abc import Iterable

from deploy.compose.project import Port
from deploy.native.ports import holder, refused
from steadyline.errors import ConfigurationError


def check_free(ports: Iterable[Port]) -> None:
    """Make sure that every service can publish its ports.

    Raises:
        ConfigurationError: some cannot; one sentence for each.
    """
    faults = [fault for port in ports if (fault := _fault(port))]
    if faults:
        raise ConfigurationError(faults)


def _fault(port: Port) -> str | None:
    refusal = refused(port.number)
    if refusal is None or isinstance(refusal, PermissionError):  # the engine may listen where we may not
        return None
    cure = f", or set {port.variable} (in the environment or .env) to another port" if port.variable else ""
    return f"port {port.number} ({port.service}) is taken by {holder(port.number)}; stop that{cure}"
