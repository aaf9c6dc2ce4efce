"""The runs that a load run is made of: windows of the steady phase, each with its mean; baselines are recorded from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from load.series import NANOSECONDS, Key, Series

WINDOW_SECONDS = 30.0
"""A run is one fast window (DESIGN.md): of load as of a probe each 2 s."""
MINIMUM_SAMPLES = 10
"""A window with fewer successes says nothing of its mean."""


@dataclass(frozen=True, slots=True)
class Window:
    """One operation's successes in one window.

    Attributes:
        mean_seconds: of their service times.
        samples: how many they were.
    """

    mean_seconds: float
    samples: int

    @property
    def log_mean(self) -> float:
        """What runs are compared by."""
        return math.log(self.mean_seconds)


@dataclass(slots=True)
class Windows:
    """Cuts the steady phase into whole windows; one in which the load changed is thrown away."""

    by_key: dict[Key, list[Window]] = field(default_factory=dict)
    _since: float | None = None
    _level: float | None = None
    _before: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def take(self, now: float, level: float, *, steady: bool, series: Mapping[Key, Series]) -> None:
        """Each second: the level of the load, whether it is steady, and all that was counted so far."""
        if not steady or level != self._level:
            self._since = None
        self._level = level
        if not steady:
            return
        if self._since is None or now - self._since >= WINDOW_SECONDS:
            counted = {key: (one.successes, one.duration.total_ns) for key, one in series.items()}
            if self._since is not None:
                self._close(counted)
            self._since, self._before = now, counted

    def _close(self, counted: Mapping[Key, tuple[int, int]]) -> None:
        for key, (successes, total_ns) in counted.items():
            successes_before, total_before = self._before.get(key, (0, 0))
            samples = successes - successes_before
            if samples >= MINIMUM_SAMPLES:
                mean = (total_ns - total_before) / samples / NANOSECONDS
                self.by_key.setdefault(key, []).append(Window(mean, samples))
