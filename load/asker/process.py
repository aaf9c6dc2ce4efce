"""The asker: one process, unpatched, that makes a load worker's attempts over the backends' ordinary, blocking clients.

Locust's users are greenlets of one thread; psycopg, pyarrow and the SDKs would stop them all while one of them waits. So they
ask this process over a socket, which is its standard input, and wait cooperatively. It ends when the other end closes, however
that comes about, and on SIGTERM; it leaves nothing behind of what it wrote. Ctrl-C is for the load run, which ends it.
"""

import logging
import os
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from exporters.lines import Lines
from exporters.plan import Plan
from exporters.workers import Threads
from load.asker.caps import share
from load.asker.desk import Desk
from load.asker.messages import ITSELF, Answer, plain, refused, request
from load.frames import Frames, framed
from steadyline import catalogue, heap
from steadyline import settings as settings_module
from steadyline.errors import SteadylineError
from steadyline.settings import Settings

LOG = logging.getLogger(__name__)
TICK_SECONDS = 0.25
"""How often it is looked for what takes too long."""
READ_BYTES = 1 << 16


def plan_of(settings: Settings, workers: int) -> Plan:
    """All targets with this worker's share of their caps, and all their operations."""
    targets = {
        (backend, alias): target.model_copy(update={"concurrency": share(target.concurrency, workers)})
        for backend in catalogue.backends()
        for alias, target in settings.targets_of(backend).items()
    }
    names = list(dict.fromkeys(backend for backend, _ in targets))
    operations = catalogue.operations(names)
    return Plan(settings, targets, {name: catalogue.backend(name) for name in names}, operations, (), (), ())


class Wire:
    """The socket to whoever asks.

    Args:
        end: blocking.
    """

    def __init__(self, end: socket.socket) -> None:
        """Nothing is sent yet."""
        self._socket = end
        self._lock = threading.Lock()

    def send(self, message: Answer) -> None:
        """Send an answer, from any thread; where nobody is left to read it, reading says so."""
        packed = framed(plain(message))
        with self._lock, suppress(OSError):
            self._socket.sendall(packed)


def serve(end: socket.socket, environ: Mapping[str, str], workers: int) -> None:
    """Answer until the other end closes or SIGTERM comes, then clean up."""
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)  # what counts is the byte that it writes
    wire = Wire(end)
    try:
        plan = plan_of(settings_module.load(environ), workers)
    except SteadylineError as error:
        wire.send(refused(ITSELF, error))
        return
    _log_to_stderr(plan)
    threads = Threads("asker")
    desk = Desk(plan, wire.send, threads)
    heap.settle()
    try:
        _take_all(end, ended, desk)
    finally:
        desk.close()


def _take_all(end: socket.socket, ended: socket.socket, desk: Desk) -> None:
    frames = Frames()
    with selectors.DefaultSelector() as selector:
        selector.register(end, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select(TICK_SECONDS)}
            if ended in ready:
                return
            if end in ready:
                data = _read(end)
                if not data:
                    return
                for message in frames.feed(data):
                    desk.take(request(message))
            desk.expire()


def _read(end: socket.socket) -> bytes:
    try:
        return end.recv(READ_BYTES)
    except ConnectionError:
        return b""


def _log_to_stderr(plan: Plan) -> None:
    def redact(text: str) -> str:
        for (backend, _), target in plan.targets.items():
            text = plan.backends[backend].redact(text, target)
        return text

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(redact))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def main(arguments: list[str]) -> None:
    """`python -P -m load.asker WORKERS` with a socket as standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)  # what an operation of the user's own reads or prints must not come near the wire
    os.close(nothing)
    serve(end, os.environ, int(arguments[0]))
