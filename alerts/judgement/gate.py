"""The gate's judgement: a few runs against a baseline, by Welch's t over both sides (DESIGN.md, Degradation and severity).

The live rules judge by generated constants (`limits`); the gate has both sides' runs, and takes each side's own spread.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.judgement.limits import tolerated
from alerts.judgement.quantiles import normal_upper_tail, t_quantile
from alerts.judgement.verdict import Estimate, verdict
from steadyline.baseline import GATE_RUNS, Baseline
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, Verdict

UNSETTLED = frozenset({Verdict.SUSPECT, Verdict.INCONCLUSIVE})
"""Measured again by itself, up to a bound."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What some runs come to beside a baseline.

    Attributes:
        verdict: of the table.
        ratio: R, above 1 worse; None without a run.
        estimate: R with its limits; None under the minimum of runs.
        runs: m.
    """

    verdict: Verdict
    ratio: float | None
    estimate: Estimate | None
    runs: int

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, in a few words."""
        if self.estimate is None:
            return f"{self.runs} of {GATE_RUNS} runs"
        found = self.estimate
        return f"R above {found.lower99:.2f} at 99 %; above {found.lower90:.2f}, and below {found.upper90:.2f}, at 90 %"


@dataclass(frozen=True, slots=True)
class _Side:
    """Log mean, spread and number of runs of one side; a sourced constant has no error of its own."""

    log_mean: float
    variance: float
    degrees: float


def judge(run_means: Sequence[float], baseline: Baseline, items: int) -> Judgement:
    """Judge the runs' mean seconds per call.

    Args:
        run_means: one a run, above 0.
        baseline: what the operation is held to.
        items: how many one call handles.
    """
    runs = len(run_means)
    if not runs or min(run_means) <= 0:
        return Judgement(Verdict.NO_DATA, None, None, runs)
    current, held = _current(run_means), _held(baseline, items)
    log_ratio = current.log_mean - held.log_mean
    if runs < GATE_RUNS:
        return Judgement(Verdict.NO_DATA, math.exp(log_ratio), None, runs)
    estimate = _estimate(log_ratio, current, held)
    return Judgement(verdict(estimate, baseline.tolerance), estimate.ratio, estimate, runs)


def is_settled(judgement: Judgement, tolerance: float) -> bool:
    """Whether more runs would only say it again; a warning that may yet be critical is not."""
    if judgement.verdict in UNSETTLED:
        return False
    estimate = judgement.estimate
    open_above = estimate is not None and estimate.upper90 > max(1 + CRITICAL_DEGRADATION, tolerated(tolerance))
    return not (judgement.verdict is Verdict.WARNING and open_above)


def _current(run_means: Sequence[float]) -> _Side:
    logs = [math.log(mean) for mean in run_means]
    spread = max(statistics.stdev(logs), LIVE.spread_floor) if len(logs) > 1 else LIVE.spread_floor
    return _Side(statistics.fmean(logs), spread**2 / len(logs), max(1, len(logs) - 1))


def _held(baseline: Baseline, items: int) -> _Side:
    log_mean = math.log(baseline.seconds_per_call(items))
    if baseline.runs is None:
        return _Side(log_mean, 0.0, math.inf)
    spread = max(baseline.spread, LIVE.spread_floor)
    return _Side(log_mean, spread**2 / baseline.runs, baseline.runs - 1)


def _estimate(log_ratio: float, current: _Side, held: _Side) -> Estimate:
    """Welch: the variances add, and the degrees of freedom are Satterthwaite's."""
    variance = current.variance + held.variance
    degrees = variance**2 / sum(side.variance**2 / side.degrees for side in (current, held))
    error = math.sqrt(variance)
    detect, grade = (t_quantile(normal_upper_tail(z), degrees) for z in (LIVE.detect_level_z, LIVE.grade_level_z))
    return Estimate(
        ratio=math.exp(log_ratio),
        lower99=math.exp(log_ratio - detect * error),
        lower90=math.exp(log_ratio - grade * error),
        upper90=math.exp(log_ratio + grade * error),
    )
