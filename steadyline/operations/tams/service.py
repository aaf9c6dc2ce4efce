"""What can be asked of any TAMS without writing: the service itself, and the flows that are there."""

from typing import Any

from steadyline.operation import DEAR_SECONDS, INIT_BUDGET_SECONDS, operation
from steadyline.operations.tams.api import rows_of
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import FLOW_BYTES, require
from steadyline.outcome import IntegrityError

BROWSED = 20
"""Flows or sources of one page, as a user interface shows them."""
SOURCE_BYTES = 700
"""Of one source in an answer, rounded up."""


def _verify_service(_client: TamsClient, _prepared: None, document: Any) -> None:
    require(isinstance(document, dict) and bool(document), "there is no service document")


@operation(
    "tams.service_read",
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=INIT_BUDGET_SECONDS,
    timeout_seconds=INIT_BUDGET_SECONDS,
    verify=_verify_service,
)
def service_read(client: TamsClient, _prepared: None) -> dict[str, Any]:
    """How long a new client takes to its first answer: a connection, and the service document; it writes nothing."""
    with client.fresh() as api:
        return api.service()


def _require_page(rows: list[dict[str, Any]], what: str) -> None:
    ids = [row.get("id") for row in rows]
    require(all(isinstance(row_id, str) and row_id for row_id in ids), f"a {what} is shown without its id")
    require(len(ids) <= BROWSED and len(set(ids)) == len(ids), f"the page is too long, or shows a {what} twice")


def _verify_browsed(_client: TamsClient, _prepared: None, flows: list[dict[str, Any]]) -> None:
    _require_page(flows, "flow")
    for flow in flows:
        if not all(flow.get(name) for name in ("source_id", "format")):
            raise IntegrityError(f"flow {flow['id']} is shown without its source or its format")


@operation("tams.flow_browse", probe_every_seconds=DEAR_SECONDS, bytes_moved=BROWSED * FLOW_BYTES, verify=_verify_browsed)
def flow_browse(client: TamsClient, _prepared: None) -> list[dict[str, Any]]:
    """How long the first 20 flows of whatever the target holds take; writes nothing, so it runs on any target."""
    return rows_of(client.api.wire.answer("GET", "flows", query={"limit": BROWSED}))


def _verify_sources(_client: TamsClient, _prepared: None, sources: list[dict[str, Any]]) -> None:
    _require_page(sources, "source")
    for source in sources:
        if not source.get("format"):
            raise IntegrityError(f"source {source['id']} is shown without its format")


@operation("tams.source_browse", probe_every_seconds=DEAR_SECONDS, bytes_moved=BROWSED * SOURCE_BYTES, verify=_verify_sources)
def source_browse(client: TamsClient, _prepared: None) -> list[dict[str, Any]]:
    """How long the first 20 sources of whatever the target holds take: what was recorded, whichever flows there are of it."""
    return rows_of(client.api.wire.answer("GET", "sources", query={"limit": BROWSED}))
