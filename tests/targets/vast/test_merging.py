"""A commit after others have committed: whatever they did counts too, and dear work is done in a thread."""

import asyncio
import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest
from vast_table import NAME, insert, values, with_table

from targets.vast import merging
from targets.vast import transactions as transactions_module
from targets.vast.catalogue import Catalogue
from targets.vast.rowchanges import RowsUpdated
from targets.vast.rowids import row_id_array
from targets.vast.transactions import Transactions


def update(transactions: Transactions, txid: int, value: int) -> None:
    """Another value in the first row."""
    rows = pa.RecordBatch.from_arrays([row_id_array(0, 1), pa.array([value])], names=["$row_id", "x"])
    transactions.change(transactions.get(txid), RowsUpdated(NAME, rows))


def committed(transactions: Transactions, *inserted: int) -> None:
    """A transaction of its own with these rows."""
    txid = transactions.begin()
    insert(transactions, txid, *inserted)
    assert transactions.commit(txid) is None


@pytest.fixture
def merges(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Thread]]:
    """Each change counts as dear; in which threads merging was done."""
    monkeypatch.setattr(merging, "MOST_CHUNKS", 0)
    threads: list[threading.Thread] = []

    def merged(*facts: object) -> Catalogue:
        if facts[0] is not facts[1]:
            threads.append(threading.current_thread())
        return merging.merged(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(transactions_module, "merged", merged)
    return threads


def test_dear_merge_is_off_the_loop(merges: list[threading.Thread]) -> None:
    """Others' rows and the transaction's change both count; nothing of it was merged on the event loop."""

    async def run() -> None:
        transactions = Transactions(with_table())
        committed(transactions, 1, 2)
        txid = transactions.begin()
        update(transactions, txid, 10)
        committed(transactions, 3)
        waiting = transactions.commit(txid)
        assert waiting is not None
        await waiting
        assert values(transactions.newest) == [10, 2, 3]
        assert transactions.open_count == 0
        assert len(transactions.locks) == 0

    asyncio.run(run())
    assert merges
    assert threading.main_thread() not in merges


def test_another_commit_during_the_merge(monkeypatch: pytest.MonkeyPatch, merges: list[threading.Thread]) -> None:
    """It counts too, and until the end nobody sees anything of the commit that is being merged."""
    transactions = Transactions(with_table())
    committed(transactions, 1)
    merged = transactions_module.merged
    during, go = threading.Event(), threading.Event()

    def held(*facts: object) -> Catalogue:
        if threading.current_thread() is not threading.main_thread():
            during.set()
            assert go.wait(30)
        return merged(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(transactions_module, "merged", held)

    async def run() -> None:
        txid = transactions.begin()
        update(transactions, txid, 10)
        committed(transactions, 2)
        waiting = transactions.commit(txid)
        assert waiting is not None
        committing = asyncio.ensure_future(waiting)
        await asyncio.to_thread(during.wait, 30)
        committed(transactions, 3)
        assert values(transactions.newest) == [1, 2, 3]
        assert values(transactions.snapshot(txid)) == [10]
        go.set()
        await committing
        assert values(transactions.newest) == [10, 2, 3]

    asyncio.run(run())
    assert len([thread for thread in merges if thread is not threading.main_thread()]) == 2


def test_few_rows_are_merged_at_once() -> None:
    """A commit that copies little is not sent to a thread."""
    transactions = Transactions(with_table())
    committed(transactions, 1, 2)
    txid = transactions.begin()
    update(transactions, txid, 10)
    committed(transactions, 3)
    assert transactions.commit(txid) is None
    assert values(transactions.newest) == [10, 2, 3]
