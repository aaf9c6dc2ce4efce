"""Busy ports, found before docker compose starts anything: all at once, with who holds each and which variable moves ours."""

import socket
from collections.abc import Iterable

from deploy.compose.project import Port
from deploy.native.ports import holder
from steadyline.addresses import LOOPBACK
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
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection of before, in TIME_WAIT, holds nothing
        try:
            probe.bind((LOOPBACK, port.number))
        except OSError:
            cure = f", or set {port.variable} (in the environment or .env) to another port" if port.variable else ""
            return f"port {port.number} ({port.service}) is taken by {holder(port.number)}; stop that{cure}"
    return None
