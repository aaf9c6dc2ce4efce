"""A catalogue with one table, and transactions that insert into it as the endpoint's handlers do."""

import pyarrow as pa

from targets.vast.catalogue import Catalogue, TableName
from targets.vast.changes import BucketCreated, SchemaCreated, TableCreated
from targets.vast.rowchanges import RowsInserted
from targets.vast.rowids import row_id_array
from targets.vast.transactions import Transactions

NAME = TableName("b", "s", "t")
COLUMNS = pa.schema([("x", pa.int64())])


def with_table() -> Catalogue:
    """A catalogue with an empty table."""
    catalogue = Catalogue()
    for change in (BucketCreated("b"), SchemaCreated("b", "s"), TableCreated(NAME, 1, COLUMNS)):
        catalogue = change.applied(catalogue)
    return catalogue


def insert(transactions: Transactions, txid: int, *values: int) -> RowsInserted:
    """Insert rows as the handler does."""
    transaction = transactions.get(txid)
    table = transaction.catalogue.table(NAME)
    transactions.locks.share(transaction.holder, NAME)
    ids = row_id_array(table.row_ids.take(len(values)), len(values))
    change = RowsInserted(NAME, pa.RecordBatch.from_arrays([ids, pa.array(values)], schema=table.columns.stored))
    transactions.change(transaction, change)
    return change


def values(catalogue: Catalogue) -> list[int]:
    """What the table holds."""
    found: list[int] = catalogue.table(NAME).rows.table.column("x").to_pylist()
    return found
