"""Numbers over time as a line of bars, as wide as there is room for."""

import math
from collections.abc import Iterator, Sequence

from steadyline.severity import CRITICAL_DEGRADATION

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """Positive values, oldest first, on the scale of logarithms; the lowest bar is the lowest of them.

    The highest bar is at least a critical degradation above it, so that noise does not look like mountains.

    Args:
        values: above 0.
        width: most characters; where there are more values, each bar is the mean of some that follow each other.
    """
    logs = list(shared([math.log(value) for value in values], width))
    if not logs:
        return ""
    low = min(logs)
    span = max(max(logs) - low, math.log1p(CRITICAL_DEGRADATION))
    return "".join(BARS[round((log - low) / span * (len(BARS) - 1))] for log in logs)


def shared(values: Sequence[float], places: int) -> Iterator[float]:
    """At most so many values: the means of parts of the same length, give or take one."""
    count = min(len(values), places)
    for place in range(count):
        part = values[place * len(values) // count : (place + 1) * len(values) // count]
        yield sum(part) / len(part)
