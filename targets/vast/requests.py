"""The flatbuffers that requests carry, parsed into facts: everything out of bounds is an InvalidArgument.

Properties are kept as they came: they are the client's own text (JSON by custom).
"""

from dataclasses import dataclass

from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import Table, refusing, root


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """PUT ?column: None is left as it is."""

    properties: str | None
    stats: str | None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One Parquet object to import.

    Attributes:
        partitions: an Arrow IPC stream of one row, whose columns are added to each row of the file; b"" where there is none.
    """

    bucket: str
    name: str
    format: str
    partitions: bytes


@dataclass(frozen=True, slots=True)
class Import:
    """POST ?data."""

    files: tuple[ImportedFile, ...]
    key_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectionColumn:
    """A column of a projection to create."""

    name: str
    is_sorted: bool


@dataclass(frozen=True, slots=True)
class ProjectionChange:
    """PUT ?projection: None is left as it is."""

    new_name: str | None
    properties: str | None


@refusing
def created_schema(body: bytes) -> str:
    """Properties of a schema to create, "" where there are none."""
    return root(body).text(0) or ""


@refusing
def altered_schema(body: bytes) -> str | None:
    """Properties to give to a schema; None leaves them."""
    return root(body).text(0)


@refusing
def altered_table(body: bytes) -> str | None:
    """Properties to give to a table; None leaves them."""
    return root(body).text(0)


@refusing
def altered_column(body: bytes) -> ColumnChange:
    """What to change about a column."""
    table = root(body)
    return ColumnChange(properties=table.text(0), stats=table.text(1))


@refusing
def import_data(body: bytes) -> Import:
    """What to import."""
    table = root(body)
    files = tuple(_file(part) for part in table.tables(0))
    return Import(files, tuple(_name(part) for part in table.tables(1)))


def _file(part: Table) -> ImportedFile:
    bucket, name = part.text(1), part.text(2)
    if not bucket or not name:
        raise InvalidArgument("a file to import has no bucket or no name")
    return ImportedFile(bucket, name, part.text(0) or "", part.blob(3) or b"")


def _name(part: Table) -> str:
    name = part.text(0)
    if not name:
        raise InvalidArgument("a column has no name")
    return name


@refusing
def created_projection(body: bytes) -> tuple[ProjectionColumn, ...]:
    """The columns of a projection to create, in order."""
    return tuple(ProjectionColumn(_name(part), part.byte(1) == 1) for part in root(body).tables(0))


@refusing
def altered_projection(body: bytes) -> ProjectionChange:
    """What to change about a projection."""
    table = root(body)
    return ProjectionChange(new_name=table.text(0), properties=table.text(1))
