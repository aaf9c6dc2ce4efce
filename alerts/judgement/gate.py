"""The gate's judgement: a few runs against a baseline (DESIGN.md, Degradation and severity; docs/adr/0016-judgement.md).

The error of log R is the live rules' own, `s * sqrt(1/m + 1/k)` with the larger of both sides' spreads. What differs is how
far out the limits lie: a gate has few runs, so that its quantiles are Student's, and it judges all operations at once, so that
the rate of false alarms is held over all of them together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from alerts.judgement.limits import LARGEST_EXPONENT, relative_error, tolerated
from alerts.judgement.quantiles import normal_upper_tail, t_quantile
from alerts.judgement.verdict import Estimate, verdict
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS, Baseline
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, Verdict

UNSETTLED = frozenset({Verdict.SUSPECT, Verdict.INCONCLUSIVE})
"""Measured again by itself, up to a bound."""
LOOKS = GATE_MOST_RUNS - GATE_RUNS + 1
"""How often an operation is judged at most: after the fewest runs, and after each further one up to the bound."""


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that is judged together: in one of so many such families there is a false alarm.

    Attributes:
        operations: how many are judged.
        rate: of families in which nothing got slower that may have an alarm all the same.
    """

    operations: int = 1
    rate: float = LIVE.gate_false_alarm_rate

    @property
    def tail(self) -> float:
        """What is left of the rate for each look at each operation (Bonferroni)."""
        return self.rate / (max(1, self.operations) * LOOKS)


ALONE = Family()
"""An operation that is judged by itself."""


class Quantiles(NamedTuple):
    """How many errors away from R its limits lie."""

    detect: float
    grade: float


class Judgement(NamedTuple):
    """What some runs come to beside a baseline. A tuple, as `Estimate`.

    Attributes:
        verdict: of the table.
        ratio: R, above 1 worse; None without a run.
        estimate: R with its limits; None under the minimum of runs.
        runs: m.
        tolerance: t, a fraction.
        needed: the minimum of runs.
    """

    verdict: Verdict
    ratio: float | None
    estimate: Estimate | None
    runs: int
    tolerance: float
    needed: int = GATE_RUNS

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, in a few words."""
        if self.estimate is None:
            return f"{self.runs} of {self.needed} runs" if self.runs else "no run with a time above 0"
        return self.estimate.reason(self.verdict, self.tolerance)


def judge(run_means: Sequence[float], baseline: Baseline, items: int, family: Family = ALONE) -> Judgement:
    """Judge the runs' mean seconds per call.

    Args:
        run_means: one a run, above 0.
        baseline: what the operation is held to.
        items: how many one call handles.
        family: what else is judged with it.
    """
    runs = len(run_means)
    if not runs or min(run_means) <= 0:
        return Judgement(Verdict.NO_DATA, None, None, 0, baseline.tolerance)
    log_ratio, error = beside(run_means, baseline, items)
    if runs < GATE_RUNS:
        return Judgement(Verdict.NO_DATA, _exponential(log_ratio), None, runs, baseline.tolerance)
    chosen = quantiles(error, runs, baseline.runs, baseline.tolerance, family)
    return judged(log_ratio, error, chosen, runs, baseline.tolerance)


def beside(run_means: Sequence[float], baseline: Baseline, items: int) -> tuple[float, float]:
    """Log R of some runs beside a baseline, and its error, as the gate and the live slow rule take them."""
    logs = list(map(math.log, run_means))
    mean, spread = _mean_and_spread(logs)
    log_ratio = mean - math.log(baseline.seconds_per_call(items))
    return log_ratio, max(spread, baseline.spread) * relative_error(len(logs), baseline.runs)


def judge_pairs(log_ratios: Sequence[float], tolerance: float, family: Family = ALONE) -> Judgement:
    """Judge B against A where both ran in turn: what slowed one round of the machine is in both, and cancels.

    Args:
        log_ratios: log(B / A), one a round.
        tolerance: t, a fraction.
        family: what else is judged with it.
    """
    runs = len(log_ratios)
    if not runs:
        return Judgement(Verdict.NO_DATA, None, None, 0, tolerance)
    mean, spread = _mean_and_spread(log_ratios)
    if runs < GATE_RUNS:
        return Judgement(Verdict.NO_DATA, _exponential(mean), None, runs, tolerance)
    error = spread * relative_error(runs, None)
    return judged(mean, error, quantiles(error, runs, None, tolerance, family), runs, tolerance)


def judged(log_ratio: float, error: float, chosen: Quantiles, runs: int, tolerance: float) -> Judgement:
    """The one judgement of every face: the limits of R by its error and the quantiles, and the table's verdict on them."""
    estimate = Estimate(
        ratio=_exponential(log_ratio),
        lower99=_exponential(log_ratio - chosen.detect * error),
        lower90=_exponential(log_ratio - chosen.grade * error),
        upper90=_exponential(log_ratio + chosen.grade * error),
    )
    return Judgement(verdict(estimate, tolerance), estimate.ratio, estimate, runs, tolerance)


