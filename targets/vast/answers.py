"""The flatbuffers that answers carry, built from facts."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectDetails:
    """A schema, table or projection in a list.

    Attributes:
        sorting_score: the highest of its 64 bits says that sorting is done.
    """

    name: str
    properties: str = ""
    handle: str = ""
    num_rows: int = 0
    size_in_bytes: int = 0
    num_partitions: int = 0
    sorting_key_enabled: bool = False
    sorting_score: int = 0
    write_amplification: int = 0
    inserted_rows: int = 0
    partitioning_key_enabled: bool = False


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """The vector index of a table, as it was asked for at creation; every text must be set."""

    column: str
    distance_metric: str
    sql_function: str
    cluster_quantization: str
    search_quantization: str


@dataclass(frozen=True, slots=True)
class TableStats:
    """What ?stats tells about a table."""

    num_rows: int
    size_in_bytes: int
    is_external_rowid_alloc: bool = False
    sorting_key_enabled: bool = False
    sorting_score: int = 0
    write_amplification: int = 0
    inserted_rows: int = 0
    vector_index: VectorIndex | None = None
    partitioning_key_enabled: bool = False
    num_partitions: int = 0


@dataclass(frozen=True, slots=True)
class ProjectionStats:
    """What ?projection-stats tells about a projection; percents."""

    num_rows: int
    size_in_bytes: int
    dirty_blocks_percentage: int = 0
    initial_sync_progress: int = 100


def schemas(bucket: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListSchemasResponse."""
    raise NotImplementedError


def tables(bucket: str, schema: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListTablesResponse."""
    raise NotImplementedError


def table_stats(stats: TableStats) -> bytes:
    """GetTableStatsResponse; names no other endpoint, so that the client stays with this one."""
    raise NotImplementedError


def projections(bucket: str, schema: str, table: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListProjectionsResponse."""
    raise NotImplementedError


def projection_stats(stats: ProjectionStats) -> bytes:
    """GetProjectionTableStatsResponse."""
    raise NotImplementedError
