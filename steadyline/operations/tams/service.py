"""What can be asked of any TAMS without writing: the service itself, and the flows that are there."""

from typing import Any

from steadyline.operation import DEAR_SECONDS, INIT_BUDGET_SECONDS, operation
from steadyline.operations.tams.api import rows_of
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import FLOW_BYTES, require
from steadyline.outcome import IntegrityError

BROWSED = 20
"""Flows of one page, as a user interface shows them."""


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


def _verify_browsed(_client: TamsClient, _prepared: None, flows: list[dict[str, Any]]) -> None:
    ids = [flow.get("id") for flow in flows]
    require(all(isinstance(flow_id, str) and flow_id for flow_id in ids), "a flow is shown without its id")
    require(len(ids) <= BROWSED and len(set(ids)) == len(ids), "the page is too long, or shows a flow twice")
    for flow in flows:
        if not all(flow.get(name) for name in ("source_id", "format")):
            raise IntegrityError(f"flow {flow['id']} is shown without its source or its format")


@operation("tams.flow_browse", probe_every_seconds=DEAR_SECONDS, bytes_moved=BROWSED * FLOW_BYTES, verify=_verify_browsed)
def flow_browse(client: TamsClient, _prepared: None) -> list[dict[str, Any]]:
    """How long the first 20 flows of whatever the target holds take; writes nothing, so it runs on any target."""
    return rows_of(client.api.wire.answer("GET", "flows", query={"limit": BROWSED}))
