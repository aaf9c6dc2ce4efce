"""Paired timing: two things in turn in one run, so that the machine's drift cancels in their ratio."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was asked, what was measured, and whether it was reached."""

    what: str
    asked: str
    measured: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Ratio:
    """Medians over the pairs of A, of B, and of A/B, each pair timed back to back."""

    a_seconds: float
    b_seconds: float
    a_over_b: float


def paired(
    a: Callable[[], object], b: Callable[[], object], *, pairs: int, change: Callable[[], object] = lambda: None
) -> Ratio:
    """Time a and b alternately, in both orders; `change` runs untimed before each, so that no answer can be reused."""
    times: list[tuple[float, float]] = []
    for pair in range(pairs):
        first, second = (a, b) if pair % 2 else (b, a)
        change()
        one = _timed(first)
        change()
        two = _timed(second)
        times.append((one, two) if pair % 2 else (two, one))
    return Ratio(
        statistics.median(x for x, _ in times),
        statistics.median(y for _, y in times),
        statistics.median(x / y for x, y in times),
    )


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
