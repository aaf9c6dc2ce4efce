"""What the endpoint promises, asked through the official SDK: its own exceptions for what cannot be, and no harm done."""

from typing import Any

import pyarrow as pa
import pytest
import vastdb
from vast_endpoint import BUCKET, COLUMNS, ROWS, SECRET, Served, opened, read, undone
from vastdb import errors
from vastdb.config import BackoffConfig, QueryConfig


@pytest.mark.usefixtures("table_name")
def test_rename_of_schema_and_table(session: Any, schema_name: str) -> None:
    """Renames are seen by later transactions under the new names alone, rows and all."""
    with session.transaction() as tx:
        opened(tx, schema_name).rename("u")
        tx.bucket(BUCKET).schema(schema_name).rename(f"{schema_name}_new")
    with session.transaction() as tx:
        assert tx.bucket(BUCKET).schema(schema_name, fail_if_missing=False) is None
        table = tx.bucket(BUCKET).schema(f"{schema_name}_new").table("u")
        assert table.select().read_all() == ROWS


@pytest.mark.usefixtures("table_name")
def test_table_moves_to_another_schema(session: Any, schema_name: str) -> None:
    """A table can be renamed into another schema of its bucket."""
    with session.transaction() as tx:
        tx.bucket(BUCKET).create_schema(f"{schema_name}_other")
        tx._rpc.api._request(
            method="PUT",
            url=tx._rpc.api._url(
                bucket=BUCKET,
                schema=schema_name,
                table="t",
                command="table",
                url_params={"tabular-new-table-name": f"{schema_name}_other/t"},
            ),
            headers=tx._rpc.api._fill_common_headers(txid=tx.txid),
            data=b"\x08\x00\x00\x00\x04\x00\x04\x00\x04\x00\x00\x00",
        )
    with session.transaction() as tx:
        assert tx.bucket(BUCKET).schema(schema_name).tables() == []
        assert tx.bucket(BUCKET).schema(f"{schema_name}_other").table("t").select().read_all() == ROWS


def test_pages_of_tables(session: Any, schema_name: str) -> None:
    """Tables are listed whole, whatever the page size; by prefix, by exact name, and counted."""
    names = [f"t{number}" for number in range(7)]
    with undone(session) as tx:
        schema = tx.bucket(BUCKET).create_schema(schema_name)
        for name in names:
            schema.create_table(name, COLUMNS)
        assert schema.tablenames(page_size=3) == names
        api, txid = tx._rpc.api, tx.txid
        assert api.list_tables(BUCKET, schema_name, txid, count_only=True)[5] == 7
        assert [t.name for t in api.list_tables(BUCKET, schema_name, txid, name_prefix="t3")[2]] == ["t3"]
        assert api.list_tables(BUCKET, schema_name, txid, name_prefix="t", exact_match=True)[2] == []


@pytest.mark.usefixtures("table_name")
def test_pages_of_rows(session: Any, schema_name: str) -> None:
    """A select in pages of two rows, splits and subsplits, finds every row once."""
    config = QueryConfig(num_splits=2, num_sub_splits=2, num_row_groups_per_sub_split=1, limit_rows_per_sub_split=2)
    with session.transaction() as tx:
        assert opened(tx, schema_name).select(config=config).read_all() == ROWS


def test_wrong_keys(endpoint: Served) -> None:
    """An unknown access key and a wrong secret are both forbidden."""
    for access, secret in (("nobody", SECRET), ("test-key", "wrong")):
        with pytest.raises(errors.Forbidden):
            vastdb.connect(endpoint=endpoint.url, access=access, secret=secret, backoff_config=BackoffConfig(max_tries=1))
    assert "wrong" not in endpoint.log.read_text()
    assert SECRET not in endpoint.log.read_text()


@pytest.mark.usefixtures("table_name")
def test_oversize_insert(session: Any, schema_name: str) -> None:
    """A body over 5 MB is refused as a bad request, and the transaction goes on."""
    with session.transaction() as tx:
        table = opened(tx, schema_name)
        with pytest.raises(errors.BadRequest):
            tx._rpc.api.insert_rows(BUCKET, schema_name, "t", b"\0" * (5 * 1024 * 1024 + 1), tx.txid)
        table.insert(ROWS)
    assert len(read(session, schema_name)["id"]) == 6


