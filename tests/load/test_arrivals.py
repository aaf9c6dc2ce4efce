import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from load.arrivals import Arrivals, Share, Shares
from load.shapes import SHAPES, of_corners, shape

LEVELS = st.floats(0.01, 2) | st.just(0.0)


@st.composite
def schedules(draw) -> Arrivals:
    """A schedule of up to some hundred starts over a shape with jumps, pauses, rises and falls."""
    corners = [(0.0, draw(LEVELS))]
    for span in draw(st.lists(st.floats(0.01, 1000), min_size=1, max_size=6)):
        corners += [(corners[-1][0] + span, draw(LEVELS))]
        if draw(st.booleans()):
            corners += [(corners[-1][0], draw(LEVELS))]
    drawn = of_corners("drawn", tuple(corners))
    whole = drawn.integral(drawn.duration_seconds)
    assume(whole > 0)
    return Arrivals(drawn, draw(st.floats(0.1, 500)) / whole)


def all_starts(arrivals) -> list[float]:
    """When each start of the run is due."""
    starts = []
    while math.isfinite(at := arrivals.start_of(len(starts))):
        starts.append(at)
    return starts


@pytest.mark.parametrize("name", SHAPES)
def test_as_many_as_the_area(name):
    """Over a run there are as many starts as the rate's integral says, and the last lies before the end."""
    one = shape(name, 60)
    arrivals = Arrivals(one, 100)
    starts = all_starts(arrivals)
    assert abs(len(starts) - 100 * one.integral(60)) < 1
    assert starts[-1] < 60
    assert arrivals.due(60) == arrivals.due(1000) == len(starts)


def test_constant_is_even():
    """500 per second for 10 s are exactly 5000, 2 ms apart, the first at once."""
    starts = all_starts(Arrivals(shape("constant", 10), 500))
    assert starts == pytest.approx([number / 500 for number in range(5000)])


def test_ramp_grows_denser():
    """On a ramp each start comes sooner after the one before."""
    starts = all_starts(Arrivals(shape("ramp", 100), 10))
    gaps = [later - earlier for earlier, later in pairwise(starts) if later < 50]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(0.1, rel=0.02)


def test_none_while_the_rate_is_zero():
    """A pause has no start, not even the one that the integral reached as it began."""
    paused = of_corners(
        "paused", ((0.0, 0.0), (5.0, 0.0), (5.0, 1.0), (10.0, 1.0), (10.0, 0.0), (20.0, 0.0), (20.0, 1.0), (30.0, 1.0))
    )
    arrivals = Arrivals(paused, 2)
    starts = all_starts(arrivals)
    assert starts[:2] == [5, 5.5]
    assert not [at for at in starts if at < 5 or 10 <= at < 20]
    assert (arrivals.due(4.9), arrivals.due(10), arrivals.due(19.9), arrivals.due(20)) == (0, 10, 10, 11)


def test_very_high_rate():
    """A million per second an hour into a run are still apart, and counted exactly."""
    arrivals = Arrivals(shape("constant", math.inf), 1e6)
    number = 3_600_000_000
    starts = [arrivals.start_of(number + after) for after in range(100)]
    assert starts == sorted(set(starts))
    assert [arrivals.due(at) for at in starts] == [number + after + 1 for after in range(100)]


@given(schedules())
def test_starts_ascend(arrivals):
    """A later number is never due earlier."""
    starts = all_starts(arrivals)
    assert starts == sorted(starts)
    assert all(0 <= at <= arrivals.shape.duration_seconds for at in starts)


@given(schedules(), st.floats(0, 1))
def test_due_is_the_count_of_starts(arrivals, part):
    """At any moment as many are due as have their start at or before it; at a start itself it is counted."""
    starts = all_starts(arrivals)
    assume(starts)
    elapsed = part * arrivals.shape.duration_seconds
    assert arrivals.due(elapsed) == sum(at <= elapsed for at in starts)
    number = int(part * (len(starts) - 1))
    assert arrivals.due(starts[number]) >= number + 1
    assert arrivals.due(math.nextafter(starts[number], -math.inf)) <= number
    assert arrivals.due(-1) == 0


