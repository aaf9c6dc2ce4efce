"""From the suite runner's rounds to a recorded baseline of the gate; pure."""

from collections.abc import Sequence

from alerts.record.baseline import Circumstances, log_mean_and_spread
from steadyline.baseline import GATE_RUNS, Baseline, Quantity
from steadyline.vocabulary import Driver


def refusal(operation: str, target: str, run_means: Sequence[float], failed: int) -> str:
    """Why an operation gets no baseline from these rounds, as one sentence; empty where it gets one."""
    if failed:
        return f"{operation} on {target}: {failed} attempts failed; mend that first (steadyline probe {operation} --debug)"
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
