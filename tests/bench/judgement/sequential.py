"""A comparison as the gate makes it: a few runs, and further ones while they settle nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.judgement.gate import Family, Judgement, is_settled, judge
from alerts.judgement.limits import Limits
from alerts.record.baseline import log_mean_and_spread
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import Driver

ALARMS = frozenset({Verdict.WARNING, Verdict.CRITICAL})
PASSES = frozenset({Verdict.OK, Verdict.INFO, Verdict.IMPROVED})
"""What exits with 0 under the default `--fail-on warning`."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a comparison came to, and after how many runs."""

    judgement: Judgement
    runs: int

    @property
    def verdict(self) -> Verdict:
        """Of the last look."""
        return self.judgement.verdict


def held(run_means: Sequence[float], tolerance: float) -> Baseline:
    """The baseline that `baseline record` makes of these runs; what does not judge is left empty."""
    value, spread = log_mean_and_spread(run_means)
    recorded = Recorded(
        at="", host="", revision="", runs=len(run_means), samples=0, cadence_seconds=None, quantiles={}, edges=(), versions={}
    )
    return Baseline(
        operation="replayed.operation",
        driver=Driver.BENCH,
        quantity=Quantity.DURATION,
        value=value,
        tolerance=tolerance,
        spread=spread,
        source="replayed",
        target="replayed",
        recorded=recorded,
    )


def concluded(baseline: Baseline, run_means: Sequence[float], family: Family) -> Concluded:
    """Judge the first runs, and one more each time while that is not settled, up to the bound or as many as there are."""
    most = min(GATE_MOST_RUNS, len(run_means))
    for runs in range(GATE_RUNS, most + 1):
        judgement = judge(run_means[:runs], baseline, 1, family)
        if is_settled(judgement) or runs == most:
            return Concluded(judgement, runs)
    return Concluded(judge(run_means, baseline, 1, family), most)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Of a gate with these verdicts under `--fail-on warning`."""
    seen = set(verdicts)
    return 1 if seen & ALARMS else 0 if seen <= PASSES else 3


def level(step: float, tolerance: float) -> Severity | None:
    """The severity of a true step R, without any noise."""
    limits = Limits(tolerance, spread=0.0, runs=None, budget_z=0.0)
    if step <= limits.tolerated:
        return None
    return Severity.CRITICAL if step > limits.critical else Severity.WARNING
