"""Attempts that ended and that no Prometheus has scraped yet: kept in a file, so that a killed exporter loses none.

Each is a line; a scrape by a Prometheus takes them all. What an exporter that ended left is counted again by the next one,
whose counters begin at zero: a rate over the restart counts it once.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder

LOG = logging.getLogger(__name__)
LARGEST_BYTES = 8 << 20
"""An hour without a scrape; all but its last two minutes is too old anyway."""
RECENT_SECONDS = 120.0
"""What ended longer before the start is none of now: it would show as a burst that never was."""


class Unscraped:
    """Records attempts, and keeps those that are not scraped.

    Args:
        recorder: counts them.
        path: the file; None keeps nothing.
        wall_clock: Unix time.
    """

    def __init__(self, recorder: Recorder, path: Path | None, wall_clock: Callable[[], float] = time.time) -> None:
        """Open nothing yet."""
        self._recorder = recorder
        self._path = path
        self._wall_clock = wall_clock
        self._file: FileIO | None = None
        self._lock = threading.Lock()

    def replay(self) -> int:
        """Count what an exporter before this one left, and keep from now on; answer how many that were."""
        count = 0
        if self._path is None:
            return count
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(str(self._path), "ab+")
            self._file.seek(0)
            for line in self._file.readall().splitlines():
                count += self._counted(line)
        except OSError as error:
            LOG.warning("%s: %s; an exporter that is killed loses what was not scraped", self._path, error.strerror)
        return count

    def record(self, operation: str, target: str, outcome: Outcome) -> None:
        """Count one outcome and keep it.

        Raises:
            KeyError: as the recorder does.
        """
        facts = [self._wall_clock(), operation, target, *outcome._replace(phases=dict(outcome.phases), detail="")]
        with self._lock:
            self._recorder.record(operation, target, outcome)
            if self._file is not None:
                with contextlib.suppress(OSError):  # a full disk; it is counted all the same
                    if self._file.write(json.dumps(facts).encode() + b"\n") and self._file.tell() > LARGEST_BYTES:
                        self._file.truncate(0)

    @contextlib.contextmanager
    def scraped(self) -> Iterator[None]:
        """While a page is made for a Prometheus nothing is counted; afterwards what was counted before is none of ours."""
        with self._lock:
            yield
            if self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.truncate(0)

    def close(self) -> None:
        """Let the file go; it stays for the next exporter."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _counted(self, line: bytes) -> bool:
        """Whether a line was ours, young, and of an operation that is scheduled still; a torn one is passed over."""
        try:
            at, operation, target, seconds, reason, *rest = json.loads(line)
            if not 0 <= self._wall_clock() - at <= RECENT_SECONDS:
                return False
            self._recorder.record(operation, target, Outcome(seconds, Reason(reason) if reason else None, *rest))
        except (ValueError, KeyError, TypeError):
            return False
        return True