@pytest.mark.usefixtures("table_name")
def test_large_insert_is_split_by_the_sdk(session: Any, schema_name: str) -> None:
    """Rows of more than 5 MB arrive in several requests and are all there."""
    rows = pa.table([range(100_000), ["x" * 100] * 100_000], schema=COLUMNS)
    with session.transaction() as tx:
        ids = opened(tx, schema_name).insert(rows).to_pylist()
    assert len(set(ids)) == 100_000
    with session.transaction() as tx:
        table = opened(tx, schema_name)
        assert table.get_stats().num_rows == 100_003
        assert table.select(["id"], predicate=table["id"] == 77_777).read_all().num_rows == 1


@pytest.mark.usefixtures("table_name")
def test_unknown_column(session: Any, schema_name: str) -> None:
    """Rows with a column that the table does not have are refused, and nothing of them is kept."""
    with session.transaction() as tx:
        table = opened(tx, schema_name)
        with pytest.raises(errors.BadRequest):
            table.insert(pa.table([[1], [2]], names=["id", "nonsense"]))
        with pytest.raises(errors.BadRequest):
            table.update(pa.record_batch([pa.array([0], pa.uint64()), [1]], names=["$row_id", "nonsense"]))
        with pytest.raises(errors.NotFound):
            table.drop_column(pa.schema([("nonsense", pa.int64())]))
    assert read(session, schema_name) == ROWS.to_pydict()


@pytest.mark.usefixtures("table_name")
def test_columns_come_and_go(session: Any, schema_name: str) -> None:
    """A column that is added is null, one that is renamed keeps its values, one that is dropped is gone."""
    with session.transaction() as tx:
        table = opened(tx, schema_name)
        table.add_column(pa.schema([("more", pa.float64())]))
        table.rename_column("name", "title")
        table.drop_column(pa.schema([("id", pa.int64())]))
    assert read(session, schema_name) == {"title": ["a", "b", "c"], "more": [None, None, None]}


def test_external_row_ids(session: Any, schema_name: str) -> None:
    """A client may choose row ids: ascending, each once, also those in gaps."""
    columns = pa.schema([("vastdb_rowid", pa.int64()), ("x", pa.int64())])
    with undone(session) as tx:
        table = tx.bucket(BUCKET).create_schema(schema_name).create_table("t", columns)
        table.insert(pa.table([[10, 20], [1, 2]], schema=columns))
        table.insert(pa.table([[15], [3]], schema=columns))
        with pytest.raises(errors.BadRequest):
            table.insert(pa.table([[20], [4]], schema=columns))
        found = table.select(["x"], internal_row_id=True).read_all().to_pydict()
        assert found == {"x": [1, 3, 2], "$row_id": [10, 15, 20]}
        assert table.get_stats().is_external_rowid_alloc


def test_vanished_bucket(session: Any, endpoint: Served) -> None:
    """A bucket that is not there is the SDK's MissingBucket, and the endpoint goes on."""
    with session.transaction() as tx:
        with pytest.raises(errors.MissingBucket):
            tx.bucket("vanished")
        assert tx.bucket(BUCKET).name == BUCKET
    assert endpoint.process.poll() is None


def test_system_buckets(session: Any, schema_name: str) -> None:
    """The catalogue lists what there is, the audit log what was asked; nobody writes to either."""
    with session.transaction() as tx:
        tx.bucket(BUCKET).create_schema(schema_name)
    with session.transaction() as tx:
        catalogue = tx.catalog()
        found = catalogue.select(["name"], predicate=catalogue["element_type"] == "SCHEMA").read_all()
        assert schema_name in found.column(0).to_pylist()
        audited = tx.audit_log().select(["method", "command"]).read_all().to_pylist()
        assert {"method": "POST", "command": "schema"} in audited
        with pytest.raises(errors.MethodNotAllowed):
            catalogue.drop()
        tx.bucket(BUCKET).schema(schema_name).drop()
