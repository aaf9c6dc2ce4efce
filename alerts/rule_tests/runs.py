"""Unit tests of what a run is and of how the slow rule reads many: too few successes, runs that spread, a mended last run."""

import math
from typing import Any

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule, relative_error
from alerts.rule_tests.cases import CRITICAL, EPSILON, INFO, WARNING, Case, severities_at
from alerts.rule_tests.checks import case_label, case_name, expected, inputs_of, silent, test
from alerts.rule_tests.series import SLOW_STEP_SECONDS, STEP_SECONDS, Phase
from alerts.rules.recording import run_windows
from steadyline.live import LIVE
from steadyline.promql import duration, number, quoted
from steadyline.vocabulary import LOWER99_SLOW

Document = dict[str, Any]
SWING = 0.4
"""How far runs lie from their log mean: so far that even sqrt(m / (m - 1)) moves the limit by more than EPSILON."""


def few_successes_test(name: str, one: Judged) -> Document:
    """Among skipped starts one slow success too few is no regression; an operation so slow that few end in a run is one."""
    cadence, timeout = one.cadence_seconds, one.operation.timeout_seconds
    longest = run_windows(cadence, timeout)[-1]
    seconds, slow = one.baseline.seconds_per_call(one.operation.items), 0.75 * timeout
    lasting = max(math.ceil(longest / STEP_SECONDS) * STEP_SECONDS, 2 * slow) + LIVE.for_seconds + STEP_SECONDS
    few, several = (LIVE.minimum_successes - 1) * cadence / longest, cadence / max(slow, cadence)
    ratio = max(2.5, slow / seconds)
    cases = [Case("too-few", ratio), Case("so-slow", slow / seconds, severities_at(one, slow / seconds))]
    inputs = [
        document
        for case, share in zip(cases, (few, several), strict=True)
        for document in inputs_of(one, case.name, [Phase(lasting, case.ratio * seconds, share, skipped=1 - share)])
    ]
    return test(name, inputs, [expected(one, lasting, cases)])


def spread_test(rule: str, one: Judged) -> Document:
    """Runs that swing by turns: their own spread counts where it is the larger, and moves the limit out."""
    window = LIVE.fast_window_seconds(one.cadence_seconds)
    # Off the whole windows, where a step more or less would be judged.
    at, m = (LIVE.slow_runs + 1) * window + SLOW_STEP_SECONDS, LIVE.slow_runs
    swing = max(SWING, 2 * one.limits.spread)
    error = swing * math.sqrt(m / (m - 1)) * relative_error(m, one.limits.runs)
    limit = one.limits.tolerated * math.exp(one.limits.detect_quantile(Rule.SLOW) * error)
    seconds = one.baseline.seconds_per_call(one.operation.items)
    cases = {"spread-minus": limit * (1 - EPSILON), "spread-plus": limit * (1 + EPSILON)}
    inputs = [
        document
        for name, ratio in cases.items()
        for document in inputs_of(one, name, _swinging(window, ratio * seconds, swing), SLOW_STEP_SECONDS)
    ]
    label = case_label(one)
    over = f"{one.selection.of(LOWER99_SLOW)} > {number(one.limits.tolerated)}"
    sample = {"labels": f"{{{label}={quoted(case_name(one, 'spread-plus'))}}}", "value": 1}
    check = {"expr": f"count by ({label}) ({over})", "eval_time": duration(at), "exp_samples": [sample]}
    return test(f"{rule}: runs that spread more than the baseline's", inputs, [check])


def _swinging(window: float, seconds: float, swing: float) -> list[Phase]:
    signs = (1 if run % 2 else -1 for run in range(LIVE.slow_runs + 2))
    return [Phase(window, seconds * math.exp(sign * swing)) for sign in signs]


def mended_runs_test(rule: str, one: Judged) -> Document:
    """The last run back at the baseline: silent after keep_firing_for, though the twenty together are still far over."""
    window = LIVE.fast_window_seconds(one.cadence_seconds)
    worse = (LIVE.slow_runs + 1) * window
    mended = window + LIVE.keep_firing_seconds + 2 * SLOW_STEP_SECONDS
    seconds = one.baseline.seconds_per_call(one.operation.items)
    ratio = 2 * one.limits.critical * max(one.limits.detect_margin(rule) for rule in Rule)
    phases = [Phase(worse, ratio * seconds), Phase(mended + SLOW_STEP_SECONDS, seconds)]
    before = Case("mended-run", ratio, (CRITICAL, INFO, WARNING))
    still = f"count({one.selection.of(LOWER99_SLOW)} > {number(one.limits.critical)})"
    checks = [
        expected(one, worse, [before]),
        {"expr": still, "eval_time": duration(worse + mended), "exp_samples": [{"labels": "{}", "value": 1}]},
        silent(worse + mended),
    ]
    return test(f"{rule}: the last run mended", inputs_of(one, "mended-run", phases, SLOW_STEP_SECONDS), checks)
