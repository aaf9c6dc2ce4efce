"""Whether it is rather the machine that got slower than the program: most operations take longer by much the same factor."""

import math
from statistics import quantiles

from alerts.judgement.limits import tolerated
from steadyline.baseline import GATE_RUNS
from steadyline.cli.run_result import Results
from steadyline.vocabulary import Driver

FEWEST = GATE_RUNS
"""Operations: of fewer nobody can say that they are alike."""
MOST_OF_ALL = 0.8
"""This share of them is slower than is tolerated."""
ALIKE = math.log(1.15)
"""The middle half of their factors is as near to the median, on the scale of logarithms."""


def told(results: Results) -> str:
    """A sentence without its end; empty where the operations differ, or where a machine's slowness cancels as in an A/B."""
    if results.made.driver not in (Driver.BENCH, Driver.PROBE):
        return ""
    judged = [row for row in results.rows if row.ratio is not None and row.verdict is not None]
    slower = [math.log(row.ratio) for row in judged if row.ratio and row.ratio > tolerated(row.tolerance or 0)]
    if len(slower) < max(FEWEST, MOST_OF_ALL * len(judged)):
        return ""
    low, middle, high = quantiles(slower, n=4)
    if max(high - middle, middle - low) > ALIKE:
        return ""
    busy = f" ({results.made.machine})" if results.made.machine else ""
    many = "All" if len(slower) == len(judged) else f"{len(slower)} of {len(judged)}"
    return f"{many} are about {math.exp(middle):.1f}x: rather the machine than the program{busy}; --ab cancels it"
