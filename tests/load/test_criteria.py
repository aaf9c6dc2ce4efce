"""Criteria over what was counted, against the raw samples themselves."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from load.criteria import Judge, Standing
from load.series import Key, Series
from steadyline.criterion import WHOLE, Comparison, Kind, parse
from steadyline.edges import own_edges, with_ladder
from steadyline.outcome import Outcome, Reason

X, Y = Key("sql.x", "sql", "one"), Key("sql.x", "sql", "two")
LIMIT = 0.08
WINDOW = 10
EDGES = with_ladder(own_edges(None, 0, [LIMIT]))


def fed(series, seconds=(), failures=0, lag=None):
    """The series with these successes and failures more."""
    for each in seconds:
        series.finish(Outcome(each), lag)
    series.failures["timeout"] = series.failures.get("timeout", 0) + failures
    return series


def run(text, ticks, steady=lambda _second: True, keys=(X,)):
    """The state of a criterion after a second for each of `ticks`, which are the seconds of its successes."""
    judge, series = Judge([parse(text)]), {key: Series(key, EDGES) for key in keys}
    judge.tick(0.0, steady=steady(0), series=series)
    for second, each in enumerate(ticks, start=1):
        for key in keys:
            fed(series[key], each)
        judge.tick(float(second), steady=steady(second), series=series)
    return judge.states()[0]


TEXTS = [
    *(f"sql.x {name} {sign} 80ms" for name in ("p50", "p95", "response p90", "mean") for sign in Comparison),
    *(f"sql.x rate {sign} 2/s" for sign in Comparison),
    *(f"sql.x failures {sign} 25%" for sign in Comparison),
    *(f"* drops {sign} 1/s" for sign in Comparison),
]
SECONDS = st.lists(
    st.tuples(
        st.lists(st.sampled_from([0.001, 0.0799, LIMIT, 0.0801, 0.5]), max_size=3),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    min_size=12,
    max_size=36,
)
"""Of each second: its successes, failures, drops."""
PHASES = st.sets(st.integers(0, 30), max_size=2)
"""The seconds that are in no steady phase."""
LAG = 0.01


def measured(criterion, samples, failed, dropped, seconds):
    """Whether the raw samples of a window keep the criterion; None where there are none to judge by."""
    kind, sign, upper = criterion.statistic.kind, criterion.comparison, criterion.comparison.bounds_above
    of, limit = len(samples) + failed, Fraction(criterion.amount)
    if kind is Kind.QUANTILE:
        if not samples:
            return None
        level = Fraction(criterion.statistic.thousandths, WHOLE)
        slowest = sorted(samples)[ceil(level * len(samples)) - 1] + (LAG if criterion.statistic.response else 0)
        return (slowest <= criterion.limit) == upper
    if kind is Kind.MEAN:
        value = Fraction(sum(int(each * 10**9) for each in samples), 10**9 * len(samples)) if samples else None
    elif kind is Kind.RATE:
        value = Fraction(of, seconds) if of or not upper else None
    elif kind is Kind.FAILURES:
        value = Fraction(failed, of) if of else None
    else:
        value = Fraction(dropped, seconds) if of or dropped else None
    compared = {
        "<": lambda value: value < limit,
        "<=": lambda value: value <= limit,
        ">": lambda value: value > limit,
        ">=": lambda value: value >= limit,
    }
    return None if value is None else compared[sign](value)


def brute_force(criterion, ticks):
    """Every window of every steady phase, from the raw samples."""
    phases, phase = [], []
    for second, tick in enumerate(ticks):
        if tick[3]:
            phase.append(second)
        else:
            phases, phase = [*phases, phase], []
    verdicts = []
    for one in [*phases, phase]:
        # The first tick of a phase is where it begins: what was counted until then is not of it.
        if criterion.window_seconds is None:
            windows = [one[1:]] if len(one) > 1 else []
        else:
            length = int(criterion.window_seconds)
            windows = [one[end - length + 1 : end + 1] for end in range(length, len(one))]
        for window in windows:
            samples = [each for second in window for each in ticks[second][0]]
            failed, dropped = (sum(ticks[second][which] for second in window) for which in (1, 2))
            verdicts.append(measured(criterion, samples, failed, dropped, len(window)))
    if False in verdicts:
        return Standing.BROKEN
    return Standing.NO_DATA if None in verdicts or not verdicts else Standing.MET


@pytest.mark.parametrize("window", ["", f" for {WINDOW}s"], ids=["whole", "windows"])
@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=30)
@given(seconds=SECONDS, unsteady=PHASES)
def test_it_says_what_the_raw_samples_say(text, window, seconds, unsteady):
    """Limits, windows and phases wherever they fall."""
    criterion = parse(text + window)
    judge, series, dropped = Judge([criterion]), {X: Series(X, EDGES)}, 0
    ticks = [(*tick, second not in unsteady) for second, tick in enumerate(seconds)]
    for second, (successes, failed, drops, steady) in enumerate(ticks):
        fed(series[X], successes, failed, LAG)
        dropped += drops
        judge.tick(float(second), steady=steady, series=series, dropped=dropped)
    assert judge.states()[0].standing == brute_force(criterion, ticks)


@pytest.mark.parametrize(
    ("slow", "standing"), [(1, Standing.MET), (2, Standing.BROKEN)], ids=["19 of 20 within", "18 of 20 within"]
)
def test_at_the_limit_it_is_counted(slow, standing):
    """19 of 20 within are 95 %, 18 are not; the shown value is interpolated, and on the same side."""
    ticks = [[0.08] * (10 - slow if second == 0 else 10) + [0.2] * (slow if second == 0 else 0) for second in range(2)]
    state = run("sql.x p95 < 80ms", ticks)
    assert state.standing is standing
    assert (state.value <= LIMIT) == (standing is Standing.MET)


def test_a_window_that_was_broken_once_is_broken_for_good():
    """One bad window in the steady phase, however good the others; where, and how bad it was."""
    ticks = [[0.001] * 5] * 15 + [[0.5]] * 10 + [[0.001] * 50] * 30
    state = run("sql.x p95 < 80ms for 10s", ticks)
    assert (state.standing, state.when) == (Standing.BROKEN, 18.0)
    assert state.value < 0.001
    assert 0.3 < state.worst <= 0.5623
    assert state.line.startswith("sql.x p95 < 80ms for 10s: at worst ")
    assert run("sql.x p95 < 80ms", ticks).standing is Standing.MET


def test_ramp_and_stop_are_not_judged():
    """What is slow outside the steady phase breaks nothing."""
    ticks = [[0.5]] * 10 + [[0.001]] * 20 + [[0.5]] * 10
    for text in ("sql.x p95 < 80ms for 10s", "sql.x p95 < 80ms"):
        assert run(text, ticks, lambda second: 10 <= second <= 30).standing is Standing.MET
        assert run(text, ticks, lambda second: 10 <= second <= 31).standing is (
            Standing.BROKEN if "for" in text else Standing.MET
        )


def test_a_steady_phase_shorter_than_the_window_is_no_data():
    """Nothing was held to it, so nothing passed."""
    assert run("sql.x p95 < 80ms for 10s", [[0.001]] * 9).standing is Standing.NO_DATA
    assert run("sql.x p95 < 80ms for 10s", [[0.001]] * 10).standing is Standing.MET


def test_an_operation_that_never_ran_is_no_data():
    """Not even with a series of its own, nor when others ran."""
    assert run("sql.y p95 < 80ms", [[0.001]] * 5).standing is Standing.NO_DATA
    assert run("sql.x p95 < 80ms", [[]] * 5).standing is Standing.NO_DATA
    assert run("sql.x failures < 1%", [[]] * 5).standing is Standing.NO_DATA
    state = run("* drops < 1/s", [[0.001]] * 5)
    assert (state.standing, state.line) == (Standing.NO_DATA, "* drops < 1/s: no data")


def test_a_stall_breaks_a_rate_that_was_asked_for_and_keeps_no_upper_one():
    """Nothing at all is less than any rate, and says nothing of how much less than 9 it would be."""
    assert run("sql.x rate > 0.1/s for 10s", [[0.001] * 5] * 5 + [[]] * 9).standing is Standing.MET
    assert run("sql.x rate > 0.1/s for 10s", [[0.001] * 5] * 5 + [[]] * 10).standing is Standing.BROKEN
    assert run("sql.x rate < 9/s for 10s", [[0.001] * 5] * 5 + [[]] * 20).standing is Standing.NO_DATA


def test_each_target_has_to_keep_it():
    """A quick target does not hide a slow one; all operations together are judged as one."""
    judge = Judge([parse("sql.x mean < 80ms"), parse("* mean < 80ms")])
    series = {key: Series(key, EDGES) for key in (X, Y)}
    judge.tick(0.0, steady=True, series=series)
    fed(series[X], [0.001] * 9)
    fed(series[Y], [0.1])
    judge.tick(1.0, steady=True, series=series)
    each, together = judge.states()
    assert (each.standing, each.value) == (Standing.BROKEN, pytest.approx(0.1))
    assert (together.standing, together.value) == (Standing.MET, pytest.approx(0.0109))


def test_all_together_are_counted_over_the_ladder():
    """Operations have edges of their own between those of the ladder."""
    series = {key: Series(key, with_ladder(own_edges(None, 0, [edge]))) for key, edge in ((X, 0.03), (Y, 0.05))}
    judge = Judge([parse("* p50 < 56.23ms"), parse("* p50 < 31.62ms")])
    judge.tick(0.0, steady=True, series=series)
    fed(series[X], [0.02])
    fed(series[Y], [0.04, 0.045])
    judge.tick(1.0, steady=True, series=series)
    assert [state.standing for state in judge.states()] == [Standing.MET, Standing.BROKEN]


def test_one_that_comes_in_the_middle_was_at_zero_until_then():
    """Its first counts are judged; where whole windows passed before, it did not hold over each."""
    judge, series = Judge([parse("sql.x p95 < 80ms for 10s"), parse("sql.x p95 < 80ms")]), {}
    for second in range(50):
        if second == 15:
            series[X] = fed(Series(X, EDGES), [0.001])
        if second > 15:
            fed(series[X], [0.001])
        judge.tick(float(second), steady=True, series=series)
    assert [state.standing for state in judge.states()] == [Standing.NO_DATA, Standing.MET]


def test_counts_that_begin_anew_begin_the_windows_anew():
    """The master's statistics were put to zero in the middle."""
    judge = Judge([parse("sql.x mean < 80ms for 10s")])
    for second in range(30):
        made = fed(Series(X, EDGES), [0.001] * (second % 15))
        judge.tick(float(second), steady=True, series={X: made})
    assert judge.states()[0].standing is Standing.MET


