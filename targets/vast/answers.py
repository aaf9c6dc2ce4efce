"""The flatbuffers that answers carry, built from facts."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from targets.vast.layout import Layout, Node, finished

_REMEMBERED = 4
_OBJECT = Layout("oooQQQ?qqq?")
_SCHEMAS = Layout("oo")
_TABLES = Layout("ooo")
_PROJECTIONS = Layout("oooo")
_STATS = Layout("qq?oo?qqqo?Q")
_VECTOR_INDEX = Layout("ooooo")
_PROJECTION_STATS = Layout("qqqq")


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


def _signed(bits: int) -> int:
    """64 bits as the signed number that carries them."""
    return bits - (1 << 64) if bits >> 63 else bits


def _object(d: ObjectDetails) -> Node:
    counts = (d.num_rows, d.size_in_bytes, d.num_partitions, d.sorting_key_enabled, _signed(d.sorting_score))
    rest = (d.write_amplification, d.inserted_rows, d.partitioning_key_enabled)
    return Node(_OBJECT, (d.name, d.properties, d.handle, *counts, *rest))


def schemas(bucket: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListSchemasResponse."""
    return _list(_SCHEMAS, (bucket,), tuple(found))


def tables(bucket: str, schema: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListTablesResponse."""
    return _list(_TABLES, (bucket, schema), tuple(found))


def _list(layout: Layout, names: tuple[str, ...], found: tuple[ObjectDetails, ...]) -> bytes:
    """A list below these names; the SDK looks for one object again and again, so short ones are remembered."""
    return (_remembered_list if len(found) <= _REMEMBERED else _remembered_list.__wrapped__)(layout, names, found)


@functools.lru_cache(256)
def _remembered_list(layout: Layout, names: tuple[str, ...], found: tuple[ObjectDetails, ...]) -> bytes:
    return finished(Node(layout, (*names, [_object(details) for details in found])))


@functools.lru_cache(256)
def table_stats(stats: TableStats) -> bytes:
    """GetTableStatsResponse; names no other endpoint, so that the client stays with this one."""
    s, index = stats, stats.vector_index
    names = None
    if index is not None:
        quantizations = (index.cluster_quantization, index.search_quantization)
        names = Node(_VECTOR_INDEX, (index.column, index.distance_metric, index.sql_function, *quantizations))
    no_vips: list[Node] = []
    counts = (s.num_rows, s.size_in_bytes, s.is_external_rowid_alloc, "ipv4", no_vips, s.sorting_key_enabled)
    work = (_signed(s.sorting_score), s.write_amplification, s.inserted_rows)
    return finished(Node(_STATS, (*counts, *work, names, s.partitioning_key_enabled, s.num_partitions)))


def projections(bucket: str, schema: str, table: str, found: Sequence[ObjectDetails]) -> bytes:
    """ListProjectionsResponse."""
    return _list(_PROJECTIONS, (bucket, schema, table), tuple(found))


def projection_stats(stats: ProjectionStats) -> bytes:
    """GetProjectionTableStatsResponse."""
    counts = (stats.num_rows, stats.size_in_bytes, stats.dirty_blocks_percentage, stats.initial_sync_progress)
    return finished(Node(_PROJECTION_STATS, counts))
