"""Beginning a session, and looking at what is there: what an application pays before its first query."""

from typing import TYPE_CHECKING, Any

from steadyline.operation import DEAR_SECONDS, INIT_BUDGET_SECONDS, operation
from steadyline.operations.vast.dataset import BROWSED_SCHEMAS
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient
    from steadyline.operations.vast.schemas import RunSchema


def _dataset(client: "VastClient") -> "RunSchema":
    return client.dataset


def _verify_columns(client: "VastClient", _dataset: "RunSchema", columns: Any) -> None:
    if not client.is_table_of_rows(columns):
        raise IntegrityError("the table that was looked up has other columns")


@operation(
    "vast.session_init",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=INIT_BUDGET_SECONDS,
    timeout_seconds=INIT_BUDGET_SECONDS,
    bytes_moved=2000,
    prepare=_dataset,
    verify=_verify_columns,
)
def session_init(client: "VastClient", dataset: "RunSchema") -> Any:
    """How long an application takes to be ready: a new session, the version, then bucket, schema and table looked up."""
    with client.database.new_session() as session, client.database.transaction(session) as tx:
        return tx.bucket(client.database.place.bucket).schema(dataset.name).table(dataset.table.ref.table).arrow_schema


def _verify_browsed(client: "VastClient", _prepared: None, names: list[str]) -> None:
    """Require each name once, and the first to be found by itself, or none where none is counted.

    Others make and drop schemas meanwhile: what differs is asked for again, in the one transaction that sees it differ.
    """
    if not all(names) or len(set(names)) != len(names):
        raise IntegrityError("the list has a schema without a name, or one twice")
    with client.transaction() as tx:
        database = client.database
        bucket = database.bucket(tx)
        if names and bucket.schema(names[0], fail_if_missing=False) is None and names[0] in database.schemas(tx, names[0]):
            raise IntegrityError(f"schema {names[0]} is listed, and is not there")
        if not names and database.count_schemas(tx) and not database.first_schemas(tx, bucket.name, BROWSED_SCHEMAS):
            raise IntegrityError("no schema is listed, and some are there")


@operation("vast.schema_browse", probe_every_seconds=DEAR_SECONDS, bytes_moved=8000, verify=_verify_browsed)
def schema_browse(client: "VastClient", _prepared: None) -> list[str]:
    """How long the first 100 schemas of whatever the bucket holds take; writes nothing, so it runs on any target."""
    with client.transaction() as tx:
        bucket = tx.bucket(client.database.place.bucket)
        return client.database.first_schemas(tx, bucket.name, BROWSED_SCHEMAS)
