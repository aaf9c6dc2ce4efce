"""The collector of garbage looks at what is new only; who measures has seen to that before the first sample."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from steadyline import heap


class Thing:
    """Anything that a collection looks at."""


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Nothing is left out before a test, nor after it."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def looked_at(thing: Thing) -> bool:
    """Whether the next full collection goes through it."""
    return any(one is thing for one in gc.get_objects())


def test_what_is_alive_is_left_out() -> None:
    """And what is made later is not."""
    before = Thing()
    assert looked_at(before)
    heap.settle()
    after = Thing()
    assert not looked_at(before)
    assert looked_at(after)


def test_what_was_left_out_can_go_the_next_time() -> None:
    """Called again and again, as by an exporter's tests, it keeps no garbage for ever."""
    thing = Thing()
    thing.itself = thing
    gone = weakref.ref(thing)
    heap.settle()
    del thing
    gc.collect()
    assert gone() is not None
    heap.settle()
    assert gone() is None
