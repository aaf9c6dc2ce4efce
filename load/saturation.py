"""When the load generator is the bottleneck itself: a worker whose processor or whose greenlets cannot keep up."""

from dataclasses import dataclass

FULL_CPU_RATIO = 0.95
"""Of one core: a process of Python has no more."""
LATE_SECONDS = 0.1
"""A greenlet that is woken this late adds as much to what it measures."""
REPORTS = 5
"""In a row: one collection of garbage or one neighbour's burst is no saturation."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a worker fared since its last report.

    Attributes:
        cpu: seconds of processor time per second; of its busiest process where it has several.
        lag: the longest that a greenlet was woken too late, seconds.
        users: that run on it.
        rss: resident memory, bytes.
    """

    cpu: float
    lag: float
    users: int
    rss: int

    @property
    def is_over(self) -> bool:
        """Whether it could not keep up."""
        return self.cpu >= FULL_CPU_RATIO or self.lag >= LATE_SECONDS


@dataclass(slots=True)
class Saturation:
    """One worker's reports so far."""

    _in_a_row: int = 0

    def is_saturated(self, health: Health) -> bool:
        """Take a report; answer whether so many in a row were over that its latencies are its own."""
        self._in_a_row = self._in_a_row + 1 if health.is_over else 0
        return self._in_a_row >= REPORTS
