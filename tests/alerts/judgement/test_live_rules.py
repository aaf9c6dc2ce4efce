import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.judgement import live_rules
from alerts.judgement.gate import Family, judge
from alerts.judgement.limits import Rule, budget_quantile, limits_of, windows_judged
from alerts.judgement.live_rules import ALARMS
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.live import LIVE
from steadyline.severity import Severity, Verdict
from steadyline.vocabulary import Driver

BUDGET_Z = budget_quantile(LIVE.false_alarms_per_month, windows_judged([2.0] * 50))
STRICT = {Verdict.CRITICAL, Verdict.WARNING, Verdict.SUSPECT}
"""What the gate may say where a live rule warns."""


def baseline(spread=0.03, runs=120, tolerance=0.1, value=0.01):
    """Of a probe; a sourced constant where runs is None."""
    kept = Recorded("2026-01-01", "host", "abc", runs, 15 * runs, 2.0, {}, (), {}) if runs else None
    return Baseline(
        "sql.x", Driver.PROBE, Quantity.DURATION, value, tolerance, spread, "made up", target="main", recorded=kept
    )


def limits(held):
    """Under the default budget of false alarms over fifty operations."""
    return limits_of(held, BUDGET_Z)


def noisy(step, noise, runs, seed=0):
    """Run means of a baseline of 10 ms."""
    dice = random.Random(seed)
    return [0.01 * (1 + step) * math.exp(dice.gauss(0, noise)) for _ in range(runs)]


@pytest.mark.parametrize(
    ("step", "runs", "verdict"),
    [
        pytest.param(0.0, 20, Verdict.OK, id="as it was"),
        pytest.param(0.25, 20, Verdict.WARNING, id="a quarter slower"),
        pytest.param(0.45, 20, Verdict.CRITICAL, id="much slower"),
        pytest.param(0.45, 9, Verdict.NO_DATA, id="too few runs"),
        pytest.param(0.45, 0, Verdict.NO_DATA, id="none"),
        pytest.param(-0.5, 20, Verdict.IMPROVED, id="twice as fast"),
    ],
)
def test_slow(step, runs, verdict):
    """The slow rule's verdict on so many runs of 2 % noise."""
    held = baseline()
    assert live_rules.slow(noisy(step, 0.02, runs), held, 1, limits(held)).verdict is verdict


def test_slow_takes_the_last_runs():
    """Older ones than the last twenty count no more."""
    held = baseline()
    many = [*noisy(3.0, 0.02, 30), *noisy(0.0, 0.02, LIVE.slow_runs)]
    found = live_rules.slow(many, held, 1, limits(held))
    assert (found.verdict, found.runs) == (Verdict.OK, LIVE.slow_runs)


def test_too_few_runs_are_told_of():
    """How many there are, and how many the slow rule needs."""
    held = baseline()
    assert live_rules.slow(noisy(0, 0.02, 7), held, 1, limits(held)).reason == f"7 of {LIVE.minimum_slow_runs} runs"


@pytest.mark.parametrize("spread", [0.03, 0.1])
@pytest.mark.parametrize("rule", Rule)
def test_limits_are_the_thresholds(rule, spread):
    """Where runs spread as the baseline does, a rule warns from the R on that `status` and the boards name."""
    held = baseline(spread=spread, tolerance=0.2)
    for factor, warns in ((1 - 1e-9, False), (1 + 1e-9, True)):
        mean = held.value * limits(held).tolerated * limits(held).detect_margin(rule) * factor
        found = (
            live_rules.fast(mean, held, 1, limits(held))
            if rule is Rule.FAST
            else live_rules.slow([mean] * LIVE.slow_runs, held, 1, limits(held))
        )
        assert (found.verdict in ALARMS) is warns


