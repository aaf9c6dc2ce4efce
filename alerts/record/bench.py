"""From the suite runner's rounds to a recorded baseline of the gate; pure."""

import math
from collections.abc import Mapping, Sequence

from alerts.judgement.limits import relative_error, tolerated
from alerts.record.baseline import Circumstances, log_mean_and_spread
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS, Baseline, Quantity
from steadyline.live import LIVE
from steadyline.vocabulary import Driver

SURE_ERRORS = 3
"""So many errors high an unchanged operation may be measured, and its comparison is still settled: one in 700 is higher."""


def is_long_enough(run_means: Sequence[float], tolerance: float) -> bool:
    """Whether a comparison of an operation that did not change will be settled by these runs, within the bound of its own.

    After the most runs that a comparison makes, its upper limit must stay under W. What spreads so much that it would not
    is recorded longer, up to the same bound.

    Args:
        run_means: mean seconds per call, one a round.
        tolerance: t, a fraction.
    """
    if len(run_means) < GATE_RUNS or min(run_means) <= 0:
        return True  # there is no such baseline, however long it goes on
    spread = max(log_mean_and_spread(run_means)[1], LIVE.spread_floor)
    error = spread * relative_error(GATE_MOST_RUNS, len(run_means))
    return (SURE_ERRORS + LIVE.grade_level_z) * error <= math.log(tolerated(tolerance))


def refusal(operation: str, target: str, run_means: Sequence[float], failures: Mapping[str, int]) -> str:
    """Why an operation gets no baseline from these rounds, as one sentence; empty where it gets one."""
    if count := sum(failures.values()):
        reasons = ", ".join(reason if len(failures) == 1 else f"{number} {reason}" for reason, number in failures.items())
        told = f"{count} {'attempt' if count == 1 else 'attempts'} failed ({reasons})"
        return f"{operation} on {target}: {told}; mend that first (steadyline probe {operation} --debug)"
    if len(run_means) < GATE_RUNS:
        return f"{operation} on {target}: {len(run_means)} rounds, and a baseline of the gate needs {GATE_RUNS}"
    return "" if min(run_means) > 0 else f"{operation} on {target}: it took no time at all; there is nothing to hold it to"


def baseline(  # noqa: PLR0917 - the facts of one baseline
    operation: str, target: str, run_means: Sequence[float], samples: int, tolerated: tuple[float, bool], facts: Circumstances
) -> Baseline:
    """The baseline of one operation on one target.

    Args:
        operation: its full name.
        target: the target's alias.
        run_means: mean seconds per call, one a round; five or more, above 0.
        samples: attempts over all rounds.
        tolerated: the tolerance, and whether it is the default.
        facts: what else is kept.
    """
    value, spread = log_mean_and_spread(run_means)
    return Baseline(
        operation=operation,
        driver=Driver.BENCH,
        quantity=Quantity.DURATION,
        value=value,
        tolerance=tolerated[0],
        tolerance_is_default=tolerated[1],
        spread=spread,
        source=f"recorded {facts.at} over {len(run_means)} rounds",
        target=target,
        recorded=facts.recorded(len(run_means), samples, None),
    )