@given(schedules(), st.floats(0, 1))
def test_the_schedule_is_fixed(arrivals, part):
    """Whatever was asked before, in whatever order, the answer is the same: no start depends on an earlier one."""
    starts = all_starts(arrivals)
    assume(starts)
    number = int(part * (len(starts) - 1))
    assert Arrivals(arrivals.shape, arrivals.rate_per_second).start_of(number) == starts[number]


@given(st.integers(1, 20), st.integers(0, 1000), st.integers(0, 1000))
def test_shares_part_all_numbers(workers, first, number):
    """Each number from the first on is exactly one worker's, and none before it anyone's."""
    owners = [index for index in range(workers) if Share(index, workers, first).owns(number)]
    assert len(owners) == (number >= first)


@given(st.integers(1, 20), st.data())
def test_following_and_count(workers, data):
    """The following number and the count agree with asking each number."""
    share = Share(data.draw(st.integers(0, workers - 1)), workers, data.draw(st.integers(0, 100)))
    begin, end = data.draw(st.integers(0, 200)), data.draw(st.integers(0, 300))
    owned = [number for number in range(begin, 400) if share.owns(number)]
    assert share.following(begin) == owned[0]
    assert share.count(begin, end) == sum(number < end for number in owned)


@given(schedules(), st.integers(1, 9), st.floats(0, 1))
def test_shares_add_up_to_what_is_due(arrivals, workers, part):
    """At any moment all workers' due starts together are those of the schedule."""
    due = arrivals.due(part * arrivals.shape.duration_seconds)
    assert sum(Share(index, workers).count(0, due) for index in range(workers)) == due


@given(st.data())
def test_membership_changes(data):
    """However often workers come and go in the middle, each number is exactly one worker's: none lost, none twice."""
    present = data.draw(st.sets(st.integers(0, 6), min_size=1))
    shares = {worker: Shares(Share(index, len(present))) for index, worker in enumerate(sorted(present))}
    for first in sorted(data.draw(st.sets(st.integers(1, 400), max_size=6))):
        present = data.draw(st.sets(st.integers(0, 6), min_size=1))
        for worker in range(7):
            share = Share(sorted(present).index(worker), len(present), first) if worker in present else Share(0, 0, first)
            if worker in shares:
                shares[worker].adopt(share)
            elif worker in present:
                shares[worker] = Shares(share)
    assert all(sum(one.owns(number) for one in shares.values()) == 1 for number in range(500))
    assert sum(one.count(0, 500) for one in shares.values()) == 500
    for one in shares.values():
        walked, number = [], one.following(0)
        while number is not None and number < 500:
            walked.append(number)
            number = one.following(number + 1)
        assert walked == [number for number in range(500) if one.owns(number)]


def test_an_announcement_may_be_replaced():
    """A change that was announced and has not begun gives way to one that begins earlier."""
    shares = Shares(Share(0, 2))
    shares.adopt(Share(0, 3, 100))
    shares.adopt(Share(0, 1, 50))
    assert shares.latest == Share(0, 1, 50)
    assert [number for number in range(46, 54) if shares.owns(number)] == [46, 48, 50, 51, 52, 53]


def test_what_a_late_change_adds():
    """What a change would add among numbers that are due already is counted, so that it can be told as dropped."""
    shares = Shares(Share(0, 2))
    assert shares.gained(Share(0, 1, 90), 90, 100) == 5
    assert shares.gained(Share(0, 1, 95), 90, 100) == 3
    assert shares.gained(Share(0, 2, 90), 90, 100) == 0


def test_a_worker_without_a_share():
    """A worker that has left owns nothing from then on."""
    shares = Shares(Share(0, 1))
    shares.adopt(Share(0, 0, 10))
    assert (shares.following(9), shares.following(10)) == (9, None)
    assert shares.count(0, 100) == 10
