"""The gevent side of the asker: greenlets ask, wait cooperatively, and always get an outcome, whatever its process does."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any
from weakref import WeakSet

import gevent
from gevent import socket, subprocess
from gevent.event import AsyncResult
from gevent.queue import SimpleQueue

from exporters.connection import CHECK_SECONDS
from exporters.plan import Place
from load.asker.ending import END_SECONDS
from load.asker.messages import ITSELF, Answered, Ask, Cancel, Open, Refused, Request, answer, plain
from load.frames import Frames, framed
from steadyline.errors import SteadylineError, UnreachableError
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason

LOG = logging.getLogger(__name__)
RESTARTS = 3
"""So often an asker that died is started anew; what kills it then is not chance."""
OPEN_SECONDS = 60.0
"""For importing SDKs, connecting, and clearing away what crashed runs left."""
GRACE_SECONDS = 10.0
"""Beyond what the asker itself waits for an ask; one that then has not answered hangs."""
REAP_SECONDS = 5.0
"""For the end of a process whose end of the wire is closed already."""
READ_BYTES = 1 << 16
STDERR = 2
_MODULE = "load.asker"


_alive: "WeakSet[_Process]" = WeakSet()


def pids() -> list[int]:
    """Of all askers that work for this process."""
    return [process.pid for process in _alive if not process.is_over]


class _Process:
    """One asker process, and who waits for it. Belongs to one hub."""

    def __init__(self, environ: Mapping[str, str], workers: int, gone: Callable[["_Process"], None]) -> None:
        self.ending = False
        self.refused: SteadylineError | None = None
        self._waiting: dict[int, AsyncResult] = {}
        self._gone = gone
        self._outbox = SimpleQueue()
        self._socket, end = socket.socketpair()
        with end:
            self._process = subprocess.Popen(
                # -P: a folder of the same name where the user happens to stand must not be taken for ours.
                [sys.executable, "-P", "-m", _MODULE, str(workers)],
                stdin=end.fileno(),
                stdout=STDERR,  # what operations of the user's own print is no report of Locust's
                env=dict(environ),
                start_new_session=True,  # Ctrl-C is for the run, which still has to clean up with it
            )
        self._writer = gevent.spawn(self._write)
        self._reader = gevent.spawn(self._read)
        _alive.add(self)

    @property
    def pid(self) -> int:
        """Of the process."""
        pid: int = self._process.pid
        return pid

    @property
    def is_over(self) -> bool:
        """Whether it answers nothing more."""
        return bool(self._reader.ready())

    def ask(self, request: Request, wait_seconds: float) -> Any:
        """Send a request and wait for what comes of it; a killed greenlet takes its request back.

        Raises:
            TimeoutError: nothing came.
        """
        result = self._waiting[request.id] = AsyncResult()
        self._outbox.put(request)
        try:
            result.wait(wait_seconds)
            if not result.ready():
                raise TimeoutError
            return result.get()
        finally:
            if self._waiting.pop(request.id, None) is not None and not self.is_over:
                self._outbox.put(Cancel(request.id))

    def end(self) -> None:
        """Let it finish what is under way, clean up, and go; returns at once."""
        if not self.ending:
            self.ending = True
            self._outbox.put(None)

    def kill(self) -> None:
        """End it as it is."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def join(self, wait_seconds: float) -> bool:
        """Wait until it is gone; answer whether that came true."""
        self._reader.join(wait_seconds)
        return self.is_over

    def _write(self) -> None:
        """Send what is in the outbox; `None` closes our direction, which tells it to end."""
        with suppress(OSError):  # it is gone; the reader sees that, too
            while (request := self._outbox.get()) is not None:
                self._socket.sendall(framed(plain(request)))
            self._socket.shutdown(socket.SHUT_WR)

    def _read(self) -> None:
        """Hand out the answers until there come no more."""
        try:
            frames = Frames()
            while data := self._received():
                for message in frames.feed(data):
                    self._settle(answer(message))
        except ValueError:
            LOG.exception("the asker's wire is broken")
            self.kill()
        finally:
            self._socket.close()
            self._writer.kill(block=False)
            self._end_all()

    def _received(self) -> bytes:
        try:
            data: bytes = self._socket.recv(READ_BYTES)
        except OSError:
            return b""
        return data

    def _settle(self, message: Answered | Refused) -> None:
        if message.id == ITSELF:
            self.refused = message.error if isinstance(message, Refused) else None
            return
        result = self._waiting.pop(message.id, None)
        if result is None:
            return  # nobody waits for it any more
        if isinstance(message, Answered):
            result.set(message.outcome)
        elif message.error is not None:
            result.set_exception(message.error)
        else:
            result.set(None)

    def _end_all(self) -> None:
        """No answer will come: whoever waits is told so, with the outcome of a failure."""
        code = None
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=REAP_SECONDS)
        if code is None:
            self.kill()
            code = self._process.wait()
        self._gone(self)
        waiting, self._waiting = self._waiting, {}
        for result in waiting.values():
            if self.refused is not None:
                result.set_exception(self.refused)
            elif self.ending:
                result.set(Outcome(0.0, Reason.CANCELLED, detail="the run ended"))
            else:
                result.set(Outcome(0.0, Reason.OTHER, detail=f"the asker ended in the middle, {_way(code)}"))


