"""Tables as things: made, listed, weighed and dropped, each in a transaction of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.vast.dataset import DATASET_ROWS, LISTED_TABLES
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient
    from steadyline.operations.vast.schemas import RunSchema

TABLE_BYTES = 2500
"""Of the answers that describe one table, or name ten, rounded up."""


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table that an attempt is about; its name is chosen before it is made, so that cleaning up finds it."""

    schema: str
    name: str


def new_table(client: "VastClient") -> NewTable:
    """A table to be made in the working schema."""
    return NewTable(client.working.name, f"table_{uuid4().hex}")


def drop(client: "VastClient", table: NewTable, _result: object) -> None:
    """Drop it, if it is there."""
    client.drop_table(table.schema, table.name)


def _verify_created(client: "VastClient", table: NewTable, _result: object) -> None:
    columns = client.columns_of(table.schema, table.name)
    if columns is None or not client.is_table_of_rows(columns):
        raise IntegrityError("the table is not there as it was to be made")


@operation(
    "vast.table_create",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=TABLE_BYTES,
    prepare=new_table,
    verify=_verify_created,
    cleanup=drop,
)
def table_create(client: "VastClient", table: NewTable) -> None:
    """How long making a table takes, as the SDK does it: looked for, made, described again, and committed."""
    with client.transaction() as tx:
        client.database.schema(tx, table.schema).create_table(table.name, client.columns)


def _dataset(client: "VastClient") -> "RunSchema":
    return client.dataset


def _verify_list(_client: "VastClient", dataset: "RunSchema", names: list[str]) -> None:
    if len(names) != LISTED_TABLES or len(set(names)) != LISTED_TABLES or dataset.table.ref.table not in names:
        raise IntegrityError(f"{len(names)} tables are listed, not the {LISTED_TABLES} that there are")


@operation(
    "vast.table_list",
    items=LISTED_TABLES,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=TABLE_BYTES,
    prepare=_dataset,
    verify=_verify_list,
)
def table_list(client: "VastClient", dataset: "RunSchema") -> list[str]:
    """How long the names of a schema's 10 tables take: the catalogue alone, without rows."""
    with client.transaction() as tx:
        names: list[str] = client.database.schema(tx, dataset.name).tablenames()
        return names


def _verify_stats(_client: "VastClient", _dataset: "RunSchema", stats: Any) -> None:
    if stats.num_rows != DATASET_ROWS or stats.size_in_bytes <= 0:
        raise IntegrityError(f"the statistics say {stats.num_rows} rows, not the {DATASET_ROWS} that there are")


@operation(
    "vast.table_stats",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=300,
    prepare=_dataset,
    verify=_verify_stats,
)
def table_stats(client: "VastClient", dataset: "RunSchema") -> Any:
    """How long a table's number of rows and bytes take to be told: what the SDK asks before it plans a large query."""
    with client.transaction() as tx:
        table = tx.table_from_metadata(dataset.table)
        table.reload_stats()
        return table.stats


def _made_table(client: "VastClient") -> NewTable:
    table = new_table(client)
    with client.transaction() as tx:
        client.database.create_table(tx, table.schema, table.name, client.columns)
    return table


def verify_dropped(client: "VastClient", table: NewTable, _result: object) -> None:
    """Require it to be gone."""
    if client.has_table(table.schema, table.name):
        raise IntegrityError("the dropped table is still there")


def drop_unless_dropped(client: "VastClient", table: NewTable, is_dropped: bool | None) -> None:
    """Drop what the body should have dropped."""
    if not is_dropped:
        drop(client, table, None)


def drop_as_the_sdk(client: "VastClient", table: NewTable) -> bool:
    """Drop it in one transaction, looked up and described before."""
    with client.transaction() as tx:
        client.database.schema(tx, table.schema).table(table.name).drop()
    return True


@operation(
    "vast.table_drop",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=TABLE_BYTES,
    prepare=_made_table,
    verify=verify_dropped,
    cleanup=drop_unless_dropped,
)
def table_drop(client: "VastClient", table: NewTable) -> bool:
    """How long dropping an empty table takes, as the SDK does it: looked up and described, dropped, and committed."""
    return drop_as_the_sdk(client, table)
