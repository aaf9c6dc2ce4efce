"""Busy ports, found before anything starts: all at once, with who holds each and which setting moves ours."""

import socket
from collections.abc import Iterable

import psutil

from deploy.native.program import HOST, Program
from steadyline.errors import ConfigurationError
from steadyline.settings import DEFAULT_FILE, VARIABLES


def check_free(programs: Iterable[Program]) -> None:
    """Make sure that every program can have its port.

    Raises:
        ConfigurationError: some cannot; one sentence for each.
    """
    faults = [fault for program in programs if (fault := _fault(program))]
    if faults:
        raise ConfigurationError(faults)


def _fault(program: Program) -> str | None:
    refusal = refused(program.port)
    if isinstance(refusal, PermissionError):
        return f"port {program.port} ({program.name}): only root may listen there; {cure(program)}"
    if refusal:
        return f"port {program.port} ({program.name}) is taken by {holder(program.port)}; stop that, or {cure(program)}"
    return None


def refused(port: int) -> OSError | None:
    """Why nobody of ours could listen on a port of the loopback address, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a connection of before, in TIME_WAIT, holds nothing
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None


def cure(program: Program) -> str:
    """Which setting moves its port."""
    path = ("ports", program.name)
    variable = next(name for name, place in VARIABLES.items() if place == path)
    return f"set {variable} (or {'.'.join(path)} in {DEFAULT_FILE}) to another port"


def holder(port: int) -> str:
    """Who listens on a port, as far as we may know: other users' programs are hidden from all but root."""
    try:
        return described(listeners().get(port))
    except psutil.Error:
        return "another program"


def listeners() -> dict[int, int]:
    """The processes that listen, by their ports, as far as we may see them; one look at all processes, which takes a while.

    Raises:
        psutil.Error: this system does not tell us of any.
    """
    return {
        connection.laddr[1]: connection.pid
        for connection in psutil.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr
    }


def described(pid: int | None) -> str:
    """A process in words; None is one that we may not see."""
    if pid is None:
        return "a program of another user"
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
