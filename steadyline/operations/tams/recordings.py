"""Flows with many segments: to be made, to be listed, and to be deleted."""

import os
from contextlib import ExitStack
from dataclasses import dataclass

from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import FLOW_BYTES, Flow, Segment, require, require_segments

SMALL_BYTES = 1000
"""Of media where its size is not the point."""
ROOM_BYTES = 600
"""Of the room for one object, with the URL that is signed for its upload, rounded up."""
DOCUMENT_BYTES = 150
"""Of one segment as it is registered, rounded up."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A flow that is there, and the segments that it holds or is to hold.

    Attributes:
        flow: where they lie.
        segments: in the order of the timeline.
        object_ids: of their media, each once.
    """

    flow: Flow
    segments: list[Segment]
    object_ids: list[str]


def filled(client: TamsClient, segments: int, objects: int) -> Recording:
    """A flow with uploaded media for so many segments, none of them registered; an object may be shown several times."""
    with client.making() as flow:
        return _fill(client, flow, segments, objects)


def recorded(client: TamsClient, segments: int, objects: int) -> Recording:
    """The same, registered."""
    with client.making() as flow:
        return _record(client, flow, segments, objects)


def all_recorded(client: TamsClient, flows: int, segments: int) -> list[Recording]:
    """So many of them, each segment with an object of its own; of flows that cannot all be recorded none stays."""
    with ExitStack() as making:
        return [_record(client, making.enter_context(client.making()), segments, segments) for _ in range(flows)]


def recorded_bytes(segments: int, objects: int) -> int:
    """Of recording one."""
    return FLOW_BYTES + objects * (ROOM_BYTES + SMALL_BYTES) + segments * DOCUMENT_BYTES


def _record(client: TamsClient, flow: Flow, segments: int, objects: int) -> Recording:
    recording = _fill(client, flow, segments, objects)
    client.api.register(flow, *recording.segments)
    return recording


def _fill(client: TamsClient, flow: Flow, segments: int, objects: int) -> Recording:
    client.api.put_flow(flow)
    rooms = client.api.request_storage(flow, objects)
    for room in rooms:
        client.api.upload(room, os.urandom(SMALL_BYTES))
    ids = [room.object_id for room in rooms]
    shown = [Segment(ids[number % objects], number, number - number % objects) for number in range(segments)]
    return Recording(flow, shown, ids)


def verify_recorded(client: TamsClient, recording: Recording, _result: object) -> None:
    """Require the flow to show exactly its segments."""
    require_segments(client.api.segments(recording.flow.id), recording.segments)


def verify_deleted(client: TamsClient, recording: Recording, _result: object) -> None:
    """Require the flow to be gone, and all its media, at once or soon."""
    require(not client.api.wire.is_there(recording.flow.path), "the deleted flow is still shown")
    for object_id in recording.object_ids:
        require(client.api.is_freed(object_id), "a media object of the deleted flow is still shown")


def delete_recording(client: TamsClient, recording: Recording, _result: object) -> None:
    """Delete the flow and all in it."""
    client.delete(recording.flow)
