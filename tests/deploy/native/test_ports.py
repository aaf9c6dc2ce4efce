"""Busy ports."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psutil
import pytest

from deploy.native.ports import check_free
from deploy.native.program import Program
from steadyline.errors import ConfigurationError


@pytest.fixture
def listen() -> Iterator[Callable[[], int]]:
    """Listen on a free port until the test ends."""
    with ExitStack() as sockets:

        def begin() -> int:
            listener = sockets.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            return int(listener.getsockname()[1])

        yield begin


def program(name: str, port: int) -> Program:
    """A program that only has a port."""
    return Program(name, (), port, "", ("/",), "")


def test_all_busy_ports_are_named_with_holder_and_cure(listen: Callable[[], int], free_port: Callable[[], int]) -> None:
    """Every busy port is told at once: number, program, who holds it, and the setting that changes it."""
    busy = {"exporter": listen(), "prometheus": listen()}
    holder = f"{psutil.Process().name()} (pid {os.getpid()})"
    programs = [program(name, port) for name, port in busy.items()]
    with pytest.raises(ConfigurationError) as error:
        check_free([program("trace", free_port()), *programs])
    assert error.value.faults == [
        f"port {port} ({name}) is taken by {holder}; stop that, or set STEADYLINE_PORTS_{name.upper()}"
        f" (or ports.{name} in steadyline.toml) to another port"
        for name, port in busy.items()
    ]


def test_closed_connections_hold_no_port(free_port: Callable[[], int]) -> None:
    """A connection in TIME_WAIT does not make a port busy."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        client = socket.create_connection(("127.0.0.1", port))
        served, _ = listener.accept()
        served.close()
        client.close()
    check_free([program("receiver", port)])
