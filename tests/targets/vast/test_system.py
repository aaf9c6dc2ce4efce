"""The endpoint's own buckets: bounded, true, and without secrets."""

from dataclasses import dataclass

from vast_changes import applied, history

from targets.vast.catalogue import TableName
from targets.vast.system import (
    AUDIT_BUCKET,
    AUDIT_SCHEMA,
    AUDIT_TABLE,
    CATALOG_BUCKET,
    CATALOG_SCHEMA,
    CATALOG_TABLE,
    MOST_AUDITED,
    MOST_SNAPSHOTS,
    SNAPSHOT_SECONDS,
    SystemBuckets,
)

HELD = applied(history())
CATALOG = TableName(CATALOG_BUCKET, CATALOG_SCHEMA, CATALOG_TABLE)
AUDIT = TableName(AUDIT_BUCKET, AUDIT_SCHEMA, AUDIT_TABLE)


@dataclass
class Clock:
    """Time that a test sets."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_catalogue_lists_what_is_held() -> None:
    """Buckets, schemas and tables are there with their paths; tables with their rows."""
    rows = SystemBuckets().catalogue(CATALOG_BUCKET, HELD).table(CATALOG).rows.table.to_pylist()
    found = {(row["parent_path"], row["name"], row["element_type"]): row["rows"] for row in rows}
    assert found == {
        ("/", "b", "BUCKET"): 0,
        ("/b", "moved", "SCHEMA"): 0,
        ("/b/moved", "inner", "SCHEMA"): 0,
        ("/b/moved/inner", "new", "TABLE"): 3,
    }


def test_snapshots_keep_what_was() -> None:
    """A snapshot is taken at most so often, shows its moment for good, and only the last few are kept."""
    clock = Clock()
    system = SystemBuckets(clock)
    (first,) = system.snapshots(CATALOG_BUCKET, HELD)
    assert system.snapshots(CATALOG_BUCKET, applied([])) == (first,)
    assert system.snapshots("b", HELD) == ()
    shown = system.catalogue(CATALOG_BUCKET, applied([]))
    assert shown.table(CATALOG._replace(schema=f"{first}/{CATALOG_SCHEMA}")).rows.num_rows == 4
    assert shown.table(CATALOG).rows.num_rows == 0
    for _ in range(MOST_SNAPSHOTS):
        clock.now += SNAPSHOT_SECONDS
        names = system.snapshots(CATALOG_BUCKET, HELD)
    assert len(names) == MOST_SNAPSHOTS
    assert first not in names
    assert list(names) == sorted(names)


def test_audit_log_is_bounded_and_has_no_secret() -> None:
    """The last requests are there, with the access key and not the signature."""
    system = SystemBuckets(Clock())
    signed = "AWS4-HMAC-SHA256 Credential=key/20260101//s3/aws4_request, SignedHeaders=host, Signature=5ec4e7"
    for number in range(MOST_AUDITED + 5):
        system.audit("GET", f"/b/{number}", "table&x=1", 200, signed)
    system.audit(
        "GET", "/b/k", "X-Amz-Credential=other%2F20260101%2Fs3&X-Amz-Signature=5ec4e7", 403, "X-Amz-Credential=other%2F2026"
    )
    rows = system.catalogue(AUDIT_BUCKET, HELD).table(AUDIT).rows.table
    assert rows.num_rows == MOST_AUDITED
    assert rows.column("path")[0].as_py() == "/b/6"
    assert set(rows.column("access_key").to_pylist()) == {"key", "other"}
    assert "5ec4e7" not in str(rows.to_pydict())
