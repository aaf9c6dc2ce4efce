from dataclasses import replace

import pytest

from steadyline.baseline import Baseline, LoadShape, Quantity, Recorded
from steadyline.cli.refusals import Cause, Forced, Now, Refusal, refusals, told

HERE = Now("here", "aaaaaaaa", is_loaded=False)
FACTS = Recorded(
    at="2026-11-20T10:00:00+00:00",
    host="here",
    revision="abc",
    runs=5,
    samples=100,
    cadence_seconds=None,
    quantiles={},
    edges=(),
    versions={},
    operation_version="aaaaaaaa",
    load_running=False,
)


def held(driver="bench", **facts):
    """A recorded baseline."""
    return Baseline(
        "sql.x", driver, Quantity.DURATION, 0.1, 0.2, 0.05, "recorded", target="main", recorded=replace(FACTS, **facts)
    )


@pytest.mark.parametrize(
    ("baseline", "causes"),
    [
        pytest.param(held(), [], id="alike"),
        pytest.param(held(host="there"), [Cause.HOST], id="another host"),
        pytest.param(held(operation_version="bbbbbbbb"), [Cause.VERSION], id="another version"),
        pytest.param(held(operation_version=None), [], id="a version that nobody kept"),
        pytest.param(held(load_running=True), [Cause.LOAD], id="under load"),
        pytest.param(held(load_running=None), [], id="a load that nobody knows of"),
        pytest.param(held(driver="probe"), [Cause.LOAD], id="the exporter's"),
        pytest.param(held(driver="load", load=LoadShape(50)), [Cause.LOAD], id="a load run's"),
        pytest.param(held(runs=4), [Cause.FEW_RUNS], id="too few runs"),
        pytest.param(
            held(host="there", operation_version="b", runs=2), [Cause.HOST, Cause.VERSION, Cause.FEW_RUNS], id="all at once"
        ),
        pytest.param(replace(held(), recorded=None), [], id="a sourced number"),
    ],
)
def test_refusals(baseline, causes):
    """What differs is named, all of it; what an older baseline does not say is taken to be the same."""
    assert [one.cause for one in refusals(baseline, HERE)] == causes


@pytest.mark.parametrize(
    ("baseline", "now", "why"),
    [
        pytest.param(held(host="there"), HERE, "recorded on another host (there; this is here)", id="host"),
        pytest.param(
            held(operation_version="bbbbbbbb"),
            HERE,
            "recorded for another version of the operation (bbbbbbbb; this is aaaaaaaa)",
            id="version",
        ),
        pytest.param(held(load_running=True), HERE, "recorded while load was running, and none is", id="then"),
        pytest.param(held(), replace(HERE, is_loaded=True), "recorded without load, and load is running", id="now"),
        pytest.param(
            held(driver="load", load=LoadShape(50)),
            HERE,
            "recorded under load of 50 users, and this is the suite runner, which asks alone",
            id="users",
        ),
        pytest.param(held(runs=4), HERE, "recorded in 4 runs, and a judgement needs 5", id="runs"),
    ],
)
def test_reasons(baseline, now, why):
    """Both sides are named."""
    assert [one.why for one in refusals(baseline, now)] == [why]


def test_load_that_cannot_be_told():
    """Where nobody knows whether load is running, what was recorded under load is refused, and no other."""
    nobody_knows = replace(HERE, is_loaded=None)
    (refused,) = refusals(held(load_running=True), nobody_knows)
    assert refused == Refusal(Cause.LOAD, "recorded while load was running, and whether load runs now is not known")
    assert refusals(held(load_running=True), replace(HERE, is_loaded=True)) == []
    assert refusals(held(load_running=False), nobody_knows) == []


def test_text_of_a_file():
    """What a file says of its host or version starts no line and holds nothing that a terminal obeys."""
    found = refusals(held(host="\x1b[31mthere\n::error::x", operation_version="b\r\n::error::x"), HERE)
    assert [one.why.isprintable() for one in found] == [True, True]


def test_forced():
    """Each cause has its own option, and too few runs have none."""
    assert [cause for cause in Cause if Forced(host=True).allows(cause)] == [Cause.HOST]
    assert [cause for cause in Cause if Forced(version=True).allows(cause)] == [Cause.VERSION]
    assert [cause for cause in Cause if Forced(load=True).allows(cause)] == [Cause.LOAD]


def test_told():
    """One sentence a cause says how many, why with an example, and what to do."""
    found = [("sql.a", Refusal(Cause.HOST, "x")), ("sql.b", Refusal(Cause.HOST, "y")), ("sql.c", Refusal(Cause.FEW_RUNS, "z"))]
    assert told(found, 3) == [
        "2 of 3 baselines cannot be compared with (sql.a: x); record them here, or say --other-host",
        "1 of 3 baselines cannot be compared with (sql.c: z); record them in more rounds",
    ]
