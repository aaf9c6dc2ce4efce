"""The peak of this process's resident memory while something runs, sampled by a thread of its own; and whose it is."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

SAMPLE_SECONDS = 0.005
"""What lives shorter can be missed; more often would take the processor from what is measured."""


def resident_bytes() -> Callable[[], int]:
    """A function that answers this process's resident memory."""
    process = psutil.Process()
    return lambda: int(process.memory_info().rss)


class Peak:
    """The highest sample since `restart`.

    Args:
        resident: answers the resident memory, bytes.
    """

    def __init__(self, resident: Callable[[], int] | None = None) -> None:
        """Sample nothing yet."""
        self._resident = resident or resident_bytes()
        self._highest = 0
        self._reading = threading.Lock()  # no sample of before a restart is kept after it
        self._ended = threading.Event()

    @contextmanager
    def sampling(self) -> Iterator["Peak"]:
        """Sample until the end."""
        self._ended.clear()
        thread = threading.Thread(target=self._sample, name="memory", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def restart(self) -> int:
        """Forget what was; answer what is resident now, bytes."""
        with self._reading:
            self._highest = now = self._resident()
        return now

    def read(self) -> int:
        """The highest so far, what is resident now included; bytes."""
        with self._reading:
            self._highest = highest = max(self._highest, self._resident())
        return highest

    def turn(self) -> tuple[int, int]:
        """`read` and `restart` by one look: the highest until now, and what is resident now; bytes."""
        with self._reading:
            highest, self._highest = self._highest, self._resident()
            return max(highest, self._highest), self._highest

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.read()


@dataclass(frozen=True, slots=True)
class Memory:
    """What one of those that take turns in this process took in its turn.

    Attributes:
        peak_bytes: highest resident memory of the process meanwhile.
        growth_bytes: how far that is above what was resident at its beginning.
        alone_bytes: what that peak would have been without the others: what was resident before all of them, what its own
            turns have left behind, and this turn's growth. Others count as little in it as can be told: what one of them was
            given and gave back may serve this one too, which then seems to grow less.
        bare_bytes: of that, what was resident before all of them.
    """

    peak_bytes: int = 0
    growth_bytes: int = 0
    alone_bytes: int = 0
    bare_bytes: int = 0

    def breaks(self, budget_bytes: float) -> bool:
        """Whether it alone would be over a budget; where the bare process is over it, whether what it takes itself is."""
        over = self.alone_bytes - (self.bare_bytes if self.bare_bytes > budget_bytes else 0)
        return over > budget_bytes

    def most(self, other: "Memory") -> "Memory":
        """The highest of each."""
        return Memory(
            max(self.peak_bytes, other.peak_bytes),
            max(self.growth_bytes, other.growth_bytes),
            max(self.alone_bytes, other.alone_bytes),
            max(self.bare_bytes, other.bare_bytes),
        )


NOTHING_TAKEN = Memory()


class Ledger:
    """Whose memory is what, where some take turns in one process.

    Args:
        peak: samples it.
    """

    def __init__(self, peak: Peak | None = None) -> None:
        """Nobody had a turn yet."""
        self._peak = peak or Peak()
        self._bare: int | None = None
        self._before = 0
        self._left: Counter[Hashable] = Counter()

    @contextmanager
    def sampling(self) -> Iterator["Ledger"]:
        """Sample until the end; what was told before holds on."""
        with self._peak.sampling():
            yield self

    def begin(self) -> None:
        """The next turn begins now, and not where another ended; what is resident at the first one's beginning is nobody's."""
        self._before = self._peak.restart()
        if self._bare is None:
            self._bare = self._before

    def end(self, whose: Hashable) -> Memory:
        """The turn is over, and another begins: what it took."""
        highest, now = self._peak.turn()
        growth = highest - self._before
        bare = self._bare or 0
        alone = bare + self._left[whose] + growth
        self._left[whose] += now - self._before
        self._before = now
        return Memory(highest, growth, min(alone, highest), bare)
