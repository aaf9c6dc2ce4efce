"""Where a value lies in a picture: a logarithmic axis, so that the same slowdown is as long everywhere, and its marks."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NICE = (1.0, 2.0, 5.0)
_FINE = 5.0
"""Under this factor from end to end the marks are evenly apart; over it they are 1, 2 and 5 of each power of ten."""
_MOST_MARKS = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis.

    Attributes:
        low: the value at `start`; above 0.
        high: the value at `end`; above `low`.
        start: in the picture's own units.
        end: likewise; under `start` where the axis points up.
    """

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies; what is outside lies on the end that is nearer."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def marks(self) -> list[float]:
        """Round values on it."""
        found = even(self.low, self.high) if self.high / self.low < _FINE else list(_powers(self.low, self.high))
        return found[:: -(-len(found) // _MOST_MARKS)] if found else [self.low]


def around(values: Iterable[float], margin: float = 1.08) -> tuple[float, float]:
    """The lowest and the highest of some values above 0, and a little room; never the same."""
    found = [value for value in values if value > 0 and math.isfinite(value)] or [1.0]
    return min(found) / margin, max(found) * margin


def even(low: float, high: float) -> list[float]:
    """Round values that are evenly apart."""
    least = (high - low) / (_MOST_MARKS - 1)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(nice * power for nice in (*_NICE, 10.0) if nice * power >= least)
    return [round(count * step, 12) for count in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _powers(low: float, high: float) -> Iterator[float]:
    most = math.log10(high / low)
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for nice in _NICE if most < 2 else (1.0,):  # noqa: PLR2004 - over two powers of ten these alone
            if low <= nice * 10.0**power <= high:
                yield nice * 10.0**power
