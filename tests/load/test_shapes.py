import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from load.shapes import BREAKPOINT_STEPS, SHAPES, Shape, described, of_corners, shape
from steadyline.errors import ConfigurationError

LEVELS = st.floats(0.01, 2) | st.just(0.0)
SPANS = st.floats(0.01, 1000) | st.just(0.0)


@st.composite
def any_shape(draw) -> Shape:
    """A shape of straight pieces with jumps, stretches of no load, falls and rises."""
    corners = [(0.0, draw(LEVELS))]
    for span in draw(st.lists(SPANS, min_size=1, max_size=8)):
        corners.append((corners[-1][0] + span, draw(LEVELS)))
    assume(corners[-1][0] > 0)
    return of_corners("drawn", tuple(corners))


def summed(one: Shape, until: float, parts: int = 20000) -> float:
    """The integral by adding up small parts."""
    width = until / parts
    return math.fsum(one.level((part + 0.5) * width) * width for part in range(parts))


@pytest.mark.parametrize("name", SHAPES)
def test_covers_the_run(name):
    """Every shape lasts as long as asked, reaches the full load, never goes over it, and is steady somewhere."""
    one = shape(name, 90)
    assert one.duration_seconds == 90
    levels = [one.level(second / 10) for second in range(900)]
    assert max(levels) == pytest.approx(1)
    assert min(levels) >= 0
    assert one.steady_stretches
    assert one.level(-0.1) == one.level(90) == 0


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("constant", {0: 1, 50: 1, 99.9: 1}),
        ("ramp", {0: 0, 25: 0.5, 50: 1, 99: 1}),
        ("step", {0: 0.2, 19.9: 0.2, 20: 0.4, 40: 0.6, 60: 0.8, 80: 1}),
        ("spike", {0: 0.2, 33: 0.2, 34: 1, 66: 1, 67: 0.2, 99: 0.2}),
        ("soak", {0: 0, 2.5: 0.5, 5: 1, 99: 1}),
        ("breakpoint", {0: 0.1, 10: 0.2, 55: 0.6, 95: 1}),
    ],
)
def test_outlines(name, levels):
    """Each shape is what its words say."""
    one = shape(name, 100)
    assert {at: one.level(at) for at in levels} == pytest.approx(levels)


def test_steady_stretches():
    """Steady is where there is load and it does not change: not on a ramp, not where there is none."""
    assert shape("ramp", 100).steady_stretches == ((50, 100),)
    assert len(shape("spike", 100).steady_stretches) == 3
    assert len(shape("breakpoint", 100).steady_stretches) == BREAKPOINT_STEPS
    resting = of_corners("resting", ((0.0, 0.0), (10.0, 0.0), (10.0, 1.0), (20.0, 1.0)))
    assert resting.steady_stretches == ((10, 20),)
    assert [resting.steady_at(at) for at in (5, 10, 19.9, 20)] == [False, True, True, False]


def test_a_soak_ramps_for_a_minute_at_most():
    """The ramp of a soak does not grow with its length."""
    assert shape("soak", 1800).steady_stretches == ((60, 1800),)
    assert shape("soak", 36000).steady_stretches == ((60, 36000),)


def test_users_are_whole_and_at_least_one():
    """Wherever there is load there is a user, and a step's users are exact."""
    ramp = shape("ramp", 100)
    assert ramp.users(0, 50) == 0
    assert ramp.users(0.001, 50) == 1
    assert [shape("step", 100).users(at, 50) for at in (0, 20, 40, 60, 80)] == [10, 20, 30, 40, 50]
    assert shape("step", 100).rate(20, 500) == pytest.approx(200)


def test_no_such_shape():
    """A shape that does not exist is refused with the names of those that do."""
    with pytest.raises(
        ConfigurationError, match="no shape 'sine'; the shapes are constant, ramp, step, spike, soak, breakpoint"
    ):
        shape("sine", 10)


@pytest.mark.parametrize(("name", "seconds"), [("ramp", math.inf), ("soak", 0), ("step", -1), ("spike", math.nan)])
def test_a_duration_is_needed(name, seconds):
    """A shape without a duration is refused, saying which option gives one."""
    with pytest.raises(ConfigurationError, match="--run-time"):
        shape(name, seconds)


def test_constant_needs_no_end():
    """The constant load may last until it is stopped."""
    one = shape("constant", math.inf)
    assert one.level(1e9) == 1
    assert one.integral(3600) == 3600
    assert one.moment(5) == 5
    assert one.steady_at(1e9)


def test_described():
    """The help has a sentence for every shape."""
    assert all(f"{name}: " in described() for name in SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_integral_is_the_area(name):
    """The closed form agrees with adding up small parts."""
    one = shape(name, 60)
    for until in (1, 10, 30.5, 60):
        assert one.integral(until) == pytest.approx(summed(one, until), rel=1e-3, abs=1e-3)


@given(any_shape(), st.floats(0, 1), st.floats(0, 1))
def test_integral_never_falls(one, a, b):
    """More time is never less area, and the whole is reached at the end and not passed."""
    early, late = sorted((a * one.duration_seconds, b * one.duration_seconds))
    assert one.integral(early) <= one.integral(late) * (1 + 1e-12) + 1e-12
    assert one.integral(one.duration_seconds) == one.integral(one.duration_seconds + 100)


@example(of_corners("slow", ((0.0, 0.0), (3.0, 0.5))), 7e-324)
@given(any_shape(), st.floats(0, 1, exclude_max=True))
def test_moment_is_the_inverse(one, part):
    """At the moment an area is reached, the integral is that area, and there is load just after it."""
    whole = one.integral(one.duration_seconds)
    assume(whole > 0)
    area = part * whole
    assume(area < whole)
    at = one.moment(area)
    assert 0 <= at <= one.duration_seconds
    assert one.integral(at) == pytest.approx(area, rel=1e-9, abs=1e-9 * max(1, whole))


@given(any_shape())
def test_past_the_whole(one):
    """An area that the run never reaches has no moment."""
    whole = one.integral(one.duration_seconds)
    assert one.moment(whole) == one.moment(whole + 1) == math.inf


def test_a_moment_lies_where_there_is_load():
    """An area that is reached just before a pause comes due after the pause."""
    paused = of_corners("paused", ((0.0, 1.0), (10.0, 1.0), (10.0, 0.0), (20.0, 0.0), (20.0, 1.0), (30.0, 1.0)))
    assert paused.moment(10) == 20
    assert paused.moment(9.5) == 9.5
    resting = of_corners("resting", ((0.0, 0.0), (10.0, 0.0), (10.0, 1.0), (20.0, 1.0)))
    assert resting.moment(0) == 10
