import math
import random
import statistics

import pytest
from scipy import stats

from alerts.judgement.gate import Family, is_settled, judge, judge_pairs, smallest_step
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.severity import Verdict


def recorded(value=0.1, spread=0.05, runs=10, tolerance=0.2, quantity=Quantity.DURATION):
    """A baseline of the runner's."""
    kept = Recorded("2026-01-01", "host", "abc", runs, 100, None, {}, (), {})
    return Baseline("sql.x", "bench", quantity, value, tolerance, spread, "recorded", target="main", recorded=kept)


def sourced(value=0.1, tolerance=0.2, quantity=Quantity.DURATION):
    """A baseline out of a source."""
    return Baseline("sql.x", "bench", quantity, value, tolerance, 0.05, "seed")


def spread_around(mean, spread, runs, seed=1):
    """Run means whose logarithms have exactly that mean and standard deviation."""
    dice = random.Random(seed)
    raw = [dice.gauss(0, 1) for _ in range(runs)]
    middle, width = statistics.fmean(raw), statistics.stdev(raw)
    return [mean * math.exp(spread * (one - middle) / width) for one in raw]


def test_limits_of_equal_spreads_are_welchs():
    """Where both sides spread alike the limits are those of Welch's t, as scipy has it, on the logarithms of the runs."""
    theirs, ours = spread_around(0.1, 0.05, 10), spread_around(0.14, 0.05, 6, seed=2)
    found = judge(ours, recorded(), 1)
    test = stats.ttest_ind([math.log(x) for x in ours], [math.log(x) for x in theirs], equal_var=False)
    for level, limit in ((0.98020, found.estimate.lower99), (0.79945, found.estimate.lower90)):
        assert math.log(limit) == pytest.approx(test.confidence_interval(level).low, abs=1e-4)
    assert math.log(found.estimate.upper90) == pytest.approx(test.confidence_interval(0.79945).high, abs=1e-4)
    assert found.ratio == pytest.approx(1.4)


@pytest.mark.parametrize(
    ("ratio", "spread", "verdict"),
    [
        pytest.param(1.0, 0.03, Verdict.OK, id="as it was"),
        pytest.param(0.5, 0.03, Verdict.IMPROVED, id="the baseline is stale"),
        pytest.param(1.17, 0.03, Verdict.OK, id="within its tolerance of 20 %"),
        pytest.param(1.28, 0.03, Verdict.WARNING, id="a quarter slower"),
        pytest.param(1.6, 0.03, Verdict.CRITICAL, id="much slower"),
        pytest.param(1.25, 0.3, Verdict.SUSPECT, id="slower, but it may be noise"),
        pytest.param(1.0, 0.5, Verdict.INCONCLUSIVE, id="so noisy that nothing can be said"),
    ],
)
def test_verdicts(ratio, spread, verdict):
    """The table of verdicts, from runs."""
    assert judge(spread_around(0.1 * ratio, spread, 6), recorded(spread=0.03), 1).verdict is verdict


def test_larger_spread_counts():
    """The larger of both sides' spreads makes the limits, as in the live rules."""
    quiet = judge(spread_around(0.14, 0.03, 6), recorded(spread=0.12), 1).estimate
    noisy = judge(spread_around(0.14, 0.12, 6), recorded(spread=0.03), 1).estimate
    assert quiet.lower99 == pytest.approx(noisy.lower99)
    assert math.log(quiet.upper90 / quiet.ratio) == pytest.approx(math.log(quiet.ratio / quiet.lower90))


def test_family_is_held_together():
    """The more is judged together, the surer each alarm has to be; where runs spread little, W is far enough away."""
    runs = spread_around(0.2, 0.3, 6)
    alone, among = (judge(runs, recorded(spread=0.3), 1, Family(count)).estimate for count in (1, 1000))
    assert among.lower99 < alone.lower99
    assert among.lower90 == alone.lower90
    still = spread_around(0.2, 0.03, 10)
    assert judge(still, recorded(), 1, Family(40)).estimate == judge(still, recorded(), 1).estimate


def test_pairs_cancel_the_machine():
    """What slows a round of both sides alike is no noise of their ratio."""
    dice = random.Random(3)
    minutes = [dice.gauss(0, 0.5) for _ in range(20)]
    logs = [(m + dice.gauss(0, 0.02), m + math.log(1.1) + dice.gauss(0, 0.02)) for m in minutes]
    found = judge_pairs([b - a for a, b in logs], 0.05)
    assert found.verdict is Verdict.INFO
    assert found.estimate.lower99 > 1.05
    assert judge_pairs([0.1] * (GATE_RUNS - 1), 0.05).verdict is Verdict.NO_DATA


