"""Counting under load: whatever way the counts come together, they are those of one process."""

import json
from bisect import bisect_left

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.series import NANOSECONDS, Key, Merged, Series, Tally, totals
from steadyline.edges import LADDER, with_ladder
from steadyline.outcome import Outcome, Reason

KEYS = [
    Key("trace.item_read", "trace", "embedded"),
    Key("trace.item_create", "trace", "embedded"),
    Key("GET /", "http", "host"),
]
OWN = {KEYS[0]: (0.0123, 0.05), KEYS[1]: (0.08,), KEYS[2]: ()}
durations = st.floats(min_value=1e-6, max_value=100, allow_nan=False)
sizes = st.integers(0, 10**9)
outcomes = st.tuples(durations, st.none() | st.sampled_from(Reason), st.integers(1, 100), sizes, sizes).map(
    lambda facts: Outcome(*facts)
)
events = st.lists(
    st.tuples(st.sampled_from(KEYS), outcomes, st.none() | durations, st.integers(0, 3), st.booleans()), max_size=40
)


def count(tally: Tally, key: Key, outcome: Outcome, lag: float | None) -> None:
    """What a user's attempt does to the counts."""
    series = tally.declare(key, OWN[key])
    series.started += 1
    if lag:
        series.late(lag)
    series.finish(outcome, lag)


@given(events)
def test_merged_counts_equal_those_of_one_process(happened):
    """Attempts spread over four workers that report at any moment merge to what one process counts, bucket by bucket."""
    workers, alone, merged = [Tally() for _ in range(4)], Tally(), Merged()
    for key, outcome, lag, worker, reports in happened:
        count(workers[worker], key, outcome, lag)
        count(alone, key, outcome, lag)
        if reports:
            merged.add(msgpack.unpackb(msgpack.packb(workers[worker].delta()), strict_map_key=False))
    for worker in workers:
        merged.add(json.loads(json.dumps(worker.delta())))
    assert merged.series == alone.series


@given(events)
def test_a_delta_has_only_what_changed(happened):
    """A second delta with nothing in between is empty, and the whole of what was merged makes the same again."""
    tally, merged, late = Tally(), Merged(), Merged()
    for key, outcome, lag, _, _ in happened:
        count(tally, key, outcome, lag)
    merged.add(tally.delta())
    assert tally.delta() == []
    late.add(merged.whole())
    assert late.series == merged.series


def test_a_million_events_of_eight_workers_lose_nothing():
    """Eight workers, a million events, a delta after each thousand: every event and every nanosecond is there."""
    workers, merged = [Tally() for _ in range(8)], Merged()
    key, edges = KEYS[0], with_ladder(OWN[KEYS[0]])
    expected = [0] * (len(edges) + 1)
    series = [worker.declare(key, OWN[key]) for worker in workers]
    total = 0
    for number in range(1_000_000):
        seconds = (number % 997 + 1) / 4000
        one = series[number % 8]
        one.started += 1
        one.succeed(seconds, None)
        expected[bisect_left(edges, seconds)] += 1
        total += int(seconds * NANOSECONDS)
        if number % 1000 == 0:
            merged.add(workers[number % 8].delta())
    for worker in workers:
        merged.add(worker.delta())
    found = merged.series[key]
    assert (found.started, found.successes, found.failed, found.under_way) == (1_000_000, 1_000_000, 0, 0)
    assert (found.duration.counts, found.duration.total_ns) == (expected, total)


def test_a_failure_counts_by_its_reason_and_not_as_a_duration():
    """A refused connection's millisecond does not enter the durations."""
    series = Series(KEYS[0])
    series.started += 1
    series.finish(Outcome(0.001, Reason.CONNECT), None)
    assert (series.successes, series.failures, series.under_way) == (0, {"connect": 1}, 0)


def test_the_response_time_holds_the_lag():
    """Service and response time are apart, and differ by how late the attempt began."""
    series = Series(KEYS[0])
    series.finish(Outcome(0.010), 0.5)
    assert (series.duration.total_ns, series.response.total_ns) == (10_000_000, 510_000_000)
    assert series.duration.counts[bisect_left(LADDER, 0.010)] == series.response.counts[bisect_left(LADDER, 0.510)] == 1


def test_other_edges_are_refused():
    """A worker that counts over other edges than the master's cannot be merged exactly, and is told apart by its message."""
    ours, theirs, merged = Tally(), Tally(), Merged()
    ours.declare(KEYS[0], OWN[KEYS[0]])
    theirs.declare(KEYS[0], (0.7,))
    merged.add(ours.delta())
    with pytest.raises(ValueError, match="a worker counts over other edges than the master"):
        merged.add(theirs.delta())


@given(events)
def test_totals_lose_nothing(happened):
    """The sum over all names has every attempt, in the cells of the ladder."""
    tally = Tally()
    for key, outcome, lag, _, _ in happened:
        count(tally, key, outcome, lag)
    whole = totals(tally.series.values())
    for name in ("successes", "failed", "started", "items", "sent", "received"):
        assert getattr(whole, name) == sum(getattr(series, name) for series in tally.series.values())
    expected = [0] * (len(LADDER) + 1)
    for _, outcome, _, _, _ in happened:
        if outcome.ok:
            expected[bisect_left(LADDER, outcome.duration_seconds)] += 1
    assert whole.duration.counts == expected


def test_totals_leave_flows_out():
    """A flow's steps are counted under their own names, so the flow itself would count them twice."""
    tally = Tally()
    for name in ("trace.item_create", "trace.crud_flow"):
        series = tally.declare(Key(name, "trace", "embedded"))
        series.started += 1
        series.finish(Outcome(0.01, Reason.TIMEOUT), None)
    assert (totals(tally.series.values()).started, totals(tally.series.values()).failed) == (1, 1)
