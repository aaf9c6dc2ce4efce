"""How a run went over time: users, throughput and latency beside what was wanted, at as many moments as a picture has room."""

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
class Wanted:
    """What the load should be at a moment.

    Attributes:
        users: that there should be.
        per_second: starts of the open model; None in the closed one.
        dropped: starts that did not happen, until then.
    """

    users: int = 0
    per_second: float | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Moment:
    """All that was counted until then."""

    at: float
    users: int
    wanted: Wanted
    failed: int
    counts: tuple[int, ...]
    responses: tuple[int, ...]


class Course:
    """Keeps what was counted at moments that lie evenly apart, over the whole run."""

    def __init__(self, start: float) -> None:
        """Nothing was counted before the run's start."""
        whole = totals(())
        self._edges = whole.edges
        self._seconds = FIRST_SECONDS
        self._start = start
        self._moments = [_Moment(start, 0, Wanted(), 0, tuple(whole.duration.counts), tuple(whole.response.counts))]

    def take(self, now: float, users: int, wanted: Wanted, series: Iterable[Series]) -> None:
        """Each second: active users, what there should be, and all that was counted so far."""
        if now - self._moments[-1].at < self._seconds:
            return
        whole = totals(series)
        counts = tuple(whole.duration.counts), tuple(whole.response.counts)
        self._moments.append(_Moment(now, users, wanted, whole.failed, *counts))
        if len(self._moments) > MOST_POINTS:
            self._moments = self._moments[::2]
            self._seconds *= 2

    def points(self) -> list[dict[str, Any]]:
        """Between each two moments: rates, and quantiles; None where nothing succeeded, or the model is not the open one."""
        return [self._point(before, now) for before, now in pairwise(self._moments)]

    def _point(self, before: _Moment, now: _Moment) -> dict[str, Any]:
        counts, responses = _grown(before.counts, now.counts), _grown(before.responses, now.responses)
        failed, seconds = now.failed - before.failed, now.at - before.at
        dropped = None if now.wanted.per_second is None else (now.wanted.dropped - before.wanted.dropped) / seconds
        return {
            "seconds": now.at - self._start,
            "users": now.users,
            "target_users": now.wanted.users,
            "wanted_per_second": now.wanted.per_second,
            "dropped_per_second": dropped,
            "per_second": (sum(counts) + failed) / seconds,
            "failed_per_second": failed / seconds,
            **{name: quantile(level, self._edges, counts) for name, level in _LEVELS.items()},
            "response_p95": quantile(_LEVELS["p95"], self._edges, responses),
        }


def _grown(before: tuple[int, ...], now: tuple[int, ...]) -> list[int]:
    return [new - old for new, old in zip(now, before, strict=True)]
