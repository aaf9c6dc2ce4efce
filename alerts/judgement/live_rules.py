"""The live rules' judgement without Prometheus: the slow rule over the last runs, and the fast one on the last.

The same limits as `alerts.rules.recording` writes into PromQL, the same verdicts as the gate's (`gate.judged`): what differs
from the gate is how far out the limits lie, which follows from the false alarm budget of a month.
"""

import math
from collections.abc import Sequence

from alerts.judgement.gate import Judgement, Quantiles, beside, judged
from alerts.judgement.limits import Limits, Rule
from steadyline.baseline import Baseline
from steadyline.severity import Verdict

ALARMS = frozenset({Verdict.CRITICAL, Verdict.WARNING})
"""What a single run may be held against: of anything milder the fast rule says nothing."""


def slow(run_means: Sequence[float], baseline: Baseline, items: int, limits: Limits) -> Judgement:
    """The slow rule: the last runs together.

    Args:
        run_means: mean seconds per call of each run, above 0, the oldest first.
        baseline: what the operation is held to.
        items: how many one call handles.
        limits: of that baseline.
    """
    last = run_means[-limits.live.slow_runs :]
    if not last:
        return Judgement(Verdict.NO_DATA, None, None, 0, limits.tolerance, limits.live.minimum_slow_runs)
    log_ratio, error = beside(last, baseline, items)
    if len(last) < limits.live.minimum_slow_runs:
        return Judgement(
            Verdict.NO_DATA, math.exp(log_ratio), None, len(last), limits.tolerance, limits.live.minimum_slow_runs
        )
    return judged(log_ratio, error, quantiles(limits, Rule.SLOW), len(last), limits.tolerance)


def fast(run_mean: float, baseline: Baseline, items: int, limits: Limits) -> Judgement:
    """The fast rule: one run alone, with the baseline's spread; it alarms or says nothing (`ALARMS`).

    Args:
        run_mean: mean seconds per call, above 0.
        baseline: what the operation is held to.
        items: how many one call handles.
        limits: of that baseline.
    """
    log_ratio = math.log(run_mean / baseline.seconds_per_call(items))
    error = limits.spread * limits.error(Rule.FAST)
    return judged(log_ratio, error, quantiles(limits, Rule.FAST), 1, limits.tolerance)


def both(by_slow: Judgement, by_fast: Judgement | None) -> Judgement:
    """What the two come to: the slow rule's, unless the last run alone is an alarm, and a worse one."""
    if by_fast is None or by_fast.verdict not in ALARMS or by_slow.verdict is Verdict.CRITICAL:
        return by_slow
    return by_fast if by_fast.verdict is Verdict.CRITICAL or by_slow.verdict is not Verdict.WARNING else by_slow


def is_mended(run_mean: float, baseline: Baseline, items: int) -> bool:
    """Whether the last run is within the tolerance again, on which the slow rule's alert lets go."""
    return run_mean / baseline.seconds_per_call(items) <= 1 + baseline.tolerance


def quantiles(limits: Limits, rule: Rule) -> Quantiles:
    """How many errors away from R the limits of a live rule lie."""
    return Quantiles(limits.detect_quantile(rule), limits.live.grade_level_z)
