"""Which baselines a run is judged by, and what is said of the others; on sides that are made up."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from runner.choice import Chosen
from runner.measured import Measured, Run
from steadyline.baseline import Baseline, Quantity, Recorded
from steadyline.cli import run_baselines, run_rows
from steadyline.cli.refusals import Now
from steadyline.operation import Operation
from steadyline.target import Target

OPERATION = Operation(name="sql.x", tells="x", body=lambda *_: None)
CHOSEN = Chosen(OPERATION, "main", Target(backend="sql", url=SecretStr("sqlite:////nowhere")))
SOURCED = Baseline("sql.x", "bench", Quantity.DURATION, 0.02, 0.2, 0.05, "a source")
FACTS = Recorded("2026-11-20T10:00:00+00:00", "here", "abc", 5, 100, None, {}, (), {}, operation_version="aaaaaaaa")
RECORDED = replace(SOURCED, target="main", value=0.1, source="recorded", recorded=FACTS)


def held(baseline):
    """What judges beside the sourced number."""
    return run_baselines.holding([CHOSEN], [SOURCED, baseline], lambda _operation: Now("here", "aaaaaaaa"))


def test_of_here_and_now():
    """What was recorded here judges."""
    assert held(RECORDED) == run_baselines.Holding((RECORDED,), {})


@pytest.mark.parametrize(
    ("facts", "why", "forced"),
    [
        ({"host": "there"}, "recorded on another host (there; this is here)", ", and steadyline compare --other-host"),
        (
            {"operation_version": "bbbbbbbb"},
            "recorded for another version of the operation (bbbbbbbb; this is aaaaaaaa)",
            ", and steadyline compare --other-version",
        ),
        ({"runs": 2}, "recorded in 2 runs, and a judgement needs 5", ""),
    ],
    ids=["host", "version", "runs"],
)
def test_of_elsewhere(facts, why, forced):
    """What compare refuses does not judge a run, nor does a sourced number in its place; a line says why and what to do."""
    found = held(replace(RECORDED, recorded=replace(FACTS, **facts)))
    assert found.judging == ()
    (line,) = run_baselines.told(found.apart, 3)
    assert line.startswith(f"not judged: 1 of 3, held to their budgets alone (sql.x: {why}); steadyline baseline record")
    assert f"records them here{forced}" in line


def test_its_row():
    """It has its numbers and its baseline's, no ratio and no verdict; the reason is said, and that is no other exit code."""
    measured = Measured(CHOSEN)
    measured.runs = [Run((0.1,)) for _ in range(5)]
    row = run_rows.uncompared(measured, RECORDED, "recorded on another host")
    assert (row.mean, row.baseline, row.ratio, row.verdict) == (pytest.approx(0.1), 0.1, None, None)
    assert (row.state, row.reason) == ("not comparable", "recorded on another host: held to its budget alone")
    assert run_rows.Table((row,)).exit_code("warning") == 0


def test_nothing_apart():
    """Nothing is said where all judge."""
    assert list(run_baselines.told({}, 3)) == []
