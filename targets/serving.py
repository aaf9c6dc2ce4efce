"""What every target does as a process: one listening socket, on loopback unless told, one HTTP server, one clean end."""

import argparse
import asyncio
import gc
import ipaddress
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from targets.connections import Connection
from targets.crowd import BACKLOG, Crowd, Limits

ADDRESS = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection, so that none sends into one that is just being closed."""
SHUTDOWN_SECONDS = 10
"""How long requests under way may take after SIGTERM."""
_COLLECTED_ALLOCATIONS = 20_000
"""New objects that start a collection: nothing of ours is left in cycles, so little is found."""

Connections = Callable[..., asyncio.Protocol]
Lifespan = Literal["on", "off"]

USAGE = 2
"""Exit code: a wrong argument, setting or port."""
BACKEND = 4
"""Exit code: what the target keeps its data in does not answer."""


class CannotStart(Exception):  # noqa: N818 - said as it is
    """What keeps a target from starting: one message without a secret, and the exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep the exit code beside the message."""
        super().__init__(message)
        self.exit_code = exit_code


def _address(text: str) -> str:
    return str(ipaddress.IPv4Address(text))


def add_address(parser: argparse.ArgumentParser) -> None:
    """The option of every target for a container, whose published ports are the guard."""
    parser.add_argument(
        "--listen-address",
        default=ADDRESS,
        type=_address,
        help="0.0.0.0 in a container; beyond loopback only with signed requests or --anonymous (default: %(default)s)",
    )
    parser.add_argument(
        "--anonymous", action="store_true", help="whoever reaches the address may ask, because something guards it"
    )


def check_address(address: str, *, anonymous: bool) -> None:
    """See that strangers are let in on purpose only, at a target that asks nobody who they are.

    Raises:
        CannotStart: the address is beyond this host, and nobody said that whoever reaches it may ask.
    """
    if not anonymous and not ipaddress.ip_address(address).is_loopback:
        raise CannotStart(
            f"--listen-address {address}: whoever reaches it could read and delete everything; listen on {ADDRESS}, or add "
            "--anonymous where ports published on loopback or a network policy guard it",
            USAGE,
        )


def add_faults(parser: argparse.ArgumentParser) -> None:
    """The options of fault control."""
    parser.add_argument("--allow-faults", action="store_true", help="serve fault control, which makes chosen requests slow")
    parser.add_argument(
        "--faults-from-anywhere", action="store_true", help="control from other hosts too, for containers; default: this one"
    )


def listening(port: int, address: str = ADDRESS) -> socket.socket:
    """A socket that listens, on the loopback address unless another is named; port 0 takes a free one.

    Raises:
        CannotStart: the port is taken, or is none.
    """
    # The protocol is named so that asyncio turns Nagle off: else each answer waits 40 ms for a delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(1024)  # at once: two processes may both bind a port, but only one may listen on it
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        raise CannotStart(
            f"cannot listen on {address}:{port}: {reason}; give another --port, or stop what listens there", USAGE
        ) from None
    return listener


def make_server(app: ASGIApp, *, http: Connections = Connection, lifespan: Lifespan = "off") -> uvicorn.Server:
    """The HTTP server around the application; `run(sockets=[…])` serves until `should_exit` is set.

    Args:
        app: the target.
        http: what makes a connection.
        lifespan: whether the target is told of the start and the end.
    """
    config = uvicorn.Config(
        app,
        http=partial(http, crowd=Crowd(Limits())),  # type: ignore[arg-type] # whatever makes a connection will do
        backlog=BACKLOG,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        lifespan=lifespan,
        server_header=False,
    )
    return uvicorn.Server(config)


def serve_until_signalled(
    app: ASGIApp, listener: socket.socket, told: str, *, http: Connections = Connection, lifespan: Lifespan = "off"
) -> None:
    """Serve on the socket until SIGTERM or Ctrl-C, then finish what is under way.

    Args:
        app: the target.
        listener: the socket.
        told: the one line of output; who has read it may send a signal.
        http: as of `make_server`.
        lifespan: as of `make_server`.
    """
    server = make_server(app, http=http, lifespan=lifespan)

    def stop(_number: int, _frame: object) -> None:
        """Uvicorn raises the signal again after a clean shutdown; that is no failure, so the exit code stays 0."""
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    _settle_memory()
    print(told, flush=True)  # noqa: T201 - its one line of output
    server.run(sockets=[listener])


def _settle_memory() -> None:
    """Keep the collector from looking at what was imported again and again, and from starting every few requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_ALLOCATIONS, 20, 20)
