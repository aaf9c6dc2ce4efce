"""Change points: since which run an operation takes another time, and which revisions that lies between.

Where the points lie is asked of ruptures (the segments that leave the least squares, each point paid for); whether each is
more than noise is Student's t over the segments beside it. Noise is never taken for less than the judgement takes it.
"""

import importlib
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from types import ModuleType

from alerts.history.series import Point, Series
from alerts.judgement.quantiles import normal_quantile, t_quantile
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE

FALSE_ALARMS = 0.001
"""Of series in which nothing changes, so many have a change point all the same."""
SHORTEST = 3
"""Runs of a segment: one slow run is no new level, and two may share a cause."""
FEWEST = 2 * SHORTEST
"""Runs in which a change can be seen at all."""
_MAD = statistics.NormalDist().inv_cdf(0.75)
"""Median absolute value of a standard normal variable."""


@dataclass(frozen=True, slots=True)
class Change:
    """A step.

    Attributes:
        index: of the first run at the new level.
        last: the last run at the old level.
        first: the first run at the new level.
        before: seconds at the old level, up to the change before.
        after: seconds at the new level, up to the next change.
    """

    index: int
    last: Point
    first: Point
    before: float
    after: float

    @property
    def size(self) -> float:
        """How much slower, as a fraction; below 0 faster."""
        return self.after / self.before - 1

    @property
    def revisions(self) -> str:
        """Between which revisions it lies."""
        if self.last.revision == self.first.revision:
            return f"at {self.first.revision}"
        return f"{self.last.revision}..{self.first.revision}"

    @property
    def words(self) -> str:
        """In one line: `+9 % on 2026-11-20, a1b2c3d..d4e5f6a`."""
        return f"{self.size:+.0%} on {day(self.first.at)}, {self.revisions}".replace("%", " %")


def day(at: float) -> str:
    """The day of a moment, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def changes_of(series: Series) -> tuple[Change, ...]:
    """The change points of a series, oldest first.

    Raises:
        ConfigurationError: what finds them is not installed.
    """
    logs = [math.log(point.seconds) for point in series.points]
    bounds = [0, *steps(logs), len(logs)]
    levels = [statistics.fmean(logs[start:end]) for start, end in pairwise(bounds)]
    return tuple(
        Change(
            index=at,
            last=series.points[at - 1],
            first=series.points[at],
            before=math.exp(levels[number]),
            after=math.exp(levels[number + 1]),
        )
        for number, at in enumerate(bounds[1:-1])
    )


def steps(logs: Sequence[float]) -> list[int]:
    """Where the level of some logarithms changes: the index of the first at each new level.

    Raises:
        ConfigurationError: what finds them is not installed.
    """
    finder = ruptures()
    if len(logs) < FEWEST:
        return []
    z = normal_quantile(_tail(len(logs)))
    search = finder.KernelCPD(kernel="linear", min_size=SHORTEST)
    found = search.fit(_column(logs)).predict(pen=(z * _noise(logs)) ** 2)
    return _sure([int(at) for at in found[:-1]], logs)


def ruptures() -> ModuleType:
    """The library that finds them.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return importlib.import_module("ruptures")
    except ImportError:
        cure = "pip install 'steadyline[trend]'"
        if sys.version_info >= (3, 14):
            cure += ", under Python 3.13 or older"
        raise ConfigurationError(f"change points are found by ruptures, which is not installed: {cure}") from None


def _tail(runs: int) -> float:
    """Of each place where a step could be, up or down (Bonferroni)."""
    return FALSE_ALARMS / (2 * (runs - 1))


def _noise(logs: Sequence[float]) -> float:
    """From each run to the next, which no step of the level enlarges."""
    apart = statistics.median(abs(b - a) for a, b in pairwise(logs))
    return max(LIVE.spread_floor, apart / (_MAD * math.sqrt(2)))


def _column(logs: Sequence[float]) -> object:
    return importlib.import_module("numpy").array(logs).reshape(-1, 1)


def _sure(found: Sequence[int], logs: Sequence[float]) -> list[int]:
    """Without those that may be noise, the least sure one first: what it parted is then one segment."""
    kept = list(found)
    while kept:
        bounds = [0, *kept, len(logs)]
        excess = [_excess(logs[a:b], logs[b:c], len(logs)) for a, b, c in zip(bounds, bounds[1:], bounds[2:], strict=False)]
        least = min(range(len(kept)), key=excess.__getitem__)
        if excess[least] > 0:
            break
        del kept[least]
    return kept


def _excess(before: Sequence[float], after: Sequence[float], runs: int) -> float:
    """How far |t| between two segments is over what noise reaches, as a multiple of that; 0 and below is noise."""
    freedom = len(before) + len(after) - 2
    squares = sum(statistics.variance(part) * (len(part) - 1) for part in (before, after))
    spread = max(LIVE.spread_floor, math.sqrt(squares / freedom))
    error = spread * math.sqrt(1 / len(before) + 1 / len(after))
    apart = abs(statistics.fmean(after) - statistics.fmean(before))
    return apart / (error * t_quantile(_tail(runs), freedom)) - 1