@pytest.mark.parametrize(
    ("steps", "last", "verdict"),
    [
        pytest.param(0.0, 2.0, Verdict.CRITICAL, id="the last run alone is far too slow"),
        pytest.param(0.25, 2.0, Verdict.CRITICAL, id="and worse than all of them"),
        pytest.param(0.45, 0.45, Verdict.CRITICAL, id="both"),
        pytest.param(0.45, 0.30, Verdict.CRITICAL, id="the last run says less"),
        pytest.param(0.25, 0.0, Verdict.WARNING, id="the last run is good again"),
        pytest.param(0.0, 0.0, Verdict.OK, id="neither"),
    ],
)
def test_both(steps, last, verdict):
    """A run alone counts where it is an alarm, and a worse one than all runs together."""
    held = baseline()
    by_slow = live_rules.slow(noisy(steps, 0.02, 20), held, 1, limits(held))
    by_fast = live_rules.fast(0.01 * (1 + last), held, 1, limits(held))
    assert live_rules.both(by_slow, by_fast).verdict is verdict
    assert live_rules.both(by_slow, None) is by_slow


def test_both_warn():
    """Where both say the same, it is the slow rule's word, which has more runs behind it."""
    held = baseline()
    by_slow = live_rules.slow(noisy(0.25, 0.02, 20), held, 1, limits(held))
    by_fast = live_rules.fast(0.013, held, 1, limits(held))
    assert by_slow.verdict is by_fast.verdict is Verdict.WARNING
    assert live_rules.both(by_slow, by_fast) is by_slow


held_to = some.builds(
    baseline,
    spread=some.floats(0, 0.5),
    runs=some.none() | some.integers(LIVE.minimum_baseline_runs, 500),
    tolerance=some.floats(0, 0.9),
    value=some.floats(1e-6, 1e3),
)
ratios = some.floats(-1, 2).map(math.exp)
families = some.builds(Family, some.integers(1, 1000), some.floats(1e-4, 0.2))
over = some.floats(1e-6, 0.5)
"""How far beyond the limit that warns: there the gate, whose limits are its own, may be in doubt."""


def warning_level(held, rule):
    """The mean from which the rule warns, while runs spread as the baseline does."""
    return held.value * limits(held).threshold(Severity.WARNING, rule)


@given(held_to, some.lists(some.floats(-0.3, 0.3), min_size=GATE_RUNS, max_size=30), over, families)
def test_slow_rule_is_never_contradicted(held, noise, beyond, of):
    """Where the slow rule warns, the gate on the same runs is at least in doubt: never OK, INFO, IMPROVED or no data."""
    level = warning_level(held, Rule.SLOW) * math.exp(beyond)
    last = [level * math.exp(one) for one in noise][-LIVE.slow_runs :]
    if live_rules.slow(last, held, 1, limits(held)).verdict in ALARMS:
        assert judge(last, held, 1, of).verdict in STRICT


@given(held_to, over, some.integers(GATE_RUNS, 30), families)
def test_fast_rule_is_never_contradicted(held, beyond, times, of):
    """Where the fast rule warns of a run, the gate says nothing of that run alone, and is in doubt where it comes again."""
    mean = warning_level(held, Rule.FAST) * math.exp(beyond)
    assert live_rules.fast(mean, held, 1, limits(held)).verdict in ALARMS
    assert judge([mean], held, 1, of).verdict is Verdict.NO_DATA
    assert judge([mean] * times, held, 1, of).verdict in STRICT


def test_gate_may_doubt_what_a_rule_says():
    """In a large family the gate has wider limits: of what the slow rule warns it says SUSPECT, and no less."""
    held = baseline(spread=0.3)
    runs = [warning_level(held, Rule.SLOW) * 1.001] * LIVE.slow_runs
    assert live_rules.slow(runs, held, 1, limits(held)).verdict in ALARMS
    assert judge(runs, held, 1, Family(1000, 1e-6)).verdict is Verdict.SUSPECT


@given(held_to, some.lists(ratios, max_size=25), ratios)
def test_live_verdict_is_no_milder_than_either_rule(held, means, last):
    """What both come to is an alarm where either of them is one, and critical where either is."""
    by_slow = live_rules.slow([held.value * one for one in means], held, 1, limits(held))
    by_fast = live_rules.fast(held.value * last, held, 1, limits(held))
    found, alone = live_rules.both(by_slow, by_fast).verdict, {by_slow.verdict, by_fast.verdict}
    assert (found in ALARMS) == bool(alone & ALARMS)
    assert (found is Verdict.CRITICAL) == (Verdict.CRITICAL in alone)