def test_smallest_step_is_seen():
    """So large a step is a warning in about nine of ten cases, and a much smaller one is not."""
    dice = random.Random(5)
    held = recorded(spread=0.05, tolerance=0.1)
    step = smallest_step(held, 10)
    seen = {
        ratio: sum(_lifted_verdict(dice, ratio) in {Verdict.WARNING, Verdict.CRITICAL} for _ in range(300))
        for ratio in (step, 1 + (step - 1) * 0.7)
    }
    assert 0.8 * 300 < seen[step] < 0.97 * 300
    assert min(seen.values()) < 0.5 * 300


def _lifted_verdict(dice, ratio):
    """Of ten fresh runs, beside a fresh baseline of ten."""
    before, after = ([dice.gauss(0, 0.05) for _ in range(10)] for _ in range(2))
    held = recorded(math.exp(statistics.fmean(before)), statistics.stdev(before), tolerance=0.1)
    return judge([ratio * math.exp(one) for one in after], held, 1).verdict


def test_throughput_is_time_like():
    """A baseline in items a second is held against the seconds of a call: slower is above 1."""
    found = judge([0.75] * 5, sourced(value=200, quantity=Quantity.THROUGHPUT), 100)
    assert found.ratio == pytest.approx(1.5)
    assert found.verdict is Verdict.CRITICAL


def test_sourced_has_no_error_of_its_own():
    """A sourced number is a constant: only the runs' own spread widens the limits, by their own degrees of freedom."""
    runs = spread_around(0.1, 0.1, 6)
    found = judge(runs, sourced(), 1)
    error = 0.1 / math.sqrt(6)
    assert math.log(found.estimate.lower99) == pytest.approx(-stats.t.isf(stats.norm.sf(2.33), 5) * error)


def test_equal_runs_are_not_sure():
    """Runs that happen to be equal are judged as if they spread by the floor of 3 %."""
    found = judge([0.1] * 5, recorded(spread=0.0), 1)
    assert found.estimate.lower99 < 0.97
    assert found.verdict is Verdict.OK


@pytest.mark.parametrize("runs", [[], [0.0] * 5, [0.1, 0.1, 0.0, 0.1, 0.1]])
def test_nothing_to_judge(runs):
    """No runs, and runs without a logarithm, are no data."""
    found = judge(runs, recorded(), 1)
    assert (found.verdict, found.ratio, found.estimate) == (Verdict.NO_DATA, None, None)


def test_too_few_runs():
    """Under the minimum of runs there is a ratio and no verdict."""
    found = judge([0.3] * (GATE_RUNS - 1), recorded(), 1)
    assert (found.verdict, found.ratio) == (Verdict.NO_DATA, pytest.approx(3.0))
    assert found.reason == "4 of 5 runs"


def test_settled():
    """SUSPECT, INCONCLUSIVE and a warning that may yet be critical are measured again; the rest is not."""
    assert is_settled(judge([0.1] * 5, recorded(), 1))
    assert is_settled(judge([0.3] * 5, recorded(), 1))
    assert not is_settled(judge(spread_around(0.125, 0.3, 5), recorded(), 1))
    warning = judge(spread_around(0.13, 0.02, 6), recorded(spread=0.03, tolerance=0.1), 1)
    assert (warning.verdict, is_settled(warning)) == (Verdict.WARNING, False)
    firm = judge(spread_around(0.125, 0.02, 30), recorded(spread=0.02, runs=30, tolerance=0.1), 1)
    assert (firm.verdict, is_settled(firm)) == (Verdict.WARNING, True)


def test_as_often_right_as_the_design_says():
    """With 5 % between runs, ten of them on each side: the unchanged is hardly ever an alarm, +45 % nearly always critical."""
    dice = random.Random(7)

    def rate(ratio, wanted, trials=300):
        hits = 0
        for _ in range(trials):
            base = [dice.gauss(0, 0.05) for _ in range(10)]
            held = recorded(value=math.exp(statistics.fmean(base)), spread=statistics.stdev(base), tolerance=0.1)
            hits += judge([ratio * math.exp(dice.gauss(0, 0.05)) for _ in range(10)], held, 1).verdict in wanted
        return hits / trials

    assert rate(1.0, {Verdict.WARNING, Verdict.CRITICAL}) < 0.01
    assert rate(1.45, {Verdict.CRITICAL}) > 0.95


@pytest.mark.parametrize(("value", "spread"), [(0.1, 1500.0), (1e-300, 0.05), (1e300, 0.05), (1e-300, 1e300)])
def test_what_is_beyond_measure_shows_nothing_and_does_not_overflow(value, spread):
    """No file may hold such a baseline, yet the exit code of a traceback would read as a regression."""
    found = judge([1e300] * 6, recorded(value, spread), 1)
    assert math.isfinite(found.estimate.upper90)
    assert found.estimate.lower99 > 0
    assert found.reason
    assert math.isfinite(judge([1e300] * 2, recorded(value, spread), 1).ratio)
    assert math.isfinite(judge_pairs([1500.0] * 2, 0.2).ratio)
    assert math.isfinite(judge_pairs([1500.0, -1500.0] * 3, 0.2).estimate.upper90)
    assert math.isfinite(smallest_step(recorded(value, spread), GATE_RUNS))
