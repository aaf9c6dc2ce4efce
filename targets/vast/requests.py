"""The flatbuffers that requests carry, parsed into facts: everything out of bounds is an InvalidArgument.

Properties are kept as they came: they are the client's own text (JSON by custom).
"""

from dataclasses import dataclass


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


def created_schema(body: bytes) -> str:
    """Properties of a schema to create, "" where there are none."""
    raise NotImplementedError


def altered_schema(body: bytes) -> str | None:
    """Properties to give to a schema; None leaves them."""
    raise NotImplementedError


def altered_table(body: bytes) -> str | None:
    """Properties to give to a table; None leaves them."""
    raise NotImplementedError


def altered_column(body: bytes) -> ColumnChange:
    """What to change about a column."""
    raise NotImplementedError


def import_data(body: bytes) -> Import:
    """What to import."""
    raise NotImplementedError


def created_projection(body: bytes) -> tuple[ProjectionColumn, ...]:
    """The columns of a projection to create, in order."""
    raise NotImplementedError


def altered_projection(body: bytes) -> ProjectionChange:
    """What to change about a projection."""
    raise NotImplementedError
