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
def test_rows_that_are_not_seen_are_not_changed(session: Any, schema_name: str) -> None:
    """A row that was committed after a transaction began is not there for its updates and deletes, nor after its commit."""
    with session.transaction() as early:
        table = opened(early, schema_name)
        with session.transaction() as late:
            given = opened(late, schema_name).insert(ROWS).to_pylist()
        table.update(row_update(given[0], "unseen"))
        table.delete(pa.record_batch([pa.array([given[1]], pa.uint64())], names=["$row_id"]))
    assert read(session, schema_name)["name"] == ["a", "b", "c", "a", "b", "c"]


WITH_IDS = pa.schema([("vastdb_rowid", pa.int64()), ("x", pa.int64())])


def chosen(*ids: int) -> pa.Table:
    """Rows whose ids the client chooses."""
    return pa.table([ids, ids], schema=WITH_IDS)


def test_chosen_row_id_that_is_given_to_another(session: Any, schema_name: str) -> None:
    """Ids that a client chooses and ids that are given do not meet, whichever comes first and whether committed or not."""
    given = chosen(0, 0).select(["x"])
    with session.transaction() as tx:
        tx.bucket(BUCKET).create_schema(schema_name).create_table("t", WITH_IDS)
    with undone(session) as early, session.transaction() as first:
        assert opened(first, schema_name).insert(given).to_pylist() == [0, 1]
        with pytest.raises(errors.Conflict), session.transaction() as second:
            opened(second, schema_name).insert(chosen(1))
        with session.transaction() as third:
            opened(third, schema_name).insert(chosen(7))
            assert opened(first, schema_name).insert(given).to_pylist() == [8, 9]
        for taken in (7, 0):
            with pytest.raises(errors.Conflict):
                opened(early, schema_name).insert(chosen(taken))
    assert read(session, schema_name)["vastdb_rowid"] == [0, 1, 7, 8, 9]
    with session.transaction() as tx:
        opened(tx, schema_name).drop()
        tx.bucket(BUCKET).schema(schema_name).drop()


@pytest.mark.usefixtures("table_name")
def test_column_of_chosen_row_ids_in_a_table_that_was_filled_meanwhile(session: Any, schema_name: str) -> None:
    """A row id that was given before clients could choose is not given again."""
    with undone(session) as tx:
        table = opened(tx, schema_name)
        with session.transaction() as other:
            given = opened(other, schema_name).insert(ROWS).to_pylist()
        table.add_column(pa.schema([WITH_IDS.field(0)]))
        table = opened(tx, schema_name)
        row = pa.schema([WITH_IDS.field(0), *COLUMNS])
        table.insert(pa.table([[99], [1], ["free"]], schema=row))
        with pytest.raises(errors.Conflict):
            table.insert(pa.table([given[:1], [1], ["taken"]], schema=row))


@pytest.mark.parametrize("number", [(1 << 48) - 1, (1 << 63) - 1])
def test_chosen_row_id_out_of_range(session: Any, schema_name: str, number: int) -> None:
    """An id by which no page of a query could begin is refused, and the table goes on."""
    with undone(session) as tx:
        table = tx.bucket(BUCKET).create_schema(schema_name).create_table("t", WITH_IDS)
        with pytest.raises(errors.BadRequest):
            table.insert(chosen(number))
        assert table.insert(chosen(5).select(["x"])).to_pylist() == [0]


@pytest.mark.usefixtures("table_name")
def test_schema_in_which_something_was_made_meanwhile(session: Any, schema_name: str) -> None:
    """A transaction cannot drop a schema in which others have made what it does not see, nor move what it does not see."""
    with session.transaction() as tx:
        empty = tx.bucket(BUCKET).create_schema(f"{schema_name}_e")
    with undone(session) as early:
        schemas = [early.bucket(BUCKET).schema(name) for name in (empty.name, schema_name)]
        with session.transaction() as tx:
            table = tx.bucket(BUCKET).schema(empty.name).create_table("t", COLUMNS)
            tx.bucket(BUCKET).schema(schema_name).create_schema("inner")
        with pytest.raises(errors.Conflict):
            schemas[0].drop()
        with pytest.raises(errors.Conflict):
            schemas[1].rename(f"{schema_name}_new")
    with session.transaction() as tx:
        tx.bucket(BUCKET).schema(empty.name).table(table.name).drop()
        tx.bucket(BUCKET).schema(empty.name).drop()
        tx.bucket(BUCKET).schema(schema_name).schema("inner").drop()


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
