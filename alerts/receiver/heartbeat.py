"""Whether Alertmanager is heard of: where its watchdog stays away nobody judges or tells any more, and all is quiet."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from alerts.notify.receivers import HEARTBEAT_SECONDS

MISSED_SECONDS = 2.5 * HEARTBEAT_SECONDS
"""Two that did not come. After a Prometheus has died, Alertmanager goes on for four minutes with what it was told."""


@dataclass(slots=True)
class Heartbeat:
    """When the last one came.

    Attributes:
        now: the clock, with a time zone, for people.
        elapsed: seconds that only go on, for patience.
        last: the moment; None before the first.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    elapsed: Callable[[], float] = time.monotonic
    last: datetime | None = None
    _at: float = field(init=False)
    _told: bool = False

    def __post_init__(self) -> None:
        """Begin to wait."""
        self._at = self.elapsed()

    def beat(self) -> None:
        """One came."""
        self.last, self._at = self.now(), self.elapsed()

    @property
    def is_missed(self) -> bool:
        """Whether it should have come long ago."""
        return self.elapsed() - self._at > MISSED_SECONDS

    @property
    def state(self) -> str:
        """A sentence or two for people."""
        heard = f"{self.last:%H:%M:%S} UTC" if self.last else "not yet"
        broken = " Nothing is judged or told until it is back: steadyline doctor." if self.is_missed else ""
        return f"Alertmanager last heard of: {heard}.{broken}"

    def news(self) -> str:
        """What to say now, once when it is missed and once when it is back; else empty."""
        if self.is_missed == self._told:
            return ""
        self._told = not self._told
        return self.state if self._told else "Alertmanager is heard of again."
