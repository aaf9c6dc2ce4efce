"""A publisher's process as a test talks to it, and what a worker would have counted."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import tenacity

from load.frames import Frames, framed
from load.publisher.facts import Facts
from load.publisher.kinds import KIND, Frame, Kind
from load.series import Delta, Key, Tally
from steadyline.outcome import Outcome, Reason

NOBODY = "http://127.0.0.1:9"
"""Where nothing listens."""
CREATE = Key("trace.item_create", "trace", "embedded")
READ = Key("trace.item_read", "trace", "embedded")
LATE = {"trust_env": False, "timeout": 30}


def counted(*, lag: float | None = None) -> Delta:
    """Two names' counts: successes, a failure, items, bytes."""
    tally = Tally()
    create, read = tally.declare(CREATE, (0.08,)), tally.declare(READ)
    for seconds in (0.001, 0.079, 0.08, 0.2):
        create.started += 1
        create.finish(Outcome(seconds, items=2, bytes_sent=100, bytes_received=10), lag)
    if lag is not None:
        create.late(lag)
    create.started += 1
    create.finish(Outcome(1.0, Reason.TIMEOUT, bytes_sent=100), lag)
    read.started += 2
    read.finish(Outcome(70.0, items=1, bytes_received=5), lag)
    return tally.delta()


def begin(run: str = "r1", **facts: Any) -> Frame:
    """The frame that begins a run."""
    said = {"profile": "low", "shape": "ramp", "revision": "abc1234", "start": 1_700_000_000.0, "silence": False}
    return {KIND: Kind.BEGIN, "run": run, **said, **facts}


@dataclass(slots=True)
class Running:
    """One publisher.

    Attributes:
        process: started, its pipes open.
        folder: where Prometheus would find its file.
    """

    process: "subprocess.Popen[bytes]"
    folder: Path
    url: str = ""
    _unpacker: Frames = field(default_factory=Frames)
    _read: list[Frame] = field(default_factory=list)

    def send(self, *frames: Frame) -> None:
        """Tell it."""
        assert self.process.stdin is not None
        for frame in frames:
            self.process.stdin.write(framed(frame))
        self.process.stdin.flush()

    def delta(self, series: Delta) -> None:
        """Tell it what was counted."""
        self.send({KIND: Kind.DELTA, "series": series})

    def end(self, at: float | None = None) -> None:
        """Tell it that the run is over."""
        self.send({KIND: Kind.END, "at": at or time.time()})

    def answers(self) -> Iterator[Frame]:
        """What it says, until it is gone."""
        assert self.process.stdout is not None
        while True:
            while self._read:
                yield self._read.pop(0)
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                return
            self._read += self._unpacker.feed(piece)

    def answer(self, kind: str) -> Frame:
        """The next answer of a kind; others before it are dropped."""
        return next(frame for frame in self.answers() if frame[KIND] == kind)

    def page(self) -> str:
        """Its metrics."""
        return httpx.get(f"{self.url}/metrics", **LATE).text

    def page_with(self, text: str) -> str:
        """Its metrics, once they hold a text: frames take a moment."""
        for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.02), reraise=True):
            with attempt:
                page = self.page()
                assert text in page
        return page

    def leave(self) -> None:
        """The load run is gone."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def stop(self) -> None:
        """End it, whatever it does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def start(folder: Path, **facts: Any) -> Running:
    """A publisher that was told its facts; nobody is there to speak to, but whom the facts name."""
    targets = folder / "targets"
    said = {"port": 0, "targets_folder": str(targets), "prometheus": NOBODY, "alertmanager": NOBODY, "hold_seconds": 30.0}
    command = [sys.executable, "-P", "-m", "load.publisher"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    running = Running(process, targets)
    running.send({KIND: Kind.OPEN, **Facts(**(said | facts)).document()})
    return running