def _exponential(logarithm: float) -> float:
    """What spreads beyond all measure can show nothing, which is no reason to overflow."""
    return math.exp(max(-LARGEST_EXPONENT, min(logarithm, LARGEST_EXPONENT)))


def _mean_and_spread(logs: Sequence[float]) -> tuple[float, float]:
    """With s not under the floor; as statistics.stdev, whose fractions take fifty times as long."""
    count = len(logs)
    mean = sum(logs) / count
    if count == 1:
        return mean, LIVE.spread_floor
    return mean, max(math.dist(logs, [mean] * count) / math.sqrt(count - 1), LIVE.spread_floor)


def quantiles(error: float, runs: int, baseline_runs: int | None, tolerance: float, family: Family = ALONE) -> Quantiles:
    """Student's at 99 and 90 %, and to detect as far out as the family's rate of false alarms asks.

    R = 1 is ln(W) away from an alarm before any margin, as for the live rules (`limits.detect_quantile`); so the family widens
    the limits only where the runs spread much.
    """
    levels = _levels(runs, baseline_runs, tolerance, family.operations, family.rate)
    return Quantiles(max(levels.detect, levels.alone - levels.tolerated_log / error), levels.grade)


class _Levels(NamedTuple):
    """Student's quantiles at 99 and 90 % and at what is left of a family's rate, and ln(W)."""

    detect: float
    grade: float
    alone: float
    tolerated_log: float


@lru_cache
def _levels(runs: int, baseline_runs: int | None, tolerance: float, operations: int, rate: float) -> _Levels:
    """The same few for thousands of operations."""
    degrees = _degrees(runs, baseline_runs)
    detect, grade = (t_quantile(normal_upper_tail(z), degrees) for z in (LIVE.detect_level_z, LIVE.grade_level_z))
    return _Levels(detect, grade, t_quantile(Family(operations, rate).tail, degrees), math.log(tolerated(tolerance)))


def _degrees(runs: int, baseline_runs: int | None) -> float:
    """Satterthwaite's, of two sides that spread alike; a sourced constant (None) has no error of its own."""
    if baseline_runs is None:
        return runs - 1
    own, held = 1 / runs, 1 / baseline_runs
    return (own + held) ** 2 / (own**2 / (runs - 1) + held**2 / max(1, baseline_runs - 1))


def is_settled(judgement: Judgement) -> bool:
    """Whether more runs would only say it again; a warning that may yet be critical is not."""
    if judgement.verdict in UNSETTLED:
        return False
    estimate = judgement.estimate
    open_above = estimate is not None and estimate.upper90 > max(1 + CRITICAL_DEGRADATION, tolerated(judgement.tolerance))
    return not (judgement.verdict is Verdict.WARNING and open_above)


def smallest_step(baseline: Baseline, runs: int, family: Family = ALONE) -> float:
    """The R from which so many runs, spread as the baseline's, are a warning in about nine of ten cases; above 1.

    Args:
        baseline: recorded or sourced.
        runs: m, GATE_RUNS or more.
        family: what else is judged with it.
    """
    error = max(baseline.spread, LIVE.spread_floor) * relative_error(runs, baseline.runs)
    chosen = quantiles(error, runs, baseline.runs, baseline.tolerance, family)
    return tolerated(baseline.tolerance) * _exponential((chosen.detect + chosen.grade) * error)
