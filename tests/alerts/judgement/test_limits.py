"""The limits of a baseline against the formula of the design, worked out anew with scipy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from alerts.judgement.delay import Step, delay, resolve_seconds
from alerts.judgement.limits import Limits, Rule, budget_quantile, detect_quantile, limits_of, windows_judged
from steadyline.baseline import Baseline, Quantity
from steadyline.live import LIVE
from steadyline.severity import Severity

BUDGET_Z = 5.0


def sourced(tolerance=0.1, spread=0.05):
    """The limits of a sourced constant."""
    return Limits(tolerance, spread, None, BUDGET_Z)


def test_neighbours_tell_the_spread_less():
    """A baseline's runs lie side by side: the fast rule trusts its spread as that of fewer independent runs."""
    few = round(LIVE.recommended_baseline_runs / LIVE.neighbours_alike**2)
    limits = Limits(0.1, 0.1, LIVE.recommended_baseline_runs, BUDGET_Z)
    expected = detect_quantile(
        tolerated_ratio=1.15, spread=0.1, error=limits.error(Rule.FAST), baseline_runs=few, budget_z=BUDGET_Z
    )
    assert few < LIVE.recommended_baseline_runs / 2
    assert limits.detect_quantile(Rule.FAST) == expected


def test_windows_judged_counts_both_rules():
    """One operation each 2 s is judged 2 x 86 400 times in thirty days of half-minute windows."""
    assert windows_judged([2.0]) == pytest.approx(2 * 86_400)
    assert windows_judged([2.0, 10.0]) == pytest.approx(2 * 86_400 * 1.2)


def test_budget_quantile_is_the_normal_quantile_of_the_share():
    """One false alarm a month over a million windows is one in a million."""
    assert budget_quantile(1, 1e6) == pytest.approx(stats.norm.isf(1e-6))


def test_no_operation_at_all_still_has_a_budget():
    """Without a scheduled operation nothing divides by zero."""
    assert math.isfinite(budget_quantile(1, windows_judged([])))


@pytest.mark.parametrize(
    ("spread", "current_runs", "k"),
    [(0.03, 1, 120), (0.1, 1, 20), (0.1, 20, 20), (0.2, 1, 10), (0.05, 20, 120)],
)
def test_detect_quantile_follows_the_formula(spread, current_runs, k):
    """To detect, q is Student's at the level of max(2.33, z_budget - ln W / (s sqrt(1/m + 1/k)))."""
    error = math.sqrt(1 / current_runs + 1 / k)
    level = max(2.33, BUDGET_Z - math.log(1.15) / (spread * error))
    expected = stats.t.isf(stats.norm.sf(level), k - 1)
    found = detect_quantile(tolerated_ratio=1.15, spread=spread, error=error, baseline_runs=k, budget_z=BUDGET_Z)
    assert found == pytest.approx(expected, rel=1e-9)


def test_a_sourced_constant_has_no_sampling_error():
    """1/k is 0 and the quantile is the normal one: 1.15 and 1.30 with a declared spread of 5 %."""
    limits = sourced()
    assert limits.threshold(Severity.WARNING, Rule.FAST) == pytest.approx(1.15 * math.exp(2.33 * 0.05))
    assert limits.threshold(Severity.CRITICAL, Rule.FAST) == pytest.approx(1.30 * math.exp(1.28 * 0.05))
    assert limits.threshold(Severity.WARNING, Rule.SLOW) == pytest.approx(1.15 * math.exp(2.33 * 0.05 / math.sqrt(20)))


def test_a_wide_tolerance_moves_every_limit():
    """With t = 40 %, W is 1.4 for warning and for critical, and there is no info level."""
    limits = sourced(tolerance=0.4)
    assert (limits.tolerated, limits.critical, limits.info) == (1.4, 1.4, None)


def test_info_is_only_for_tolerances_under_the_warning_level():
    """A tolerance of 10 % has an info level at 1.1; t = 15 % has none."""
    assert sourced(0.10).info == pytest.approx(1.1)
    assert sourced(0.15).info is None


def test_threshold_knows_warning_and_critical_only():
    """Info is no threshold of R alone."""
    with pytest.raises(ValueError, match="warning or critical"):
        sourced().threshold(Severity.INFO, Rule.FAST)


def test_a_spread_under_the_floor_is_raised():
    """A baseline that claims less noise than 3 % is judged with 3 %."""
    baseline = Baseline("sql.item_create", "probe", Quantity.DURATION, 0.05, 0.1, 0.001, "test")
    assert limits_of(baseline, BUDGET_Z).spread == LIVE.spread_floor


