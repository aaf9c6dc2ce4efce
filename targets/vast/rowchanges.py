"""Changes that leave a table its name and columns: several transactions may make them in one table at once."""

from dataclasses import dataclass, replace

import pyarrow as pa

from targets.vast.catalogue import Catalogue, Table, TableName


@dataclass(frozen=True, slots=True)
class RowsInserted:
    """A table has more rows.

    Attributes:
        batch: `$row_id` (ascending) first, then the table's columns.
        external: the client chose the ids.
    """

    name: TableName
    batch: pa.RecordBatch
    external: bool = False

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the rows."""
        return catalogue.with_table(self.name, self.to(catalogue.table(self.name)))

    def to(self, table: Table) -> Table:
        """The table with the rows."""
        if self.batch.num_rows:
            table.row_ids.pass_over(self.batch.column(0)[-1].as_py())
        return replace(
            table,
            rows=table.rows.inserted(self.batch),
            external_row_ids=table.external_row_ids or self.external,
            inserted_rows=table.inserted_rows + self.batch.num_rows,
        )


@dataclass(frozen=True, slots=True)
class RowsUpdated:
    """Some rows have other values.

    Attributes:
        batch: `$row_id` (ascending) first, then the columns that change.
    """

    name: TableName
    batch: pa.RecordBatch

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the values."""
        return catalogue.with_table(self.name, self.to(catalogue.table(self.name)))

    def to(self, table: Table) -> Table:
        """The table with the values."""
        return replace(table, rows=table.rows.updated(self.batch))


@dataclass(frozen=True, slots=True)
class RowsDeleted:
    """Some rows went.

    Attributes:
        batch: `$row_id` (ascending) alone.
    """

    name: TableName
    batch: pa.RecordBatch

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without them."""
        return catalogue.with_table(self.name, self.to(catalogue.table(self.name)))

    def to(self, table: Table) -> Table:
        """The table without them."""
        return replace(table, rows=table.rows.deleted(self.batch.column(0).to_numpy()))
