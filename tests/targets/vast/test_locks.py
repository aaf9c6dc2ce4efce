"""Locks: the first writer wins, a late one is told, and nothing is remembered for longer than somebody needs it."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.vast import locks as locks_module
from targets.vast.errors import Conflict
from targets.vast.locks import Holder, Locks
from targets.vast.rowids import RowIds

NAME = ("b", "s", "t")
FEW, MANY = 3, 10_000


def ids(count: int, first: int = 0) -> RowIds:
    """So many row ids."""
    return np.arange(first, first + count, dtype=np.uint64)


def test_claimed_name_is_the_holders_alone() -> None:
    """While one changes a name, no other may change it or rely on it; afterwards it is free."""
    locks, first, second = Locks(), Holder(1, 0), Holder(2, 0)
    locks.claim(first, NAME)
    locks.claim(first, NAME)
    for attempt in (locks.claim, locks.share):
        with pytest.raises(Conflict):
            attempt(second, NAME)
    locks.release(first, None)
    locks.claim(second, NAME)


def test_shared_name_cannot_be_claimed() -> None:
    """Several may rely on a name; none of them, nor another, may change it meanwhile, but the last one alone may."""
    locks, first, second = Locks(), Holder(1, 0), Holder(2, 0)
    locks.share(first, NAME)
    locks.share(second, NAME)
    with pytest.raises(Conflict):
        locks.claim(first, NAME)
    locks.release(second, None)
    locks.claim(first, NAME)


def test_name_changed_since_the_start_conflicts() -> None:
    """One who began before a commit may not change what it changed; one who began after it may."""
    locks, early, writer = Locks(), Holder(1, 0), Holder(2, 0)
    locks.claim(writer, NAME)
    locks.release(writer, 1)
    with pytest.raises(Conflict):
        locks.share(early, NAME)
    locks.claim(Holder(3, 1), NAME)


@pytest.mark.parametrize("count", [FEW, MANY])
@pytest.mark.parametrize("other", [FEW, MANY])
def test_rows_conflict(count: int, other: int) -> None:
    """Two holders cannot change one row, whether few or many are changed at once; other rows and tables are free."""
    locks, first, second = Locks(), Holder(1, 0), Holder(2, 0)
    locks.claim_rows(first, 7, ids(count))
    locks.claim_rows(first, 7, ids(count))
    with pytest.raises(Conflict):
        locks.claim_rows(second, 7, ids(other, count - 1))
    locks.claim_rows(second, 7, ids(other, count))
    locks.claim_rows(second, 8, ids(other))


@given(st.sets(st.integers(0, 30), min_size=1), st.sets(st.integers(0, 30), min_size=1), st.integers(0, 31))
def test_scattered_rows_conflict(held: set[int], asked: set[int], many: int) -> None:
    """Whatever rows: who asks for one that another holds is told, whether few or many are kept as one array."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(locks_module, "_MANY", many)
        locks = Locks()
        locks.claim_rows(Holder(1, 0), 7, np.array(sorted(held), np.uint64))
        free = not held & asked
        with nullcontext() if free else pytest.raises(Conflict):
            locks.claim_rows(Holder(2, 0), 7, np.array(sorted(asked), np.uint64))


@pytest.mark.parametrize("count", [FEW, MANY])
def test_rows_changed_since_the_start_conflict(count: int) -> None:
    """A row that a later commit changed is lost to one who began before, even if a third one rolled back on it since."""
    locks, early, writer = Locks(), Holder(1, 0), Holder(2, 0)
    locks.claim_rows(writer, 7, ids(count))
    locks.release(writer, 1)
    third = Holder(3, 1)
    locks.claim_rows(third, 7, ids(count))
    locks.release(third, None)
    with pytest.raises(Conflict):
        locks.claim_rows(early, 7, ids(1))


@pytest.mark.parametrize("count", [FEW, MANY])
def test_nothing_is_remembered_in_vain(count: int) -> None:
    """What was committed is forgotten once every open transaction has seen it, and no sooner."""
    locks = Locks()
    for number in range(1, 51):
        holder = Holder(number, number - 1)
        locks.share(holder, ("b",))
        locks.claim(holder, ("b", number))
        locks.claim_rows(holder, 7, ids(count))
        locks.release(holder, number)
    kept = len(locks)
    locks.prune(25)
    assert 0 < len(locks) < kept
    locks.prune(50)
    assert len(locks) == 0