@given(
    tolerance=st.floats(0.01, 0.5), spread=st.floats(0.03, 0.3), runs=st.one_of(st.none(), st.integers(20, 500)),
    budget_z=st.floats(0, 6),
)  # fmt: skip
def test_limits_are_ordered(tolerance, spread, runs, budget_z):
    """Critical never lies under warning, both lie above W, and the slow rule sees no less than the fast one."""
    limits = Limits(tolerance, spread, runs, budget_z)
    for rule in Rule:
        warning, critical = (limits.threshold(severity, rule) for severity in (Severity.WARNING, Severity.CRITICAL))
        assert limits.tolerated < warning <= critical
        assert limits.visible_factor(Severity.WARNING, rule) == warning
    for severity in (Severity.WARNING, Severity.CRITICAL):
        assert limits.threshold(severity, Rule.SLOW) < limits.threshold(severity, Rule.FAST)


def test_a_machine_much_faster_than_its_baseline_is_blind():
    """2 ms against a baseline of 50 ms: only a 28.75-fold slowdown leaves W."""
    assert sourced().blind_factor(0.002 / 0.050) == pytest.approx(28.75)
    assert sourced().visible_factor(Severity.CRITICAL, Rule.FAST, 0.04) == pytest.approx(34.65, abs=0.01)


@pytest.mark.parametrize(("start", "worst"), [(0.04, 52.9), (1.0, 46.3)], ids=["from 2 ms", "from the baseline"])
def test_critical_arrives_within_a_minute_at_two_seconds(start, worst):
    """A step to 1.6 at 2 s is told within 60 s, wherever it starts; each term stands in the table of defaults."""
    found = delay(sourced(), Severity.CRITICAL, Rule.FAST, Step(2.0, start, 1.6))
    assert found.worst_seconds == pytest.approx(worst, abs=0.1)
    assert found.worst_seconds <= 60
    assert found.expected_seconds == found.worst_seconds - (2 + 5 + 5) / 2


@pytest.mark.parametrize("start", [0.04, 1.0])
def test_critical_arrives_within_three_minutes_at_ten_seconds(start):
    """A step to 1.6 at 10 s is told within 180 s."""
    assert delay(sourced(), Severity.CRITICAL, Rule.FAST, Step(10.0, start, 1.6)).worst_seconds <= 180


def test_the_slow_rule_takes_longer():
    """The slow rule sees 1.25, which the fast one never does, after minutes."""
    assert delay(sourced(), Severity.WARNING, Rule.FAST, Step(2.0, 1.0, 1.25)).worst_seconds == math.inf
    assert 60 < delay(sourced(), Severity.WARNING, Rule.SLOW, Step(2.0, 1.0, 1.25)).worst_seconds < 20 * 30 + 90


def test_what_is_already_over_the_limit_needs_no_window():
    """From over the threshold only the waits remain."""
    found = delay(sourced(), Severity.WARNING, Rule.FAST, Step(2.0, 1.4, 1.6))
    assert found.worst_seconds == 10 + 60 + 12


def test_resolved_within_the_promise():
    """Mended is told within the fast window, keep_firing_for and 30 s."""
    assert resolve_seconds(2.0) <= 30 + 60 + 30


def test_slow_rule_holds_the_budget_though_runs_are_alike():
    """Where runs spread so much that ln(W) is few errors, they count as fewer; where they spread little nothing changes."""
    calm, noisy = (Limits(0.15, spread, 120, BUDGET_Z) for spread in (0.07, 0.12))
    plain = detect_quantile(
        tolerated_ratio=1.15, spread=0.12, error=noisy.error(Rule.SLOW), baseline_runs=120, budget_z=BUDGET_Z
    )
    assert calm.detect_quantile(Rule.SLOW) == pytest.approx(stats.t.isf(stats.norm.sf(LIVE.detect_level_z), 119))
    further = LIVE.neighbours_alike * BUDGET_Z - math.log(1.15) / (0.12 * noisy.error(Rule.SLOW))
    assert noisy.detect_quantile(Rule.SLOW) == pytest.approx(stats.t.isf(stats.norm.sf(further), 119))
    assert noisy.detect_quantile(Rule.SLOW) > plain


def test_two_runs_show_nothing():
    """A baseline of two noisy runs, as a file may hold one, makes limits that nothing passes, and no overflow."""
    poor = Limits(tolerance=0.0, spread=0.5, runs=2, budget_z=5.2)
    assert all(1e9 < poor.threshold(Severity.WARNING, rule) < math.inf for rule in Rule)
