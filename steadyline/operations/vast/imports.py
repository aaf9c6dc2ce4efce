"""Importing Parquet: the way in for what is too large to be sent row by row. Needs an S3 side behind the endpoint."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.vast.inserts import CONNECTIONS, Rows, delete_rows, new_rows, verify_rows

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

IMPORT_ROWS = 1000
PARQUET_ROW_BYTES = 30
"""Of one row in the object, which is compressed, rounded up."""


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet object, and the rows that it holds.

    Attributes:
        key: of the object, below the run-scoped schema's name.
        rows: what the table holds after the import.
    """

    key: str
    rows: Rows


def _file(client: "VastClient") -> File:
    rows = new_rows(client, IMPORT_ROWS)
    key = f"{rows.schema.name}/{uuid4()}.parquet"
    client.objects.put(key, client.parquet_of(rows.batch))
    return File(key, rows)


def _verify(client: "VastClient", file: File, result: object) -> None:
    verify_rows(client, file.rows, result)


def _delete(client: "VastClient", file: File, _result: object) -> None:
    try:
        client.objects.delete(file.key)
    finally:
        delete_rows(client, file.rows, None)


@operation(
    "vast.import_parquet",
    items=IMPORT_ROWS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=IMPORT_ROWS * PARQUET_ROW_BYTES + 2000,  # prepare's upload too
    prepare=_file,
    verify=_verify,
    cleanup=_delete,
)
def import_parquet(client: "VastClient", file: File) -> None:
    """How long 1000 rows of a Parquet object take to become rows of a table: read, checked and stored by the endpoint."""
    path = f"/{client.database.place.bucket}/{file.key}"
    with client.transaction() as tx:
        tx.table_from_metadata(file.rows.schema.table).import_files([path], client.database.importing)
