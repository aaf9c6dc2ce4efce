"""Flows by themselves: what beginning and ending a recording costs."""

from typing import Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import FLOW_BYTES, Flow, require
from steadyline.operations.tams.recordings import Recording, delete_recording, recorded, recorded_bytes, verify_deleted


def _new_flow(client: TamsClient) -> Flow:
    return client.new_flow()


def _delete_flow(client: TamsClient, flow: Flow, _result: object) -> None:
    client.delete(flow)


def _verify_put(client: TamsClient, flow: Flow, answer: Any) -> None:
    require(flow.is_shown_by(answer), "the answer is not the flow as it was to be made")
    require(flow.is_shown_by(client.api.get_flow(flow)), "the flow that is there is not as it was to be made")


@operation(
    "tams.flow_put",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=FLOW_BYTES,
    prepare=_new_flow,
    verify=_verify_put,
    cleanup=_delete_flow,
)
def flow_put(client: TamsClient, flow: Flow) -> Any:
    """How long beginning a recording takes: a new flow checked and written, and with it a new source; no media is moved."""
    return client.api.put_flow(flow)


@operation(
    "tams.flow_delete",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=recorded_bytes(1, 1),  # prepare's
    prepare=lambda client: recorded(client, 1, 1),
    verify=verify_deleted,
    cleanup=delete_recording,
)
def flow_delete(client: TamsClient, recording: Recording) -> None:
    """How long deleting a flow with one segment takes, to the end where the service goes on after its answer."""
    client.delete(recording.flow)
