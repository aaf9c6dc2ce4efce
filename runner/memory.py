"""The peak of this process's resident memory while something runs, sampled by a thread of its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.read()
