"""The history's tables, as any database of SQLAlchemy's has them; what is changed here needs a new VERSION."""

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from alerts.history.kept import KeptResult, KeptRun, Kind
from steadyline.baseline import LoadShape

VERSION = 1
"""Of the tables; a newer one is left alone."""
_DOUBLE_BYTES = 8
_NAME = String(200)
_TABLES = MetaData()

SCHEMA = Table("steadyline_history", _TABLES, Column("version", Integer, primary_key=True, autoincrement=False))
RUNS = Table(
    "steadyline_runs",
    _TABLES,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False),
    Column("side", String(1), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("driver", String(16), nullable=False),
    Column("started", Double, nullable=False, index=True),
    Column("ended", Double, nullable=False),
    Column("host", Text, nullable=False),
    Column("revision", _NAME, nullable=False),
    Column("profile", _NAME, nullable=False),
    Column("users", Integer),
    Column("arrival_rate", Double),
    Column("cadence_seconds", Double),
    Column("versions", Text, nullable=False),
    Column("seed", BigInteger),
    Column("interrupted", Boolean, nullable=False),
    UniqueConstraint("id", "side"),
)
RESULTS = Table(
    "steadyline_results",
    _TABLES,
    Column("run", ForeignKey(RUNS.c.number), primary_key=True),
    Column("operation", _NAME, primary_key=True),
    Column("target", _NAME, primary_key=True),
    Column("operation_version", String(64)),
    Column("n", Integer, nullable=False),
    Column("run_means", LargeBinary, nullable=False),  # IEEE doubles, little-endian: a tenth of the time that rows take
    Column("p50", Double),
    Column("p95", Double),
    Column("p99", Double),
    Column("failures", Text, nullable=False),
    Column("verdict", String(16)),
    Column("ratio", Double),
    Index("steadyline_results_operation", "operation", "target", "run"),
    sqlite_with_rowid=False,
)
TABLES = (SCHEMA, RUNS, RESULTS)
"""In the order in which they can be made."""


def run_row(run: KeptRun) -> dict[str, Any]:
    """A run as a row."""
    plain = {name: getattr(run, name) for name in RUNS.c.keys() if hasattr(run, name)}  # noqa: SIM118 - no mapping
    load = run.load or LoadShape(0)
    shape = {"users": load.users, "arrival_rate": load.arrival_rate} if run.load else {}
    return {**plain, **shape, "kind": run.kind.value, "versions": _text(run.versions)}


def result_row(number: int, result: KeptResult) -> dict[str, Any]:
    """A result as a row of the run of that number."""
    plain = {name: getattr(result, name) for name in KeptResult.__slots__}
    means = struct.pack(f"<{len(result.run_means)}d", *result.run_means)
    verdict = str(result.verdict) if result.verdict else None
    return {**plain, "run": number, "run_means": means, "failures": _text(result.failures), "verdict": verdict}


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(dict(plain), sort_keys=True)


def run_of(row: Row[Any], results: tuple[KeptResult, ...]) -> KeptRun:
    """The run of a row, with its results.

    Raises:
        ValueError: what stands there was not written by `run_row`.
    """
    if not all(isinstance(moment, float) and math.isfinite(moment) for moment in (row.started, row.ended)):
        raise ValueError(f"run {row.id}: its times are none")
    return KeptRun(
        id=row.id,
        kind=Kind(row.kind),
        driver=row.driver,
        started=row.started,
        ended=row.ended,
        host=row.host,
        revision=row.revision,
        results=results,
        side=row.side,
        profile=row.profile,
        load=LoadShape(row.users, row.arrival_rate) if row.users is not None else None,
        cadence_seconds=row.cadence_seconds,
        versions=json.loads(row.versions),
        seed=row.seed,
        interrupted=row.interrupted,
    )


READ = (
    RESULTS.c.operation,
    RESULTS.c.target,
    RESULTS.c.n,
    RESULTS.c.run_means,
    RESULTS.c.operation_version,
    RESULTS.c.p50,
    RESULTS.c.p95,
    RESULTS.c.p99,
    RESULTS.c.failures,
    RESULTS.c.verdict,
    RESULTS.c.ratio,
)
"""The columns of a result, in the order of its fields."""


def result_of(row: tuple[Any, ...]) -> KeptResult:
    """The result of the columns in READ.

    Raises:
        ValueError: what stands there was not written by `result_row`.
    """
    operation, target, n, means, version, p50, p95, p99, failures, verdict, ratio = row
    count, odd = divmod(len(means), _DOUBLE_BYTES) if not isinstance(means, str) else (0, 1)
    if odd:
        raise ValueError(f"{operation} on {target}: its run means are cut off")
    run_means = struct.unpack(f"<{count}d", means)
    if not all(math.isfinite(mean) and mean > 0 for mean in run_means):
        raise ValueError(f"{operation} on {target}: its run means are no times")
    found = json.loads(failures) if failures != "{}" else {}
    return KeptResult(operation, target, n, run_means, version, p50, p95, p99, found, verdict, ratio)