def test_what_is_kept_does_not_grow():
    """A window's ticks and no more; of a whole phase two."""
    judge, series = Judge([parse("sql.x p95 < 80ms for 10s"), parse("sql.x p95 < 80ms")]), {X: Series(X, EDGES)}
    for second in range(5000):
        fed(series[X], [0.001])
        judge.tick(float(second), steady=True, series=series)
    assert [len(track._past) for track in judge._tracks.values()] == [11, 2]


def test_edges_without_the_limit_are_a_mistake_that_is_loud():
    """The workers were not told of the criterion."""
    judge, series = Judge([parse("sql.x p95 < 81ms")]), {X: Series(X, EDGES)}
    judge.tick(0.0, steady=True, series=series)
    fed(series[X], [0.001])
    with pytest.raises(ValueError, match="81ms: counted over edges without its limit"):
        judge.tick(1.0, steady=True, series=series)


def test_what_its_series_show():
    """The line, its parts, the limit in base units, and met as 1, 0 or nothing."""
    judge, series = Judge([parse("sql.x failures < 10%")]), {X: Series(X, EDGES)}
    judge.tick(0.0, steady=True, series=series)
    told = {"criterion": "sql.x failures < 10%", "operation": "sql.x", "statistic": "failures", "limit": 0.1}
    assert judge.shown() == [{**told, "value": None, "met": None}]
    fed(series[X], [0.001] * 3)
    series[X].fail(Reason.CONNECT)
    judge.tick(1.0, steady=True, series=series)
    judge.end(2.0, series=series)
    assert judge.shown() == [{**told, "value": 0.25, "met": 0}]
    assert judge.states()[0].line == "sql.x failures < 10%: at worst 25%"
