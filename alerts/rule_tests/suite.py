"""The rules' own unit tests for promtool: silence minute by minute, then firing, at each limit of each baseline.

The inputs come from `Limits`, the rules from the formula in PromQL: the two must agree to two parts in a thousand.
Each case is a target of its own, so that one run of the rules tries all of them; where the baseline is a target's own, the
cases differ in their backend instead, and each is called by the target too.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from alerts.judgement.judged import Judged, judged, judged_under_load
from alerts.judgement.limits import Rule
from alerts.rule_tests.cases import CRITICAL, WARNING, Case, fast_cases, slow_cases
from alerts.rule_tests.checks import cases_inputs, expected, inputs_of, silence, silent, test
from alerts.rule_tests.health import QUIET, health_test
from alerts.rule_tests.load import load_tests, slow_load_tests
from alerts.rule_tests.runs import few_successes_test, mended_runs_test, spread_test
from alerts.rule_tests.series import SLOW_STEP_SECONDS, STEP_SECONDS, Phase
from steadyline.baseline import ANY, Baseline
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.promql import duration
from steadyline.settings import Settings
from steadyline.severity import Severity

Document = dict[str, Any]


def unit_tests(
    operations: Mapping[str, Operation], baselines: Iterable[Baseline], settings: Settings, rule_file: str
) -> tuple[Document, Document]:
    """The test files for `promtool test rules`: of the fast rule and all else, and of the slow rule.

    They are two because the slow rule's tests last an hour, and see enough at an evaluation each 15 s.

    Args:
        operations: the catalogue, by name.
        baselines: those the rules are made from.
        settings: as the rules'.
        rule_file: the rules' name, beside the tests.
    """
    known = list(baselines)
    found = judged(operations, known, settings)
    by_cadence = [
        (cadence, list(group))
        for cadence, group in groupby(sorted(found, key=lambda j: j.cadence_seconds), key=lambda j: j.cadence_seconds)
    ]
    fast = [test for cadence, group in by_cadence for test in _fast_tests(cadence, group)]
    slow = [_slow_test(cadence, group) for cadence, group in by_cadence]
    for cadence, group in by_cadence[:1]:
        slow += [make(f"slow rule at {cadence:g} s", group[0]) for make in (spread_test, mended_runs_test)]
    loaded = list(load_tests(judged_under_load(operations, known, settings)))
    slow += list(slow_load_tests(judged_under_load(operations, known, settings)))
    health = health_test(operations, [one for one in found if one.baseline.target == ANY])
    return _document(rule_file, STEP_SECONDS, [*fast, *loaded, health]), _document(rule_file, SLOW_STEP_SECONDS, slow)


def _document(rule_file: str, step_seconds: float, tests: list[Document]) -> Document:
    interval = duration(step_seconds)
    return {
        "rule_files": [rule_file],
        "evaluation_interval": interval,
        "tests": [{"name": test["name"], "interval": interval, **test} for test in tests],
    }


def _fast_tests(cadence: float, group: list[Judged]) -> Iterator[Document]:
    """Nothing while quiet; a window and `for` after the step, what each case expects."""
    window = LIVE.fast_window_seconds(cadence)
    quiet = max(QUIET, 2 * window)
    lasting = window + LIVE.for_seconds + STEP_SECONDS
    inputs, final = cases_inputs(group, fast_cases, quiet, lasting, STEP_SECONDS)
    name = f"fast rule at {cadence:g} s: each limit, minus and plus, from the baseline and from 2 ms"
    yield test(name, inputs, [*silence(quiet), *final])
    for one in [one for one in group if _milder_lets_go_first(one, window)][:1]:
        yield _mended_test(f"mended at {cadence:g} s: the milder alert lets go first", one, quiet, window)
    yield few_successes_test(f"few successes at {cadence:g} s: one is no mean, some over a longer window are", group[0])


def _slow_test(cadence: float, group: list[Judged]) -> Document:
    """Constant latency over all runs of the slow rule, for one operation of each kind; under its fewest runs, nothing."""
    lasting = (LIVE.slow_runs + 1) * LIVE.fast_window_seconds(cadence) + SLOW_STEP_SECONDS
    examples = list({_kind(one): one for one in reversed(group)}.values())
    inputs, final = cases_inputs(examples, slow_cases, 0.0, lasting, SLOW_STEP_SECONDS)
    too_soon = (LIVE.minimum_slow_runs - 1) * LIVE.fast_window_seconds(cadence)
    checks = [silent(too_soon, 'severity="info"'), *final]
    return test(f"slow rule at {cadence:g} s: each limit, minus and plus, constant latency", inputs, checks)


def _kind(one: Judged) -> tuple[Any, ...]:
    """What the slow rule's limits hang on."""
    return one.baseline.tolerance, one.baseline.quantity, one.limits.spread, one.limits.runs, one.baseline.target


def _mended_ratio(one: Judged) -> float:
    """A ratio that is critical beyond doubt."""
    return max(2.5, 1.5 * one.limits.threshold(Severity.CRITICAL, Rule.FAST))


def _milder_lets_go_first(one: Judged, window: float) -> bool:
    """Whether a mean that mends leaves warning soon after critical: the longer a run, the longer it lies in between."""
    warning, critical = (one.limits.threshold(severity, Rule.FAST) for severity in (Severity.WARNING, Severity.CRITICAL))
    between = window * (critical - warning) / (_mended_ratio(one) - 1)
    return between < LIVE.keep_firing_seconds - LIVE.keep_firing_mild_seconds - 2 * STEP_SECONDS


def _mended_test(name: str, one: Judged, quiet: float, window: float) -> Document:
    """A step that is critical and goes: critical is told to the last, and after keep_firing_for all is silent."""
    critical = one.limits.threshold(Severity.CRITICAL, Rule.FAST)
    seconds, ratio = one.baseline.seconds_per_call(one.operation.items), _mended_ratio(one)
    slow = 2 * window + LIVE.for_seconds
    kept = window + LIVE.keep_firing_seconds + 2 * STEP_SECONDS
    phases = [Phase(quiet, seconds), Phase(slow, ratio * seconds), Phase(kept + STEP_SECONDS, seconds)]
    end = quiet + slow
    over_critical = window * (ratio - critical) / (ratio - 1)
    last = math.floor((end + over_critical + LIVE.keep_firing_seconds) / STEP_SECONDS - 2) * STEP_SECONDS
    checks = [
        *silence(quiet),
        expected(one, end, [Case("mended", ratio, (CRITICAL, WARNING))]),
        expected(one, last, [Case("mended", ratio, (CRITICAL,))]),
        silent(end + kept),
    ]
    return test(name, inputs_of(one, "mended", phases), checks)
