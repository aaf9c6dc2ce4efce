"""Run-scoped schemas: made and filled in one transaction, dated by their names, deleted with all in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from vastdb import errors
from vastdb.table_metadata import TableMetadata, TableRef
from vastdb.transaction import Transaction

from steadyline.backend import RUN_PREFIX
from steadyline.operations.vast.content import COLUMNS, rows_of
from steadyline.operations.vast.database import Database
from steadyline.operations.vast.failures import FAILURES
from steadyline.operations.vast.objects import Objects
from steadyline.outcome import IntegrityError

ROWS_TABLE = "rows"
_NAME = re.compile(rf"{RUN_PREFIX}vast-[a-z0-9]+-(?P<born>\d+)-[0-9a-f-]{{36}}")


def born_of(name: str) -> float | None:
    """When a run-scoped schema was made, Unix time, by its name; None where it is not one of ours."""
    found = _NAME.fullmatch(name)
    return float(found["born"]) if found else None


@dataclass(frozen=True, slots=True)
class RunSchema:
    """One run-scoped schema and its table of rows.

    Attributes:
        name: of the schema.
        table: what an application keeps of a table, loaded: it spares each transaction the look-ups.
        row_ids: `$row_id` of the rows that the table was filled with, by their numbers.
    """

    name: str
    table: TableMetadata
    row_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """Where the run-scoped schemas of one kind are kept.

    VAST DB dates no schema: the name carries the birth, in Unix seconds.

    Attributes:
        kind: words for their names.
        database: how to reach the bucket.
        objects: what lies beside the schemas in the bucket.
        now: Unix time.
        rows: how many rows the table is filled with.
        empty_tables: how many more tables there are.
    """

    kind: str
    database: Database
    objects: Objects
    now: Callable[[], float]
    rows: int
    empty_tables: int = 0
    failures: tuple[type[Exception], ...] = FAILURES
    _names: dict[str, str] = field(default_factory=dict)
    _made: dict[str, RunSchema] = field(default_factory=dict)

    def of(self, project_id: str) -> RunSchema:
        """The schema of that id."""
        return self._made[project_id]

    def names(self, ids: set[str]) -> set[str]:
        """The schemas of these ids, by name."""
        return {name for project_id, name in list(self._names.items()) if project_id in ids}

    def make(self, project_id: str, name: str) -> tuple[str, ...]:
        """Make and fill a schema, all or nothing; its rows are told by number, so no ids are answered."""
        dated = f"{name.removesuffix(project_id)}{int(self.now())}-{project_id}"
        self._names[project_id] = dated
        with self.database.transaction() as tx:
            self._made[project_id] = self._fill(tx, dated)
        return ()

    def _fill(self, tx: Transaction, name: str) -> RunSchema:
        self.database.bucket(tx).create_schema(name)
        for number in range(self.empty_tables):
            self.database.create_table(tx, name, f"empty_{number}", COLUMNS)
        self.database.create_table(tx, name, ROWS_TABLE, COLUMNS)
        metadata = TableMetadata(TableRef(self.database.place.bucket, name, ROWS_TABLE))
        metadata.load(tx)
        row_ids = tx.table_from_metadata(metadata).insert(rows_of(range(self.rows))).to_pylist()
        if len(row_ids) != self.rows:
            raise IntegrityError(f"{len(row_ids)} rows were made, not the {self.rows} asked for")
        return RunSchema(name, metadata, tuple(map(int, row_ids)))

    def is_there(self, project_id: str) -> bool:
        """Ask whether the schema and its rows' table still exist."""
        try:
            with self.database.transaction() as tx:
                return ROWS_TABLE in self.database.schema(tx, self._names[project_id]).tablenames()
        except (errors.NotFound, errors.Missing):
            return False

    def delete(self, project_id: str) -> int:
        """Delete a schema with its tables, rows and objects; answer how many artefacts went."""
        gone = delete_schema(self.database, self.objects, self._names[project_id])
        del self._names[project_id]
        self._made.pop(project_id, None)
        return gone


def delete_schema(database: Database, objects: Objects, name: str) -> int:
    """Delete a schema with its tables and rows, and its objects; answer how many artefacts went, 0 where it was gone."""
    gone = objects.delete_all(f"{name}/")
    try:
        with database.transaction() as tx:
            tables = list(database.tables(tx, name))
            for table in tables:
                database.drop_table(tx, name, table.name)
            database.schema(tx, name).drop()
    except errors.NotFound:
        return gone
    return gone + 1 + sum(1 + int(table.num_rows) for table in tables)
