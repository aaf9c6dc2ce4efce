"""The load run's side of its publisher: started, told, awaited, and started anew once where it dies.

Never does it hold up the hub: frames wait in a queue, and greenlets of its own write and read.
"""

import logging
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import gevent
from gevent import subprocess
from gevent.event import AsyncResult, Event
from gevent.os import make_nonblocking, nb_read, nb_write

from load.frames import Frames, framed
from load.publisher.facts import LONGEST_HOLD_SECONDS, Facts
from load.publisher.holding import Held
from load.publisher.kinds import KIND, Frame, Kind
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.settings import Settings

LOG = logging.getLogger(__name__)
START_SECONDS = 60.0
"""For importing, and for a publisher before this one that still holds its last values."""
HELD_SECONDS = LONGEST_HOLD_SECONDS + 10
"""The publisher's own bound is shorter; one that does not keep it hangs."""
CLOSE_SECONDS = 15.0
"""For ending the silence and the last mark."""
MOST_PENDING = 600
"""Ten minutes of frames that were not read: it hangs, and one that begins anew needs none of them."""
READ_BYTES = 1 << 16
_MODULE = "load.publisher"
_ERRORS = {kind.exit_code: kind for kind in (ConfigurationError, UnreachableError)}


class _Process:
    """One publisher process, and the greenlets that write to it and read from it."""

    def __init__(self, facts: Facts, gone: Callable[["_Process"], None]) -> None:
        self.ready = AsyncResult()
        self.held = AsyncResult()
        self._gone = gone
        self._run: str | None = None
        self._outbox: deque[Frame] = deque([{KIND: Kind.OPEN, **facts.document()}])
        self._more = Event()
        self._more.set()
        self.is_closing = False
        self._process = subprocess.Popen(
            # -P: a folder of the same name where the user happens to stand must not be taken for ours.
            [sys.executable, "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run, whose last values it still has to serve
        )
        for end in (self._process.stdin, self._process.stdout):
            make_nonblocking(end.fileno())
        self._writer = gevent.spawn(self._write)
        self._reader = gevent.spawn(self._read)

    @property
    def pid(self) -> int:
        """Of the process."""
        pid: int = self._process.pid
        return pid

    def send(self, frame: Frame) -> None:
        """Have the frame written when the hub comes to it; gauges that nobody read yet are replaced."""
        if frame[KIND] == Kind.GAUGES:
            self._outbox = deque(one for one in self._outbox if one[KIND] != Kind.GAUGES)
        if frame[KIND] == Kind.BEGIN:
            self.held = AsyncResult()
            self._run = frame["run"]
        if len(self._outbox) == MOST_PENDING:
            LOG.error("the publisher of /metrics reads nothing any more, and is killed")
            self.kill()
        self._outbox.append(frame)
        self._more.set()

    def close(self, wait_seconds: float) -> bool:
        """Let it end once it has read everything; answer whether it did in time."""
        self.is_closing = True
        self._more.set()
        self._reader.join(wait_seconds)
        return bool(self._reader.ready())

    def kill(self) -> None:
        """End it as it is."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def terminate(self) -> None:
        """Have it end its silence and go."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def _write(self) -> None:
        end = self._process.stdin.fileno()
        with suppress(OSError):  # it is gone; the reader sees that, too
            while self._outbox or not self.is_closing:
                self._more.wait()
                self._more.clear()
                while self._outbox:
                    rest = memoryview(framed(self._outbox.popleft()))
                    while rest:
                        rest = rest[nb_write(end, rest) :]
            self._process.stdin.close()

    def _read(self) -> None:
        unpacker = Frames()
        end = self._process.stdout.fileno()
        try:
            while piece := nb_read(end, READ_BYTES):
                for frame in unpacker.feed(piece):
                    self._take(frame)
        finally:
            self._writer.kill()
            self._process.stdout.close()
            self._process.wait()
            self._gone(self)
            for result in (self.ready, self.held):
                if not result.ready():
                    result.set(None)

    def _take(self, frame: Frame) -> None:
        match frame[KIND]:
            case Kind.READY:
                self.ready.set(frame["url"])
            case Kind.NOTE:
                LOG.info("%s", frame["text"])
            case Kind.HELD if frame["run"] == self._run:  # not the run before, that a new one cut short
                self.held.set(Held(frame["by"]))
            case Kind.ERROR:
                kind = {one.exit_code: one for one in (ConfigurationError, UnreachableError)}.get(
                    frame["code"], SteadylineError
                )
                self.ready.set_exception(kind(frame["text"]))


class Publisher:
    """Serves what a load run merged. Start it after the process has forked; it belongs to one hub.

    Args:
        settings: ports, and whom the publisher speaks to.
        port: another one than the settings', for this run.
        whole: the deltas of everything that was counted in this run, sent or not, for a publisher that begins anew in the
            middle; no greenlet switches meanwhile, and what is sent afterwards must not be in it.

    Attributes:
        url: where the page is, once it is started.
    """

    def __init__(self, settings: Settings, port: int | None, whole: Callable[[], list[Frame]]) -> None:
        """Start nothing yet."""
        self.url = ""
        self._facts = Facts.of(settings, port)
        self._whole = whole
        self._process: _Process | None = None
        self._run: dict[str, Frame] = {}
        self._was_started_anew = False

    @property
    def pid(self) -> int | None:
        """Of the process that serves now, where there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Serve the page, and wait until it is there.

        Raises:
            ConfigurationError: the port is taken; the text says by whom and what to do.
            UnreachableError: the process does not start.
        """
        self._process = process = _Process(self._facts, self._gone)
        try:
            with gevent.Timeout(START_SECONDS, False):
                self.url = process.ready.get() or ""
        finally:
            if not self.url:
                self._process = None
                process.kill()
        if not self.url:
            raise UnreachableError("the publisher of /metrics did not start; see its message above")
        self._facts = self._facts.at(int(self.url.rpartition(":")[2]))
        LOG.info("metrics at %s/metrics", self.url)

    def send(self, frame: Frame) -> None:
        """Tell it; returns at once, whatever it does. Without a publisher nothing happens."""
        kind = frame[KIND]
        if kind == Kind.BEGIN:
            self._run.clear()
        if kind != Kind.DELTA:
            self._run[kind] = frame
        if self._process is not None:
            self._process.send(frame)

    def wait_held(self, seconds: float = HELD_SECONDS) -> Held:
        """Wait after the run's end until its last values are held; answer by whom."""
        with gevent.Timeout(seconds, False):
            while (process := self._process) is not None:
                by = process.held.get()
                if by is not None or process is self._process:  # none, and no other process in its place
                    return by or Held.NOBODY
        return Held.NOBODY

    def close(self) -> None:
        """End it, in order where it can; the page is gone after this."""
        while (process := self._process) is not None:
            if not process.close(CLOSE_SECONDS):
                process.terminate()
                if not process.close(CLOSE_SECONDS):
                    LOG.error("the publisher of /metrics hangs, and is killed")
                    process.kill()
            if self._process is process:  # else one that died this moment has one after it
                self._process = None

    def _gone(self, process: _Process) -> None:
        """It ended: told to, or of itself."""
        if process is not self._process or process.is_closing:
            return
        if self._was_started_anew:
            why = process.ready.exception or "it died again"
            LOG.error("the publisher of /metrics: %s; nothing is exported any more, and the run goes on without", why)
            self._process = None
            return
        if not process.ready.successful():
            return  # it never was there: `start` tells
        if process.held.ready():
            self._run.clear()
        LOG.error("the publisher of /metrics died; a new one begins with everything that was counted")
        self._was_started_anew = True
        self._process = _Process(self._facts, self._gone)  # others run meanwhile; what they send to the old one is replayed
        for frame in self._replay():
            self._process.send(frame)

    def _replay(self) -> list[Frame]:
        """The run so far, in order."""
        if Kind.BEGIN not in self._run:
            return []
        after = [self._run[kind] for kind in (Kind.STEADY, Kind.GAUGES, Kind.END) if kind in self._run]
        return [self._run[Kind.BEGIN], *self._whole(), *after]
