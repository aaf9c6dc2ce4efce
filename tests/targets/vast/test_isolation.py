"""Transactions through the official SDK: each sees one moment, the first writer wins, and what is forgotten ends."""

from typing import Any

import pyarrow as pa
import pytest
from vast_endpoint import BUCKET, COLUMNS, ROWS, Serve, connected, opened, read, row_update, undone
from vastdb import errors


@pytest.mark.usefixtures("table_name")
def test_second_writer_of_a_row_conflicts(session: Any, schema_name: str) -> None:
    """The first writer of a row wins; the second is told at once, and its transaction leaves no trace."""
    with session.transaction() as first:
        opened(first, schema_name).update(row_update(0, "first"))
        with pytest.raises(errors.Conflict), session.transaction() as second:
            opened(second, schema_name).update(row_update(0, "second"))
    assert read(session, schema_name)["name"] == ["first", "b", "c"]


@pytest.mark.usefixtures("table_name")
def test_row_changed_since_the_snapshot_conflicts(session: Any, schema_name: str) -> None:
    """A transaction cannot change a row that was changed and committed after it began."""
    with undone(session) as late:
        table = opened(late, schema_name)
        with session.transaction() as early:
            opened(early, schema_name).delete(pa.record_batch([pa.array([1], pa.uint64())], names=["$row_id"]))
        with pytest.raises(errors.Conflict):
            table.update(row_update(1, "late"))
    assert read(session, schema_name)["name"] == ["a", "c"]


@pytest.mark.usefixtures("table_name")
def test_concurrent_inserts_do_not_conflict(session: Any, schema_name: str) -> None:
    """Transactions that insert into one table at once all commit, and no row id is given twice."""
    with session.transaction() as first, session.transaction() as second:
        ids = opened(first, schema_name).insert(ROWS).to_pylist()
        ids += opened(second, schema_name).insert(ROWS).to_pylist()
    assert len(set(ids)) == 6
    assert sorted(read(session, schema_name)["id"]) == [1, 1, 1, 2, 2, 2, 3, 3, 3]


@pytest.mark.usefixtures("table_name")
def test_snapshot_isolation(session: Any, schema_name: str) -> None:
    """A transaction goes on seeing the moment at which it began, and its own changes."""
    with session.transaction() as tx:
        table = opened(tx, schema_name)
        table.insert(pa.table([[9], ["own"]], schema=COLUMNS))
        with session.transaction() as other:
            opened(other, schema_name).insert(pa.table([[8], ["other"]], schema=COLUMNS))
        assert table.select(["id"]).read_all().column(0).to_pylist() == [1, 2, 3, 9]
    assert sorted(read(session, schema_name)["id"]) == [1, 2, 3, 8, 9]


def test_second_creator_of_a_name_conflicts(session: Any, schema_name: str) -> None:
    """The first transaction that creates a schema wins, though the other does not see it yet."""
    with session.transaction() as first:
        first.bucket(BUCKET).create_schema(schema_name)
        with pytest.raises(errors.Conflict), session.transaction() as second:
            second.bucket(BUCKET).create_schema(schema_name)
        first.bucket(BUCKET).schema(schema_name).drop()


@pytest.mark.usefixtures("table_name")
def test_insert_into_a_table_that_is_being_dropped_conflicts(session: Any, schema_name: str) -> None:
    """No row can get lost in a table that another transaction drops."""
    with session.transaction() as first:
        opened(first, schema_name).drop()
        with pytest.raises(errors.Conflict), session.transaction() as second:
            opened(second, schema_name).insert(ROWS)
        first.bucket(BUCKET).schema(schema_name).create_table("t", COLUMNS)


@pytest.mark.usefixtures("table_name")
def test_rollback_leaves_no_trace(session: Any, schema_name: str) -> None:
    """What a transaction did is gone when it is rolled back, and its locks are free."""
    with undone(session) as tx:
        opened(tx, schema_name).update(row_update(0, "never"))
    with session.transaction() as tx:
        opened(tx, schema_name).update(row_update(0, "then"))
    assert read(session, schema_name)["name"][0] == "then"


def test_forgotten_transaction_expires(serve: Serve) -> None:
    """A transaction that nobody asks for ends by itself: its id is not known any more, its locks are free."""
    served = serve("--bucket", BUCKET, "--transaction-seconds", "0.2")
    with connected(served.url) as session:
        forgotten = session.transaction()
        forgotten.__enter__()
        forgotten.bucket(BUCKET).create_schema("s")
        while "is rolled back" not in served.log.read_text():
            pass
        with pytest.raises(errors.NotFound):
            forgotten._rpc.api.commit_transaction(forgotten.txid)
        with session.transaction() as tx:
            tx.bucket(BUCKET).create_schema("s")
