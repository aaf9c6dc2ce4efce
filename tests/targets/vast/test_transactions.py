"""Transactions: what is idle ends, what ended is not known, and the memory of all of it goes with them."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from vast_table import NAME, insert, values, with_table

from targets.vast.catalogue import Catalogue
from targets.vast.changes import Change
from targets.vast.errors import NoSuchTransaction
from targets.vast.rowchanges import RowsDeleted, RowsInserted, RowsUpdated
from targets.vast.rowids import row_id_array
from targets.vast.transactions import Transactions


@dataclass
class Clock:
    """Time that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_idle_transaction_ends() -> None:
    """So long after its last request a transaction is not known any more, and is rolled back."""
    clock = Clock()
    transactions = Transactions(with_table(), clock=clock, expires_seconds=10)
    txid = transactions.begin()
    insert(transactions, txid, 1)
    clock.now = 10
    insert(transactions, txid, 2)
    clock.now = 20.5
    with pytest.raises(NoSuchTransaction):
        transactions.get(txid)
    assert transactions.expire() == [txid]
    assert transactions.open_count == 0
    assert len(transactions.locks) == 0
    assert values(transactions.newest) == []


def test_unknown_transaction() -> None:
    """A transaction that never was, was committed or rolled back is not known."""
    transactions = Transactions(with_table())
    for txid in (0, 77, begun_and(transactions.commit, transactions), begun_and(transactions.rollback, transactions)):
        with pytest.raises(NoSuchTransaction):
            transactions.commit(txid)


def begun_and(end: object, transactions: Transactions) -> int:
    """A transaction that has ended."""
    txid = transactions.begin()
    assert callable(end)
    end(txid)
    return txid


def test_commits_meet_on_the_newest() -> None:
    """Two transactions that changed different rows of one table both count, whichever commits first."""
    transactions = Transactions(with_table())
    first = transactions.begin()
    insert(transactions, first, 1, 2, 3)
    transactions.commit(first)
    update, delete, more = transactions.begin(), transactions.begin(), transactions.begin()
    rows = pa.RecordBatch.from_arrays([row_id_array(0, 1), pa.array([10])], names=["$row_id", "x"])
    transactions.change(transactions.get(update), RowsUpdated(NAME, rows))
    gone = pa.RecordBatch.from_arrays([row_id_array(2, 1)], names=["$row_id"])
    transactions.change(transactions.get(delete), RowsDeleted(NAME, gone))
    insert(transactions, more, 4)
    for txid in (more, delete, update):
        transactions.commit(txid)
    assert values(transactions.newest) == [10, 2, 4]


def test_memory_does_not_grow_with_commits() -> None:
    """After thousands of transactions nothing is kept of them; with an old one open, only what it has not seen."""
    transactions = Transactions(with_table())
    for _ in range(2000):
        txid = transactions.begin()
        change = insert(transactions, txid, 1)
        transaction = transactions.get(txid)
        ids = change.batch.column(0).to_numpy()
        transactions.locks.claim_rows(transaction.holder, 1, ids)
        gone = pa.RecordBatch.from_arrays([pa.array(ids)], names=["$row_id"])
        transactions.change(transaction, RowsDeleted(NAME, gone))
        transactions.commit(txid)
    assert len(transactions.locks) == 0
    assert transactions.newest.table(NAME).rows.chunks == ()
    old = transactions.begin()
    txid = transactions.begin()
    transactions.locks.claim_rows(transactions.get(txid).holder, 1, np.array([5], dtype=np.uint64))
    insert(transactions, txid, 1)
    transactions.commit(txid)
    assert len(transactions.locks) > 0
    transactions.rollback(old)
    assert len(transactions.locks) == 0


class HeldJournal:
    """A far end that flushes when told."""

    def __init__(self) -> None:
        """Nothing is flushed yet."""
        self.flush = asyncio.Event()
        self.kept: list[Sequence[Change]] = []

    async def append(self, changes: Sequence[Change], durable: object) -> None:
        """Wait for the flush."""
        await self.flush.wait()
        self.kept.append(changes)
        assert callable(durable)
        durable()


