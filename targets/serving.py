"""What every target does as a process: one listening socket, on loopback unless told, one HTTP server, one clean end."""

import argparse
import asyncio
import signal
import socket
from collections.abc import Callable
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

ADDRESS = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection, so that none sends into one that is just being closed."""
SHUTDOWN_SECONDS = 10
"""How long requests under way may take after SIGTERM."""

Connections = Callable[..., asyncio.Protocol] | Literal["auto"]
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


def add_address(parser: argparse.ArgumentParser) -> None:
    """The option of every target for a container, whose published ports are the guard."""
    parser.add_argument(
        "--listen-address",
        default=ADDRESS,
        help="0.0.0.0 in a container; who reaches it may ask (default: %(default)s)",
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


def make_server(app: ASGIApp, *, http: Connections = "auto", lifespan: Lifespan = "off") -> uvicorn.Server:
    """The HTTP server around the application; `run(sockets=[…])` serves until `should_exit` is set.

    Args:
        app: the target.
        http: what makes a connection, where it is not uvicorn's own.
        lifespan: whether the target is told of the start and the end.
    """
    config = uvicorn.Config(
        app,
        http=http,  # type: ignore[arg-type] # whatever makes a connection will do
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        lifespan=lifespan,
        server_header=False,
    )
    return uvicorn.Server(config)


def serve_until_signalled(
    app: ASGIApp, listener: socket.socket, *, http: Connections = "auto", lifespan: Lifespan = "off"
) -> None:
    """Serve on the socket until SIGTERM or Ctrl-C, then finish what is under way; arguments as of `make_server`."""
    server = make_server(app, http=http, lifespan=lifespan)

    def stop(_number: int, _frame: object) -> None:
        """Uvicorn raises the signal again after a clean shutdown; that is no failure, so the exit code stays 0."""
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listener])
