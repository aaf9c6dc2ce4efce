from dataclasses import fields, replace

import pytest

from steadyline.baseline import ANY, Baseline, Quantity, Recorded, most_specific

SOURCED = Baseline("sql.item_create", "probe", Quantity.DURATION, 0.05, 0.1, 0.05, "seed")
RECORDED = replace(
    SOURCED,
    target="main",
    value=0.002,
    recorded=Recorded(
        "2026-01-01T00:00:00Z", "host", "abc", 120, 1800, 2.0, {"0.5": 0.002}, (0.001, 0.01), {"python": "3.11"}
    ),
)


def judged_by(*baselines, target="main", driver="probe", profile=ANY):
    """Which of them judges the key."""
    return most_specific(baselines, "sql.item_create", target, driver, profile)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(SOURCED, operation="sql.item_read"), id="operation"),
        pytest.param(replace(SOURCED, driver="load"), id="driver"),
        pytest.param(replace(SOURCED, target="other"), id="target"),
        pytest.param(replace(SOURCED, profile="high"), id="profile"),
    ],
)
def test_no_baseline_fits(other):
    """A baseline of another operation, driver, target or profile judges nothing here."""
    assert judged_by(other) is None
    assert judged_by(other, SOURCED) is SOURCED


def test_no_baseline_at_all():
    """Where there is none, only the budget judges."""
    assert judged_by() is None


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        pytest.param(replace(SOURCED, target="main"), SOURCED, id="a target over any"),
        pytest.param(replace(SOURCED, profile="high"), SOURCED, id="a profile over any"),
        pytest.param(replace(SOURCED, target="main"), replace(SOURCED, profile="high"), id="a target over a profile"),
        pytest.param(replace(SOURCED, target="main", profile="high"), replace(SOURCED, target="main"), id="both over one"),
        pytest.param(RECORDED, replace(SOURCED, target="main"), id="a recorded one over a sourced one of the same key"),
        pytest.param(replace(SOURCED, target="main", profile="high"), RECORDED, id="a key over how it was come by"),
    ],
)
def test_most_specific_wins(winner, loser):
    """The most specific baseline judges, in whichever order they are known."""
    assert judged_by(winner, loser, profile="high") is winner
    assert judged_by(loser, winner, profile="high") is winner


def other_value(value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value + 0.01
    if isinstance(value, Quantity):
        return Quantity.THROUGHPUT
    return None if isinstance(value, Recorded) else value + "x"


@pytest.mark.parametrize("field", [field.name for field in fields(Baseline)])
def test_id_changes_with_every_fact(field):
    """The id changes when any fact of the baseline changes, and with nothing else."""
    changed = replace(RECORDED, **{field: other_value(getattr(RECORDED, field))})
    assert changed.id != RECORDED.id
    assert replace(changed, **{field: getattr(RECORDED, field)}).id == RECORDED.id
    assert len(RECORDED.id) == 8


def test_id_is_known_to_other_processes():
    """The id is the same in every process and version, because rules keep it: a change of its making is a drift alert."""
    assert SOURCED.id == "453c2584"


def test_runs():
    """A sourced baseline has no runs, hence no sampling error of its own; a recorded one has as many as it was made of."""
    assert (SOURCED.is_sourced, SOURCED.runs) == (True, None)
    assert (RECORDED.is_sourced, RECORDED.runs) == (False, 120)


def test_seconds_per_call():
    """A throughput is told as seconds per call, a duration as it is."""
    assert SOURCED.seconds_per_call(100) == 0.05
    assert replace(SOURCED, quantity=Quantity.THROUGHPUT, value=200.0).seconds_per_call(100) == 0.5
