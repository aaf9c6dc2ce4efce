"""How a run went over time."""

from itertools import pairwise

import pytest

from load.course import FIRST_SECONDS, MOST_POINTS, Course, Wanted
from load.series import Key, Series
from steadyline.outcome import Outcome, Reason

KEY = Key("trace.item_read", "trace", "embedded")
CLOSED = Wanted(10)


def counted(series, successes, seconds, failures=0):
    """Count some more."""
    for outcome in [Outcome(seconds)] * successes + [Outcome(seconds, Reason.TIMEOUT)] * failures:
        series.started += 1
        series.finish(outcome, None)


def test_each_point_is_of_its_own_time():
    """Rates and quantiles are those since the point before; a time without a success has no quantile."""
    course, series = Course(100.0), Series(KEY)
    counted(series, 20, 0.010)
    course.take(101.0, 3, CLOSED, [series])  # too early
    course.take(102.0, 5, CLOSED, [series])
    counted(series, 10, 0.100, failures=10)
    course.take(104.0, 10, CLOSED, [series])
    course.take(106.0, 10, CLOSED, [series])
    first, second, third = course.points()
    assert (first["seconds"], first["users"], first["per_second"], first["failed_per_second"]) == (2.0, 5, 10.0, 0.0)
    assert (second["seconds"], second["per_second"], second["failed_per_second"]) == (4.0, 10.0, 5.0)
    assert 0.005 < first["p50"] <= 0.011
    assert 0.05 < second["p50"] <= second["p95"] <= second["p99"]
    assert (third["per_second"], third["p50"]) == (0.0, None)


def test_what_was_wanted_is_kept_beside_it():
    """Users in both models; in the open one starts, those that were dropped meanwhile, and times from the intended start."""
    closed, open_, series = Course(0.0), Course(0.0), Series(KEY)
    for at in (2.0, 4.0):
        counted(series, 10, 0.010)
        for _ in range(10):
            series.response.observe(series.edges, 0.100)
        closed.take(at, 3, CLOSED, [Series(KEY)])
        open_.take(at, 3, Wanted(5, 20.0, 4 * int(at)), [series])
    (_, last) = closed.points()
    assert (last["target_users"], last["wanted_per_second"], last["dropped_per_second"], last["response_p95"]) == (
        10,
        None,
        None,
        None,
    )
    (_, last) = open_.points()
    assert (last["target_users"], last["wanted_per_second"], last["dropped_per_second"]) == (5, 20.0, 4.0)
    assert last["p95"] <= 0.011
    assert last["response_p95"] > 0.05


def test_a_long_run_keeps_few_points():
    """They come to lie further apart, evenly, and lose nothing that was counted."""
    course, series = Course(0.0), Series(KEY)
    for second in range(1, 4001):
        counted(series, 1, 0.010)
        course.take(float(second), 1, CLOSED, [series])
    points = course.points()
    assert MOST_POINTS / 2 - 1 <= len(points) <= MOST_POINTS
    apart = {round(after["seconds"] - before["seconds"]) for before, after in pairwise(points)}
    assert len(apart) == 1
    assert apart.pop() > FIRST_SECONDS
    assert all(one["per_second"] == pytest.approx(1.0) for one in points)
