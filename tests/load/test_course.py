"""How a run went over time."""

from itertools import pairwise

import pytest

from load.course import FIRST_SECONDS, MOST_POINTS, Course
from load.series import Key, Series
from steadyline.outcome import Outcome, Reason

KEY = Key("trace.item_read", "trace", "embedded")


def counted(series, successes, seconds, failures=0):
    """Count some more."""
    for outcome in [Outcome(seconds)] * successes + [Outcome(seconds, Reason.TIMEOUT)] * failures:
        series.started += 1
        series.finish(outcome, None)


def test_each_point_is_of_its_own_time():
    """Rates and quantiles are those since the point before; a time without a success has no quantile."""
    course, series = Course(100.0), Series(KEY)
    counted(series, 20, 0.010)
    course.take(101.0, 3, [series])  # too early
    course.take(102.0, 5, [series])
    counted(series, 10, 0.100, failures=10)
    course.take(104.0, 10, [series])
    course.take(106.0, 10, [series])
    first, second, third = course.points()
    assert (first["seconds"], first["users"], first["per_second"], first["failed_per_second"]) == (2.0, 5, 10.0, 0.0)
    assert (second["seconds"], second["per_second"], second["failed_per_second"]) == (4.0, 10.0, 5.0)
    assert 0.005 < first["p50"] <= 0.011
    assert 0.05 < second["p50"] <= second["p95"] <= second["p99"]
    assert (third["per_second"], third["p50"]) == (0.0, None)


def test_a_long_run_keeps_few_points():
    """They come to lie further apart, evenly, and lose nothing that was counted."""
    course, series = Course(0.0), Series(KEY)
    for second in range(1, 4001):
        counted(series, 1, 0.010)
        course.take(float(second), 1, [series])
    points = course.points()
    assert MOST_POINTS / 2 - 1 <= len(points) <= MOST_POINTS
    apart = {round(after["seconds"] - before["seconds"]) for before, after in pairwise(points)}
    assert len(apart) == 1
    assert apart.pop() > FIRST_SECONDS
    assert all(one["per_second"] == pytest.approx(1.0) for one in points)
