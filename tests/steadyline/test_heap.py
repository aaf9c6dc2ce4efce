"""The collector of garbage looks at what is new only; who measures has seen to that before the first sample."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from steadyline.heap import settle


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
    settle()
    after = Thing()
    assert not looked_at(before)
    assert looked_at(after)


def test_garbage_is_not_kept_for_ever() -> None:
    """What is in cycles and of no use goes before."""
    thing = Thing()
    thing.itself = thing
    gone = weakref.ref(thing)
    del thing
    settle()
    assert gone() is None
