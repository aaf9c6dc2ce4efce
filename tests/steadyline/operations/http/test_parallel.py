"""Requests side by side within one body: one sum of bytes, one mark, one failure."""

import threading

import pytest

from steadyline.operations.http.parallel import side_by_side
from steadyline.outcome import Call, current_call


@pytest.fixture
def call():
    """A body that is being timed."""
    timed = Call("tams.some")
    token = current_call.set(timed)
    yield timed
    current_call.reset(token)


def _request(number):
    part = current_call.get()
    part.bytes_sent += number
    part.bytes_received += 1
    part.add_phase("transfer", 1.0)
    return part.mark(), part.mark()


def test_sum(call):
    """The body's call has the bytes of all, and the phases of none."""
    assert len(side_by_side([lambda n=n: _request(n) for n in range(1, 5)])) == 4
    assert (call.bytes_sent, call.bytes_received, call.phases) == (10, 4, {})


def test_one_mark(call):
    """The first request of the first thread is marked, and none after it, the body's own neither."""
    marks = side_by_side([lambda: _request(1)] * 3)
    assert [bool(mark) for pair in marks for mark in pair] == [True] + [False] * 5
    assert not call.mark()


def test_no_second_mark(call):
    """Where the body has sent a marked request before, no thread's is marked."""
    call.mark()
    assert not any(mark for pair in side_by_side([lambda: _request(1)] * 3) for mark in pair)


def test_outside_a_body():
    """Where nothing is timed, nothing is metered, and the results come in order all the same."""
    assert side_by_side([lambda n=n: (n, current_call.get()) for n in range(3)]) == [(0, None), (1, None), (2, None)]


def test_all_at_once():
    """Each work has a thread of its own: none waits for another's end."""
    together = threading.Barrier(10, timeout=30)
    assert sorted(side_by_side([together.wait] * 10)) == list(range(10))


def test_failure(call):
    """The first failure is raised once all have ended, and what was moved until then is counted."""
    ended = []

    def fail():
        raise ConnectionResetError("no")

    with pytest.raises(ConnectionResetError):
        side_by_side([fail, lambda: ended.append(_request(3)), lambda: ended.append(_request(4))])
    assert len(ended) == 2
    assert call.bytes_sent == 7
