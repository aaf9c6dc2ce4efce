"""What A against B comes to: both sides' figures, judged by the typical call, and by the mean where that alone is slower."""

import random
from collections import Counter

import pytest

from alerts.judgement.gate import Family
from runner.choice import Chosen
from runner.measured import Measured, Run
from runner.pairs import Pair
from steadyline.cli import ab_rows
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.severity import Severity, Verdict
from steadyline.target import Target

OPERATION = Operation(name="sql.read", tells="x", body=lambda _client, _prepared: None)
TARGET = Target(backend="sql", url="sqlite:////nowhere/trace.db")
FAMILY = Family(50, 0.01)
TOLERANCE = 0.05


def pair(rounds, step=0.0, tail=0.0, spread=0.02, seed=1):
    """One whose B takes a step longer, a tenth of its calls by a tail more, each round with the machine's noise in both."""
    dice = random.Random(seed)
    a, b = (Measured(Chosen(OPERATION, side, TARGET)) for side in "AB")
    for _ in range(rounds):
        slowness = dice.lognormvariate(0, 0.3)
        for side, factor in ((a, 1.0), (b, 1 + step)):
            calls = [0.01 * slowness * factor * dice.lognormvariate(0, spread) for _ in range(20)]
            if side is b:
                calls[:2] = [one * (1 + tail) for one in calls[:2]]
            side.runs.append(Run(tuple(calls)))
    return Pair(a, b)


def test_figures():
    """A row has both sides' times, the ratio with its limits, and how many rounds they are of; no memory, for that is ours."""
    row = ab_rows.row(pair(20, 0.5), TOLERANCE, FAMILY)
    assert row.mean / row.baseline == pytest.approx(row.ratio) == pytest.approx(1.5, rel=0.02)
    assert row.lower99 < row.lower90 < row.ratio < row.upper90
    assert (row.verdict, row.severity, row.tolerance) == (Verdict.CRITICAL, Severity.CRITICAL, TOLERANCE)
    assert (len(row.run_means), row.baseline_runs, row.n, row.peak_memory, row.broken) == (20, 20, 400, None, ())


def test_a_step_of_ten_percent():
    """It is named, and no step is not, in at least nine of ten cases each, under a machine that strays by a third."""
    found = {
        step: Counter(ab_rows.row(pair(20, step, seed=seed), TOLERANCE, FAMILY).verdict for seed in range(40))
        for step in (0.1, 0.0)
    }
    assert found[0.1][Verdict.INFO] >= 36
    assert found[0.0][Verdict.OK] >= 36


def test_few_calls_that_got_slower_by_much():
    """The typical call is as it was; the mean tells, and the row says so."""
    row = ab_rows.row(pair(20, tail=9.0), TOLERANCE, FAMILY)
    assert (row.verdict, row.ratio) == (Verdict.CRITICAL, pytest.approx(1.9, rel=0.05))
    assert row.reason.startswith("by the mean, the typical call did not: ")


def test_a_slowdown_that_is_not_ruled_out():
    """Where the rounds end before a slowdown over the tolerance is ruled out, the pass says up to which it is not."""
    open_one = ab_rows.row(pair(6, 0.045, spread=0.2), TOLERANCE, FAMILY)
    assert open_one.verdict is Verdict.OK
    assert open_one.upper90 > 1 + TOLERANCE
    assert open_one.reason.endswith(f"; a slowdown up to {open_one.upper90 - 1:.0%} is not ruled out")
    assert "ruled out" not in ab_rows.row(pair(20), TOLERANCE, FAMILY).reason


def test_faster():
    """There is no baseline to be recorded anew."""
    row = ab_rows.row(pair(20, -0.5), TOLERANCE, FAMILY)
    assert row.verdict is Verdict.IMPROVED
    assert "record" not in row.reason


def test_too_few_rounds():
    """Under the minimum nothing is judged."""
    assert ab_rows.row(pair(4), TOLERANCE, FAMILY).verdict is Verdict.NO_DATA


def test_a_that_fails():
    """What A cannot do says nothing of B: it is open, and why is told."""
    failing = pair(0)
    failing.a.failures[Reason.SERVER_ERROR] += 3
    failing.a.detail = "no such route"
    row = ab_rows.row(failing, TOLERANCE, FAMILY)
    assert (row.is_open, row.severity) == (True, None)
    assert row.reason == "A failed: 3 of 3: no such route"


def test_b_that_fails():
    """A failure of B is critical, as everywhere."""
    failing = pair(5)
    failing.b.failures[Reason.TIMEOUT] += 1
    assert ab_rows.row(failing, TOLERANCE, FAMILY).severity is Severity.CRITICAL


def test_some_failures_of_a():
    """What A failed at now and then is told beside the table."""
    failing = pair(5)
    failing.a.failures[Reason.TIMEOUT] += 1
    failing.a.detail = "late"
    assert list(ab_rows.remarks([failing])) == ["sql.read on A: failed 1 of 101: late"]


@pytest.mark.parametrize(
    ("rounds", "step", "spread", "settled"),
    [
        (20, 0.0, 0.02, True),
        (20, 0.1, 0.02, True),
        (20, 0.5, 0.02, True),
        (4, 0.0, 0.02, True),
        (6, 0.045, 0.2, False),
    ],
    ids=["the same", "a little slower", "slower", "as few as were asked for", "a little slower or not"],
)
def test_settled(rounds, step, spread, settled):
    """It is settled once more rounds would say it again; OK only where a step over the tolerance is ruled out."""
    assert ab_rows.settled_at(TOLERANCE, FAMILY)(pair(rounds, step, spread=spread)) is settled


def test_family():
    """Each operation is judged in two ways: each has half of the family's rate."""
    assert ab_rows.halved(FAMILY) == Family(50, 0.005)
