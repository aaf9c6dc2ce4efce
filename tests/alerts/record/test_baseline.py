"""From runs to a baseline, or to the sentence why not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.record import baseline as record
from alerts.record.baseline import Circumstances, Sifted, Slowed
from alerts.record.runs import Run, Scheduled
from steadyline.baseline import Baseline, Quantity
from steadyline.baselines import load_recorded, save_recorded

NOW = 1_700_000_000.0
OF = Scheduled("sql.item_read", "embedded", 2.0)
FACTS = Circumstances(
    at="2023-11-14T22:13:20+00:00",
    host="A CPU, 2 cores, 8 GiB, Debian, x86_64",
    revision="abc",
    quantiles={"0.5": 0.02},
    edges=(0.01, 0.02),
    versions={"python": "3.11"},
)


def _run(mean: float = 0.02, attempts: float = 15, failures: float = 0, end: float = NOW) -> Run:
    return Run(end, mean, attempts - failures, failures)


def _sourced(tolerance: float, *, default: bool) -> Baseline:
    return Baseline("sql.item_read", "probe", Quantity.DURATION, 0.02, tolerance, 0.05, "seed", tolerance_is_default=default)


def test_value_and_spread_are_those_of_the_logarithms() -> None:
    """Runs of e^-4 and e^-2 have the value e^-3 and the spread sqrt 2."""
    value, spread = record.log_mean_and_spread([math.exp(-4), math.exp(-2)])
    assert (value, spread) == (pytest.approx(math.exp(-3)), pytest.approx(math.sqrt(2)))


def test_constant_latency_has_no_spread() -> None:
    """Equal runs spread by exactly 0; nothing becomes NaN."""
    assert record.log_mean_and_spread([0.02] * 20) == (pytest.approx(0.02), 0.0)


@given(st.lists(st.floats(1e-6, 100), min_size=2, max_size=120), st.floats(0.1, 10))
def test_the_spread_does_not_depend_on_the_unit(means: list[float], factor: float) -> None:
    """A machine that is k times slower has k times the value and the same spread."""
    value, spread = record.log_mean_and_spread(means)
    scaled_value, scaled_spread = record.log_mean_and_spread([mean * factor for mean in means])
    assert scaled_value == pytest.approx(value * factor, rel=1e-6)
    assert scaled_spread == pytest.approx(spread, abs=1e-6)


def test_runs_that_regress_slowed_are_left_out() -> None:
    """A run counts only when none of it lies in the span; another operation's span does not matter."""
    runs = [_run(end=NOW + 30 * i) for i in range(6)]
    slowed = [Slowed(*OF.key, NOW + 45, NOW + 75), Slowed("sql.item_create", "embedded", NOW - 999, NOW + 999)]
    sifted = record.sift(OF, runs, slowed)
    assert [run.end - NOW for run in sifted.kept] == [0, 30, 120, 150]
    assert sifted.note == "left out 2 for slowed by regress"


@pytest.mark.parametrize(
    ("runs", "slowed", "words"),
    [
        ([_run()] * 20, [], ""),
        ([_run()] * 12, [], "has 12 usable runs of 30 s and a baseline needs 20; wait another 4 min"),
        ([], [], "has 0 usable runs of 30 s and a baseline needs 20; wait another 10 min"),
        ([_run()] * 19 + [_run(attempts=9)], [], "needs 20, left out 1 for too few attempts; wait another 30 s"),
        ([_run()] * 20 + [_run(failures=15)] * 3, [], "fails in 13% of its attempts"),
        ([_run()] * 20, [Slowed(*OF.key, NOW - 9, NOW + 60)], "is being slowed by steadyline regress for another 60 s"),
        ([_run()] * 20, [Slowed(*OF.key, NOW - 999, NOW - 900)], ""),
    ],
    ids=["enough", "too few", "none", "too few attempts", "failing", "slowed now", "slowed before"],
)
def test_a_refusal_says_why_and_how_long(runs: list[Run], slowed: list[Slowed], words: str) -> None:
    """One sentence, or none where a baseline can be recorded."""
    told = record.refusal(OF, record.sift(OF, runs), slowed, NOW)
    assert (words in told) if words else told == ""


@pytest.mark.parametrize(
    ("sourced", "expected"),
    [
        ([_sourced(0.15, default=False)], (0.15, False)),
        ([_sourced(0.2, default=True)], (0.2, True)),
        ([], (0.2, True)),
    ],
    ids=["sourced", "sourced without tolerance", "no source"],
)
def test_the_tolerance_is_the_sources_else_the_default(sourced: list[Baseline], expected: tuple[float, bool]) -> None:
    """Recording anew changes the line, not how far from it is tolerated."""
    assert record.tolerance(OF.key, sourced, 0.2) == expected


def test_a_recorded_baseline_survives_its_file(tmp_path) -> None:
    """What was recorded is read back equal, id included, with the spread as measured and a target of its own."""
    new = record.baseline(OF, [_run(0.0199), _run(0.0201)] * 10, (0.15, False), FACTS)
    save_recorded(tmp_path / "baselines.json", [new])
    (read,) = load_recorded(tmp_path / "baselines.json")
    assert (read, read.id) == (new, new.id)
    assert (read.target, read.runs, read.recorded.samples) == ("embedded", 20, 300)
    assert 0 < read.spread < 0.03


def test_a_new_baseline_takes_the_place_of_its_own_key_only() -> None:
    """Other operations and other targets keep theirs."""
    old = record.baseline(OF, [_run(0.04)] * 20, (0.15, False), FACTS)
    elsewhere = record.baseline(Scheduled("sql.item_read", "main", 2), [_run()] * 20, (0.15, False), FACTS)
    new = record.baseline(OF, [_run()] * 20, (0.15, False), FACTS)
    assert record.replacing([old, elsewhere], [new]) == [elsewhere, new]


def test_nothing_sifted_has_nothing_to_note() -> None:
    """No runs, no attempts: no division by zero, no note."""
    assert record.sift(OF, []) == Sifted((), 0, 0, 0, 0.0)