def _way(code: int) -> str:
    """How a process ended."""
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


class Asker:
    """Makes attempts for the greenlets of one process; nothing is started before the first one asks.

    Args:
        environ: the environment that the settings are read from; secrets go to the process in no other way.
        workers: how many processes like this one share the targets' caps.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, workers: int = 1) -> None:
        """Start nothing yet."""
        self._environ = environ
        self._workers = workers
        self._ids = count(ITSELF + 1)
        self._process: _Process | None = None
        self._starting: gevent.Greenlet | None = None
        self._ended: list[_Process] = []
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Of the process that answers now, where there is one."""
        return self._process.pid if self._process else None

    def open(self, places: Iterable[Place]) -> None:
        """Connect to targets (backend and alias), each of which is asked whether it is there.

        Raises:
            ConfigurationError: the settings name no such target, or something in them is wrong.
            UnreachableError: one does not answer, or refuses the credentials.
        """
        process = self._running()
        if process is None:
            raise UnreachableError(self._given_up)
        try:
            said = process.ask(Open(next(self._ids), tuple(places)), OPEN_SECONDS + CHECK_SECONDS)
        except TimeoutError:
            raise UnreachableError(f"the targets were not opened within {OPEN_SECONDS + CHECK_SECONDS:g} s") from None
        if isinstance(said, Outcome):
            raise UnreachableError(f"the targets were not opened: {said.detail}")

    def attempt(self, backend: str, alias: str) -> Callable[[Operation], Outcome]:
        """What runs operations on one target, as `steadyline.attempt.Attempt` does.

        The outcome's phase `queued` says how long the attempt stood in line for a connection before it began.

        Returns:
            A function of the operation, which the process looks up by its name; it raises ConfigurationError where the
            settings know no such target or forbid the operation there.
        """

        def run(operation: Operation) -> Outcome:
            process = self._running()
            if process is None:
                return Outcome(0.0, Reason.OTHER, detail=self._given_up)
            most = 2 * operation.timeout_seconds + GRACE_SECONDS
            start = time.perf_counter()
            try:
                outcome: Outcome = process.ask(Ask(next(self._ids), operation.name, backend, alias), most)
            except TimeoutError:
                return Outcome(time.perf_counter() - start, Reason.TIMEOUT, detail=f"the asker said nothing within {most:g} s")
            return outcome

        return run

    def end(self) -> None:
        """Let what is under way finish and all that was written be deleted; returns at once, and `join` waits for it.

        Who asks after that is answered by a new process.
        """
        if self._starting is not None:
            self._starting.join()
        if self._process is not None:
            self._process.end()
            self._ended.append(self._process)
            self._process = None
        self._deaths = 0

    def join(self, wait_seconds: float = END_SECONDS + REAP_SECONDS) -> None:
        """Wait until all that were ended are gone; one that is not by then is killed."""
        deadline = time.monotonic() + wait_seconds
        for process in list(self._ended):
            if not process.join(max(0.0, deadline - time.monotonic())):
                LOG.error("an asker did not end within %g s; some of what it wrote may be left on its targets", wait_seconds)
                process.kill()
                process.join(REAP_SECONDS)

    @property
    def _given_up(self) -> str:
        return f"the asker died {self._deaths} times and is not started again"

    def _running(self) -> _Process | None:
        """The process to ask, started now where there is none; None where it was given up."""
        while self._process is None and self._deaths <= RESTARTS:
            if self._starting is None:
                self._starting = gevent.spawn(self._start)
            self._starting.get()
        return self._process

    def _start(self) -> None:
        """In a greenlet of its own: to start a process lets others run, and who asked for it may be killed meanwhile."""
        try:
            self._process = _Process(self._environ, self._workers, self._gone)
        finally:
            self._starting = None

    def _gone(self, process: _Process) -> None:
        """One ended: told to, or of itself."""
        if process in self._ended:
            self._ended.remove(process)
        if process is self._process:
            self._process = None
        if process.ending or process.refused is not None:
            return
        self._deaths += 1
        if self._deaths <= RESTARTS:
            LOG.error("the asker died; a new one is started for the next attempt. What the dead one wrote is swept later")
        else:
            LOG.error(self._given_up)
