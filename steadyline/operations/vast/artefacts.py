"""Counting from outside, by listing the bucket, whoever made it: what crashed runs left, and what attempts left in ours."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vastdb import errors

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operations.vast.content import KEY
from steadyline.operations.vast.database import Database
from steadyline.operations.vast.objects import Objects
from steadyline.operations.vast.schemas import RunSchema, born_of

PREFIX = f"{RUN_PREFIX}vast-"
"""What the names of all our schemas, and the keys of all our objects, begin with."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run-scoped schema as seen from outside.

    Attributes:
        name: of the schema.
        age_seconds: by its name.
        artefacts: itself, its tables, their rows, and its objects.
    """

    name: str
    age_seconds: float
    artefacts: int

    @property
    def was_left_by_a_crash(self) -> bool:
        """Past twice its lifetime; a younger one may be another live run's on the same target."""
        return self.age_seconds > 2 * RUN_LIFETIME_SECONDS


def run_scoped(database: Database, objects: Objects, now: float) -> list[Found]:
    """All run-scoped schemas there are; objects whose schema is gone count as one of that name."""
    keys = [key.partition("/")[0] for key in objects.keys(PREFIX)]
    with database.transaction() as tx:
        names = list(database.schemas(tx, PREFIX))
        counts = {name: 1 + sum(1 + int(table.num_rows) for table in database.tables(tx, name)) for name in names}
    dated = ((name, born_of(name)) for name in dict.fromkeys([*names, *keys]))
    return [Found(name, now - born, counts.get(name, 0) + keys.count(name)) for name, born in dated if born is not None]


def left(found: list[Found], ours: Collection[str], overdue: Collection[str] = ()) -> list[Found]:
    """Schemas that should be gone: those of crashed runs, and our own predecessors that are overdue."""
    return [schema for schema in found if schema.name in overdue or (schema.was_left_by_a_crash and schema.name not in ours)]


def left_in(database: Database, objects: Objects, schema: RunSchema) -> Iterator[tuple[str, str]]:
    """What there is in a schema in use beside what it was filled with: kind and name of each table, row and object."""
    yield from (("object", key) for key in objects.keys(f"{schema.name}/"))
    try:
        with database.transaction() as tx:
            names = [name for name in database.schema(tx, schema.name).tablenames() if name != schema.table.ref.table]
            table = tx.table_from_metadata(schema.table)
            beyond = table[KEY] >= len(schema.row_ids)
            rows = table.select([KEY], beyond, database.verifying).read_all()[KEY].to_pylist()
    except errors.NotFound:  # emptied by somebody else: a later attempt makes it anew
        return
    yield from (("table", name) for name in names)
    yield from (("row", str(number)) for number in rows)
