"""How cost grows as work grows: the exponent of a power law through one family's sizes."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from runner.measured import Measured
from steadyline.operation import GROWN_SIZES

WORDS = (
    (0.2, "hardly grows"),
    (0.8, "grows slower than the work"),
    (1.2, "grows as the work does"),
    (math.inf, "grows faster than the work"),
)
"""What an exponent under each limit says."""


@dataclass(frozen=True, slots=True)
class Growth:
    """One family on one target.

    Attributes:
        family: `backend.name`, without a size.
        target: the target's alias.
        exponent: b of seconds = a * size ** b: 0 does not grow, 1 grows as the work does, 2 with its square.
        points: size and mean seconds, ascending.
    """

    family: str
    target: str
    exponent: float
    points: tuple[tuple[int, float], ...]

    @property
    def words(self) -> str:
        """What the exponent means."""
        return next(words for below, words in WORDS if self.exponent < below)


def exponent(points: Iterable[tuple[int, float]]) -> float:
    """The slope of log seconds over log size, by least squares; two or more different sizes above 0, seconds above 0."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    slope, _ = statistics.linear_regression(*zip(*logs, strict=True))
    return slope


def growths(measured: Iterable[Measured]) -> list[Growth]:
    """One for each family of which enough sizes were measured."""
    families: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for one in measured:
        operation, mean = one.chosen.operation, one.mean_seconds
        if operation.size and mean:
            families[operation.family, one.chosen.alias].append((operation.size, mean))
    return [
        Growth(family, target, exponent(points), tuple(sorted(points)))
        for (family, target), points in families.items()
        if len(points) >= GROWN_SIZES
    ]
