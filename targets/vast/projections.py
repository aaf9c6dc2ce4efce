"""Projections and imported objects: what changes about a table besides its columns and rows."""

from dataclasses import dataclass, replace

import pyarrow as pa

from targets.vast.catalogue import Catalogue, Projection, TableName


@dataclass(frozen=True, slots=True)
class ProjectionCreated:
    """A table has one more projection."""

    name: TableName
    projection: str
    sorted_by: tuple[str, ...]
    others: tuple[str, ...]

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With it."""
        table = catalogue.table(self.name)
        projections = {**table.projections, self.projection: Projection(self.sorted_by, self.others)}
        return catalogue.with_table(self.name, replace(table, projections=projections))


@dataclass(frozen=True, slots=True)
class ProjectionRenamed:
    """A projection has another name."""

    name: TableName
    projection: str
    new: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the name."""
        table = catalogue.table(self.name)
        projections = dict(table.projections)
        projections[self.new] = projections.pop(self.projection)
        return catalogue.with_table(self.name, replace(table, projections=projections))


@dataclass(frozen=True, slots=True)
class ProjectionDropped:
    """A projection went."""

    name: TableName
    projection: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without it."""
        table = catalogue.table(self.name)
        projections = {name: one for name, one in table.projections.items() if name != self.projection}
        return catalogue.with_table(self.name, replace(table, projections=projections))


@dataclass(frozen=True, slots=True)
class ObjectsImported:
    """Objects were imported into a table.

    Attributes:
        batch: rows of the table of imported objects, `$row_id` first.
    """

    name: TableName
    batch: pa.RecordBatch

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With them in the table of imported objects."""
        table = catalogue.table(self.name)
        table.row_ids.pass_over(self.batch.column(0)[-1].as_py())
        return catalogue.with_table(self.name, replace(table, imported=table.imported.inserted(self.batch)))


@dataclass(frozen=True, slots=True)
class ImportsForgotten:
    """Objects went from the table of imported objects.

    Attributes:
        batch: `$row_id` (ascending) alone.
    """

    name: TableName
    batch: pa.RecordBatch

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without them."""
        table = catalogue.table(self.name)
        imported = table.imported.deleted(self.batch.column(0).to_numpy())
        return catalogue.with_table(self.name, replace(table, imported=imported))
