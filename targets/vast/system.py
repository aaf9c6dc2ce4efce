"""The buckets that the endpoint itself keeps: a catalogue of what it holds, and a log of what was asked of it.

As on a VAST cluster they are read-only, stand outside every transaction, and the catalogue has snapshots.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from targets.vast.catalogue import Catalogue, Schema, Table, empty_table
from targets.vast.rowids import row_id_array
from targets.vast.rows import Rows

CATALOG_BUCKET = "vast-big-catalog-bucket"
CATALOG_SCHEMA = "vast_big_catalog_schema"
CATALOG_TABLE = "vast_big_catalog_table"
AUDIT_BUCKET = "vast-audit-log-bucket"
AUDIT_SCHEMA = "vast_audit_log_schema"
AUDIT_TABLE = "vast_audit_log_table"

CATALOG_COLUMNS = pa.schema(
    [
        ("parent_path", pa.utf8()),
        ("name", pa.utf8()),
        ("element_type", pa.utf8()),
        ("size", pa.int64()),
        ("rows", pa.int64()),
        ("handle", pa.int64()),
    ]
)
AUDIT_COLUMNS = pa.schema(
    [
        ("time", pa.timestamp("us")),
        ("method", pa.utf8()),
        ("path", pa.utf8()),
        ("command", pa.utf8()),
        ("status", pa.int32()),
        ("access_key", pa.utf8()),
    ]
)

MOST_AUDITED = 4096
"""The last so many requests are in the log."""
LONGEST_AUDITED = 4096
"""Characters of what a client said, in the log: it says what it likes, also unsigned, and the log is in memory."""
MOST_SNAPSHOTS = 3
SNAPSHOT_SECONDS = 1800.0
"""How often a snapshot of the catalogue is taken, when somebody asks for one."""
_SNAPSHOT_PREFIX = ".snapshot/bc_table_"

Clock = Callable[[], float]


Audited = tuple[float, str, str, str, int, str]
"""One request: time, method, path, query, status, credential."""


class SystemBuckets:
    """Both of them."""

    names = frozenset({CATALOG_BUCKET, AUDIT_BUCKET})

    def __init__(self, clock: Clock = time.time) -> None:
        """Begin with an empty log and no snapshot; `clock` gives seconds since the epoch."""
        self._clock = clock
        self._audited: deque[Audited] = deque(maxlen=MOST_AUDITED)
        self._snapshots: dict[str, Table] = {}
        self._taken = -SNAPSHOT_SECONDS

    def audit(self, method: str, path: str, query: str, status: int, credential: str) -> None:
        """Note a request; of its credential only the access key is ever shown."""
        path, query, credential = path[:LONGEST_AUDITED], query[:LONGEST_AUDITED], credential[:LONGEST_AUDITED]
        self._audited.append((self._clock(), method, path, query, status, credential))

    def catalogue(self, bucket: str, held: Catalogue) -> Catalogue:
        """One of the buckets, as a catalogue of its own.

        Args:
            bucket: which.
            held: what the database holds at this moment.
        """
        if bucket == AUDIT_BUCKET:
            log = _filled(AUDIT_COLUMNS, _audit_columns(list(self._audited)))
            return Catalogue({bucket: {AUDIT_SCHEMA: Schema(tables={AUDIT_TABLE: log})}})
        schemas = {CATALOG_SCHEMA: Schema(tables={CATALOG_TABLE: _catalogued(held)})}
        for name, table in self._snapshots.items():
            schemas[f"{name}/{CATALOG_SCHEMA}"] = Schema(tables={CATALOG_TABLE: table})
        return Catalogue({bucket: schemas})

    def snapshots(self, bucket: str, held: Catalogue) -> Sequence[str]:
        """Names of a bucket's snapshots, such as `.snapshot/bc_table_2025-01-31_12:00:00`, the latest last."""
        if bucket != CATALOG_BUCKET:
            return ()
        now = self._clock()
        if now - self._taken >= SNAPSHOT_SECONDS:
            self._taken = now
            taken = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d_%H:%M:%S")
            self._snapshots[_SNAPSHOT_PREFIX + taken] = _catalogued(held)
            while len(self._snapshots) > MOST_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
        return tuple(self._snapshots)


def _catalogued(held: Catalogue) -> Table:
    elements = list(_elements(held))
    return _filled(CATALOG_COLUMNS, [[one[place] for one in elements] for place in range(len(CATALOG_COLUMNS))])


def _elements(held: Catalogue) -> Iterator[tuple[str, str, str, int, int, int]]:
    """Every bucket, schema and table: parent path, name, type, size, rows, handle."""
    for bucket, schemas in held.buckets.items():
        yield "/", bucket, "BUCKET", 0, 0, 0
        for path, schema in schemas.items():
            outer, _, name = f"/{bucket}/{path}".rpartition("/")
            yield outer, name, "SCHEMA", 0, 0, 0
            for table_name, table in schema.tables.items():
                yield f"/{bucket}/{path}", table_name, "TABLE", table.rows.size, table.rows.num_rows, table.handle


def _audit_columns(audited: Sequence[Audited]) -> list[Any]:
    columns: list[list[Any]] = [[one[place] for one in audited] for place in range(len(AUDIT_COLUMNS))]
    times, methods, paths, queries, statuses, credentials = columns
    stamps = pa.array([round(at * 1e6) for at in times], pa.int64()).cast(pa.timestamp("us"))
    commands = [query.partition("&")[0] for query in queries]
    return [stamps, methods, paths, commands, statuses, [_access_key(credential) for credential in credentials]]


def _access_key(credential: str) -> str:
    """Of an Authorization header, or of a presigned URL's query."""
    said = credential.partition("Credential=")[2] or credential.partition("X-Amz-Credential=")[2]
    return said.partition("/")[0].partition("%2F")[0]


def _filled(columns: pa.Schema, values: Sequence[Any]) -> Table:
    table = empty_table(0, columns)
    arrays = [pa.array(column, field.type) for column, field in zip(values, columns, strict=True)]
    ids = row_id_array(0, len(arrays[0]))
    rows: Rows = table.rows.inserted(pa.RecordBatch.from_arrays([ids, *arrays], schema=table.columns.stored))
    return replace(table, rows=rows)