def test_commit_is_seen_once_it_is_durable() -> None:
    """Until the journal has flushed it, nobody sees a commit, and its locks are held."""

    async def run() -> None:
        journal = HeldJournal()
        transactions = Transactions(with_table(), journal=journal)
        txid = transactions.begin()
        insert(transactions, txid, 1)
        waiting = transactions.commit(txid)
        assert waiting is not None
        committing = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        assert values(transactions.newest) == []
        assert transactions.open_count == 1
        journal.flush.set()
        await committing
        assert values(transactions.newest) == [1]
        assert transactions.open_count == 0

    asyncio.run(run())


def test_requests_of_one_transaction_take_turns() -> None:
    """While a heavy change works in a thread, a commit of its transaction waits for it, and does not expire it."""

    async def run() -> None:
        clock = Clock()
        transactions = Transactions(with_table(), clock=clock, expires_seconds=1)
        txid = transactions.begin()
        transaction = transactions.get(txid)
        go = threading.Event()

        def prepare(catalogue: Catalogue) -> RowsInserted:
            go.wait()
            table = catalogue.table(NAME)
            return RowsInserted(
                NAME, pa.RecordBatch.from_arrays([row_id_array(0, 1), pa.array([1])], schema=table.columns.stored)
            )

        changing = asyncio.ensure_future(transactions.change_off_loop(transaction, prepare, lambda change: (change,)))
        await asyncio.sleep(0)
        clock.now = 5
        assert transactions.expire() == []
        waiting = transactions.commit(txid)
        assert waiting is not None
        committing = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        assert values(transactions.newest) == []
        go.set()
        await changing
        await committing
        assert values(transactions.newest) == [1]

    asyncio.run(run())


def test_commit_ends_its_transaction_at_once() -> None:
    """What else is asked of a transaction while its commit is being kept finds it ended, and leaves no lock behind."""

    async def run() -> None:
        journal = HeldJournal()
        transactions = Transactions(with_table(), journal=journal)
        txid = transactions.begin()
        insert(transactions, txid, 1)
        transaction = transactions.get(txid)

        def settle(rows: pa.RecordBatch) -> tuple[RowsDeleted]:
            transactions.locks.claim_rows(transaction.holder, 1, rows.column(0).to_numpy())
            return (RowsDeleted(NAME, rows),)

        gone = pa.RecordBatch.from_arrays([row_id_array(0, 1)], names=["$row_id"])
        changing = asyncio.ensure_future(transactions.change_off_loop(transaction, lambda _: gone, settle))
        waiting = transactions.commit(txid)
        assert waiting is not None
        for end in (transactions.commit, transactions.rollback):
            with pytest.raises(NoSuchTransaction):
                end(txid)
        journal.flush.set()
        with pytest.raises(NoSuchTransaction):
            await changing
        await waiting
        assert values(transactions.newest) == [1]
        assert len(transactions.locks) == 0

    asyncio.run(run())


def test_commit_whose_wait_is_broken_off() -> None:
    """Nobody waits for it any more: it is kept and seen all the same."""

    async def run() -> None:
        journal = HeldJournal()
        detached = DetachedJournal(journal)
        transactions = Transactions(with_table(), journal=detached)
        txid = transactions.begin()
        insert(transactions, txid, 1)
        waiting = transactions.commit(txid)
        assert waiting is not None
        committing = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        committing.cancel()
        journal.flush.set()
        await asyncio.wait([committing])
        await asyncio.gather(*detached.tasks)
        assert values(transactions.newest) == [1]
        assert transactions.open_count == 0
        assert len(transactions.locks) == 0

    asyncio.run(run())


class DetachedJournal:
    """A journal that goes on by itself, as the one of a directory does."""

    def __init__(self, journal: HeldJournal) -> None:
        """Write to this one."""
        self.journal = journal
        self.tasks: list[asyncio.Task[None]] = []

    async def append(self, changes: Sequence[Change], durable: object) -> None:
        """Wait for the flush, which does not end with the wait."""
        self.tasks.append(asyncio.create_task(self.journal.append(changes, durable)))
        await asyncio.shield(self.tasks[-1])
