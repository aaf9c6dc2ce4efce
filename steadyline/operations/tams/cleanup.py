"""Making room: a whole recording deleted, with its segments and their media."""

from steadyline.operation import operation
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.recordings import Recording, delete_recording, recorded, recorded_bytes, verify_deleted

SEGMENTS = 30


@operation(
    "tams.cleanup_30",
    items=SEGMENTS,
    writes=True,
    probe_every_seconds=None,
    bytes_moved=recorded_bytes(SEGMENTS, SEGMENTS),  # prepare's
    prepare=lambda client: recorded(client, SEGMENTS, SEGMENTS),
    verify=verify_deleted,
    cleanup=delete_recording,
)
def cleanup_30(client: TamsClient, recording: Recording) -> None:
    """How long deleting a flow with 30 segments takes, to the end: beside `flow_delete` it shows what a segment more costs."""
    client.delete(recording.flow)
