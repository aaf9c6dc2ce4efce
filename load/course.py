"""How a run went over time: users, throughput and latency, at as many moments as a picture has room for."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from load.series import Series, totals
from steadyline.histogram import quantile

MOST_POINTS = 240
FIRST_SECONDS = 2.0
"""Between two moments, at first: as often as workers report. Where they become too many, every second one goes."""
_LEVELS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class _Moment:
    """All that was counted until then."""

    at: float
    users: int
    failed: int
    counts: tuple[int, ...]


class Course:
    """Keeps what was counted at moments that lie evenly apart, over the whole run."""

    def __init__(self, start: float) -> None:
        """Nothing was counted before the run's start."""
        whole = totals(())
        self._edges = whole.edges
        self._seconds = FIRST_SECONDS
        self._start = start
        self._moments = [_Moment(start, 0, 0, tuple(whole.duration.counts))]

    def take(self, now: float, users: int, series: Iterable[Series]) -> None:
        """Each second: active users, and all that was counted so far."""
        if now - self._moments[-1].at < self._seconds:
            return
        whole = totals(series)
        self._moments.append(_Moment(now, users, whole.failed, tuple(whole.duration.counts)))
        if len(self._moments) > MOST_POINTS:
            self._moments = self._moments[::2]
            self._seconds *= 2

    def points(self) -> list[dict[str, Any]]:
        """Between each two moments: rates, and quantiles of the service times; None where nothing succeeded."""
        return [self._point(before, now) for before, now in pairwise(self._moments)]

    def _point(self, before: _Moment, now: _Moment) -> dict[str, Any]:
        counts = [new - old for new, old in zip(now.counts, before.counts, strict=True)]
        failed, seconds = now.failed - before.failed, now.at - before.at
        return {
            "seconds": now.at - self._start,
            "users": now.users,
            "per_second": (sum(counts) + failed) / seconds,
            "failed_per_second": failed / seconds,
            **{name: quantile(level, self._edges, counts) for name, level in _LEVELS.items()},
        }
