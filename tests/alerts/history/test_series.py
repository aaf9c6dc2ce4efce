"""Series: only what has the circumstances in common stands on one line."""

from dataclasses import replace

import kept_runs
import pytest

from alerts.history.kept import KeptRun, Kind
from alerts.history.series import current, series_of
from steadyline.baseline import LoadShape

ONE = kept_runs.run(day=1)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        pytest.param(replace(ONE, host="B"), "host B", id="host"),
        pytest.param(replace(ONE, driver="probe", cadence_seconds=2.0), "driver probe, cadence seconds 2.0", id="driver"),
        pytest.param(replace(ONE, profile="low", load=LoadShape(10)), "profile low, load 10 users", id="load"),
        pytest.param(
            kept_runs.run(kept_runs.result(version="00000000")), "operation version 00000000", id="version of the operation"
        ),
        pytest.param(kept_runs.run(kept_runs.result(version=None)), "operation version unknown", id="unknown version"),
        pytest.param(kept_runs.run(kept_runs.result("sql.y")), "operation sql.y", id="operation"),
        pytest.param(kept_runs.run(kept_runs.result(target="b")), "target b", id="target"),
    ],
)
def test_what_differs_is_another_series(other: KeptRun, said: str) -> None:
    """And the difference can be said."""
    first, second = series_of([replace(other, started=0.0), ONE])
    assert (len(first.points), len(second.points)) == (1, 1)
    assert first.key.differences(second.key) == said


def test_the_revision_the_seed_and_the_command_are_no_difference() -> None:
    """They are what a trend is about."""
    (one,) = series_of([ONE, kept_runs.run(day=2, revision="b", seed=1, kind=Kind.RECORD)])
    assert [point.revision for point in one.points] == [ONE.revision, "b"]


def test_a_point_is_the_mean_of_a_runs_rounds_on_the_scale_of_logarithms() -> None:
    """As a baseline keeps it; a run in which nothing succeeded is none."""
    (one,) = series_of(
        [kept_runs.run(kept_runs.result("sql.x", 0.1, 0.4)), kept_runs.run(replace(ONE.results[0], run_means=()))]
    )
    assert one.seconds == [pytest.approx(0.2)]


def test_comparisons_of_two_are_left_out() -> None:
    """Each side shared the machine with the other."""
    assert series_of([replace(ONE, kind=Kind.AB, side="a")]) == []


def test_the_current_series_of_an_operation_is_that_of_its_last_run() -> None:
    """The others of the same name stand beside it."""
    runs = [replace(ONE, started=at, host=host) for at, host in ((1.0, "A"), (2.0, "B"), (3.0, "A"), (2.5, "C"))]
    ((one, others),) = current(series_of(runs)).items()
    assert (one.key.host, len(one.points), [other.key.host for other in others]) == ("A", 2, ["B", "C"])
