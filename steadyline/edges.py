"""Histogram edges: one ladder common to all operations, and each operation's own from its baseline and budget."""

from collections.abc import Iterable

from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION

SIGNIFICANT_DIGITS = 4
"""An edge is rounded so that 0.05 x 1.15 does not become 0.057499999999999996 in `le`."""


def rounded(edge: float) -> float:
    """The edge at four significant digits: finer than any tolerance, and short in `le`."""
    return float(f"{edge:.{SIGNIFICANT_DIGITS}g}")


LADDER: tuple[float, ...] = (
    *[rounded(base * 10.0**decade) for decade in range(-4, 2) for base in (1, 1.778, 3.162, 5.623)][:-1],
    60.0,
)
"""100 us to 60 s, four edges a decade, seconds. Sums over operations use these only, because all of them have them."""

_BASELINE_MULTIPLES = (0.7, 0.85, 1.0, 1 + WARNING_DEGRADATION, 1 + CRITICAL_DEGRADATION, 1.5, 2.0)


def own_edges(baseline_seconds: float | None, tolerance: float, limits_seconds: Iterable[float] = ()) -> tuple[float, ...]:
    """The operation's own edges: where a baseline is crossed, a quantile needs no interpolation.

    Args:
        baseline_seconds: the baseline as seconds per call, or None where only the budget judges.
        tolerance: the baseline's tolerance, a fraction.
        limits_seconds: absolute limits: the budget, and `--expect` limits.

    Returns:
        Sorted distinct edges in seconds, without the ladder.
    """
    multiples = (*_BASELINE_MULTIPLES, 1 + tolerance) if baseline_seconds else ()
    edges = {rounded((baseline_seconds or 0) * multiple) for multiple in multiples}
    return tuple(sorted(edges | {rounded(limit) for limit in limits_seconds}))


def with_ladder(own: Iterable[float]) -> tuple[float, ...]:
    """The ladder and the given edges, sorted and distinct: the `le` of one operation's histogram, without +Inf."""
    return tuple(sorted({*LADDER, *own}))
