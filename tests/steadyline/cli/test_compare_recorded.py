"""What `compare` says of how it judged, on sides that are made up."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from runner.choice import Choice, Chosen, LeftOut
from steadyline.baseline import Baseline, Quantity, Recorded
from steadyline.cli import compare_recorded
from steadyline.cli.compare_recorded import Facing
from steadyline.operation import Operation
from steadyline.target import Target

CHOSEN = Chosen(
    Operation(name="sql.x", tells="x", body=lambda *_: None),
    "main",
    Target(backend="sql", url=SecretStr("sqlite:////nowhere")),
)
FACTS = Recorded("2026-11-20T10:00:00+00:00", "here", "abc", 5, 100, None, {}, (), {})
BASELINE = Baseline("sql.x", "bench", Quantity.DURATION, 0.1, 0.2, 0.05, "recorded", target="main", recorded=FACTS)


@pytest.mark.parametrize(
    ("then", "now", "is_said"),
    [(False, None, True), (False, False, False), (None, None, False), (True, True, False)],
    ids=["nobody knows", "none", "an older file", "under load"],
)
def test_load_that_nobody_knows_of(then, now, is_said):
    """Where it was quiet then and nobody knows now, it is said."""
    held = replace(BASELINE, recorded=replace(FACTS, load_running=then))
    notes = compare_recorded.notes([Facing(CHOSEN, held, (), now)])
    assert (compare_recorded.LOAD_NOT_KNOWN in notes) is is_said


def test_which_runs_of_a_revision():
    """Whose rounds or sessions a revision's baselines are of is said, most operations' first."""
    found = [Facing(CHOSEN, replace(BASELINE, source=source), ()) for source in ("one", "many", "many")]
    assert compare_recorded.sources(found) == ("Of 2 operations: many", "Of 1 operation: one")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([("sql.x", "a"), ("sql.x", "b"), ("sql.other", "c")], " on main; there are some on a, b"),
        ([("sql.y", "a")], " on main; there are some on a"),
        ([("sql.other", "c")], ""),
    ],
    ids=["elsewhere", "of what is left out", "of others"],
)
def test_baselines_of_other_targets(held, said):
    """Where what was asked for has baselines of other targets these are named."""
    told = compare_recorded.elsewhere(held, Choice((CHOSEN,), (LeftOut("sql.y", "main", "read-only"),)))
    assert told.startswith(said)
    assert bool(told) is bool(said)
