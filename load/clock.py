"""The run's clock: Unix time as it was when the run began, and since then the monotonic clock.

The open model's schedule, windows and criteria count in it: a machine whose clock is set in the middle of a run neither
sends a flood nor falls silent, and the run's marks keep their distances.
"""

import time


class Clock:
    """Seconds of Unix time that never jump within a run."""

    def __init__(self) -> None:
        """Go by the machine's clock as it is now."""
        self._ahead = 0.0
        self.follow()

    def follow(self) -> None:
        """Go by the machine's clock as it is now: for a run that begins."""
        self._ahead = time.time() - time.monotonic()

    def __call__(self) -> float:
        """The present moment."""
        return time.monotonic() + self._ahead


now = Clock()
"""One per process, as there is one run."""
