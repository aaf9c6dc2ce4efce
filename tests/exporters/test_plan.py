"""What runs where is decided before anything starts."""

import pytest

from steadyline.baseline import Baseline, Quantity
from steadyline.errors import ConfigurationError
from steadyline.operation import Suite


def names(plan) -> set[str]:
    """What is scheduled."""
    return {job.operation.name for job in plan.jobs}


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"suite": Suite.STRESS}, id="stress"),
        pytest.param({"suite": Suite.SCALABILITY}, id="scalability"),
        pytest.param({"probe_every_seconds": None}, id="without a cadence"),
    ],
)
def test_what_is_not_scheduled(house, facts) -> None:
    """Stress, scalability and operations without a cadence are the runner's and the load's."""
    house.change("sql.answers", **facts)
    assert "sql.answers" not in names(house.plan())


def test_write_guard(house) -> None:
    """On a read-only target operations that write are left out, and said."""
    house.retarget(allow_writes=False)
    plan = house.plan()
    assert ("sql.writes" in names(plan), plan.left_out) == (False, (("sql.writes", "main"),))


@pytest.mark.parametrize(
    ("target", "facts", "said"),
    [
        pytest.param(
            {"concurrency": 3},
            {"concurrency": 4},
            "targets.main.concurrency: 3 is under the 4 connections that the cadences of its sql operations need; "
            "set 4 or more",
            id="largest operation",
        ),
        pytest.param(
            {"concurrency": 5},
            {"concurrency": 2, "probe_every_seconds": 0.2},
            "targets.main.concurrency: 5 is under the 6 connections that the cadences of its sql operations need; "
            "set 6 or more",
            id="Little's law: 2 x 0.5 s / 0.2 s, and three more of 0.5 s / 2 s",
        ),
        pytest.param(
            {"bytes_per_second": 999},
            {"bytes_moved": 2000},
            "targets.main.bytes_per_second: 999 is under the 1000 that the cadences of its sql operations move; "
            "set 1000 or more",
            id="bytes",
        ),
    ],
)
def test_cap_under_its_need(house, target, facts, said) -> None:
    """A cap that the cadences do not fit under is refused with the one that they do."""
    house.change("sql.answers", **facts)
    house.retarget(**target)
    with pytest.raises(ConfigurationError) as refused:
        house.plan()
    assert refused.value.faults == [said]


def test_baseline_says_how_many_connections(house) -> None:
    """Where there is a baseline it counts instead of the assumed duration."""
    house.only("sql.answers")
    house.baselines = (Baseline("sql.answers", "probe", Quantity.DURATION, 6.5, 0.1, 0.05, "measured"),)
    house.retarget(concurrency=3)
    with pytest.raises(ConfigurationError, match="under the 4 connections"):
        house.plan()


def test_own_alias_is_taken(house) -> None:
    """A watched process cannot be called as the exporter itself is."""
    house.settings = house.settings.model_copy(update={"processes": {"exporter": "python"}})
    with pytest.raises(ConfigurationError, match=r"processes\.exporter: .*choose another"):
        house.plan()


@pytest.mark.parametrize(
    ("name", "alias", "said"),
    [
        pytest.param("sql.answer", None, "no operation 'sql.answer'; there are sql.answers", id="unknown operation"),
        pytest.param(
            "sql.answers", "api", "sql.answers: no target 'api' in the settings; there are main", id="other's target"
        ),
        pytest.param("sql.writes", "main", "sql.writes: writes, and target 'main' is read-only", id="write guard"),
        pytest.param("sql.large", "main", "holds 10 connections, and target 'main' is capped at 4", id="cap"),
    ],
)
def test_choice_is_refused(house, name, alias, said) -> None:
    """One attempt on demand obeys the same guards as the schedule."""
    house.retarget(allow_writes=False, concurrency=4)
    with pytest.raises(ConfigurationError, match=said):
        house.plan().choose(name, alias)


def test_several_targets_need_a_name(house) -> None:
    """Without an alias the only target is taken; of several one must be named."""
    assert house.plan().choose("sql.answers", None)[1] == "main"
    targets = house.settings.targets
    house.settings = house.settings.model_copy(update={"targets": {**targets, "second": targets["main"]}})
    with pytest.raises(ConfigurationError, match=r"sql\.answers: name one of its targets: main, second"):
        house.plan().choose("sql.answers", None)
