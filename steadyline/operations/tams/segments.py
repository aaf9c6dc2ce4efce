"""Segments and their media objects, step by step: room, upload, registration, and asking for them again."""

import os
from dataclasses import dataclass
from typing import Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.renewal import Scoped
from steadyline.operations.tams.api import Room, rows_of
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.fixture import SEGMENTS, segment_of
from steadyline.operations.tams.flow import (
    CONTENT_TYPE,
    FLOW_BYTES,
    MEDIA_BYTES,
    Flow,
    Segment,
    media_url,
    require,
    require_segments,
    seconds,
)
from steadyline.operations.tams.recordings import ROOM_BYTES, SMALL_BYTES, recorded_bytes

SEGMENT_BYTES = 1000
"""Of one segment in a list, with its presigned URL, rounded up."""
PAGE_SEGMENTS = 25
"""Of one page: a quarter of the fixture's, so that the next page is asked for three times."""
FIRST, LAST = 25, 75
"""The part of the timeline that is asked for: half of the fixture's segments."""


@dataclass(frozen=True, slots=True)
class Take:
    """A flow that is there, and media to put into it."""

    flow: Flow
    content: bytes


@dataclass(frozen=True, slots=True)
class Placed(Take):
    """The same, with room for the media."""

    room: Room

    @property
    def segment(self) -> Segment:
        """The segment that the media is to be."""
        return Segment(self.room.object_id)


def delete_take(client: TamsClient, take: Take, _result: object) -> None:
    """Delete the flow, and with it all that the attempt made."""
    client.delete(take.flow)


def _take(client: TamsClient) -> Take:
    with client.making() as flow:
        client.api.put_flow(flow)
    return Take(flow, os.urandom(SMALL_BYTES))


def _placed(client: TamsClient, size: int) -> Placed:
    with client.making() as flow:
        client.api.put_flow(flow)
        (room,) = client.api.request_storage(flow)
    return Placed(flow, os.urandom(size), room)


def _uploaded(client: TamsClient, size: int) -> Placed:
    with client.making() as flow:
        client.api.put_flow(flow)
        (room,) = client.api.request_storage(flow)
        placed = Placed(flow, os.urandom(size), room)
        client.api.upload(room, placed.content)
    return placed


def _verify_room(client: TamsClient, take: Take, rooms: list[Room]) -> None:
    """Room is where an upload is taken: that is tried with a small one."""
    told = rooms[0].upload.headers.get("Content-Type")
    require(told in (None, CONTENT_TYPE), "the room is for media of another type than the flow's")
    client.api.upload(rooms[0], take.content)


@operation(
    "tams.storage_request",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=FLOW_BYTES + ROOM_BYTES + SMALL_BYTES,  # prepare's flow and the upload that verifies, too
    prepare=_take,
    verify=_verify_room,
    cleanup=delete_take,
)
def storage_request(client: TamsClient, take: Take) -> list[Room]:
    """How long asking for room for one media object takes: an object written down, and a URL signed for its upload."""
    return client.api.request_storage(take.flow)


def _require_stored(client: TamsClient, placed: Placed, _result: object) -> None:
    shown = client.api.segments(placed.flow.id)
    require_segments(shown, [placed.segment])
    require_media(client, shown[0], placed.content)


def require_media(client: TamsClient, shown: dict[str, Any], content: bytes) -> None:
    """Require that a segment's media comes back as it was uploaded.

    Raises:
        IntegrityError: it does not.
    """
    require(client.api.download(shown) == content, "the media that comes back is not what was uploaded")


def _verify_uploaded(client: TamsClient, placed: Placed, result: object) -> None:
    client.api.register(placed.flow, placed.segment)
    _require_stored(client, placed, result)


@operation(
    "tams.segment_upload",
    asks_target=False,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=2 * MEDIA_BYTES,  # it is downloaded again, to verify it
    prepare=lambda client: _placed(client, MEDIA_BYTES),
    verify=_verify_uploaded,
    cleanup=delete_take,
)
def segment_upload(client: TamsClient, placed: Placed) -> None:
    """How long 1 MB of media takes to the object store, at the URL that the service signed: network and store alone."""
    client.api.upload(placed.room, placed.content)


@operation(
    "tams.segment_register",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=recorded_bytes(1, 1),  # prepare's steps too
    prepare=lambda client: _uploaded(client, SMALL_BYTES),
    verify=_require_stored,
    cleanup=delete_take,
)
def segment_register(client: TamsClient, placed: Placed) -> None:
    """How long putting one uploaded object on a flow's timeline takes: from then on it can be found and played."""
    client.api.register(placed.flow, placed.segment)


def _listed(client: TamsClient) -> Scoped:
    return client.listed


def _verify_listed(_client: TamsClient, listed: Scoped, shown: list[dict[str, Any]]) -> None:
    require_segments(shown, [segment_of(number, listed.items[number]) for number in range(FIRST, LAST)])


@operation(
    "tams.segments_list",
    items=LAST - FIRST,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=(LAST - FIRST) * SEGMENT_BYTES,
    prepare=_listed,
    verify=_verify_listed,
)
def segments_list(client: TamsClient, listed: Scoped) -> list[dict[str, Any]]:
    """How long finding the 50 segments of a timerange among 100 takes, each with a signed URL: what a player waits for."""
    return client.api.segments(listed.id, seconds(FIRST, LAST))


def _verify_paged(_client: TamsClient, listed: Scoped, pages: list[list[dict[str, Any]]]) -> None:
    require(all(len(page) <= PAGE_SEGMENTS for page in pages), f"a page is longer than the {PAGE_SEGMENTS} asked for")
    shown = [segment for page in pages for segment in page]
    require_segments(shown, [segment_of(number, listed.items[number]) for number in range(SEGMENTS)])


@operation(
    "tams.segments_paged",
    items=SEGMENTS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=SEGMENTS * SEGMENT_BYTES,
    prepare=_listed,
    verify=_verify_paged,
)
def segments_paged(client: TamsClient, listed: Scoped) -> list[list[dict[str, Any]]]:
    """How long a flow of 100 segments takes in pages of 25, each with the key of the one before: scrolling through it."""
    query = {"limit": PAGE_SEGMENTS}
    return [rows_of(page) for page in client.api.pages(f"flows/{listed.id}/segments", query)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object of the flow that is only read."""

    flow_id: str
    object_id: str


def _wanted(client: TamsClient) -> Wanted:
    listed = client.listed
    return Wanted(listed.id, listed.items[client.turn() % SEGMENTS])


def _verify_object(_client: TamsClient, wanted: Wanted, shown: Any) -> None:
    expected = {"id": wanted.object_id, "referenced_by_flows": [wanted.flow_id]}
    require(isinstance(shown, dict) and expected.items() <= shown.items(), "the object is not the one asked for")
    require(
        shown.get("first_referenced_by_flow") in (None, wanted.flow_id), "the object was first referred to by another flow"
    )
    media_url(shown)


@operation(
    "tams.object_get",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=SEGMENT_BYTES,
    prepare=_wanted,
    verify=_verify_object,
)
def object_get(client: TamsClient, wanted: Wanted) -> Any:
    """How long looking up one media object takes: which flows refer to it, and a signed URL to get it from."""
    return client.api.object(wanted.object_id)
