"""The whole ingest as one operation, and ten of its stores side by side."""

import os
from dataclasses import dataclass
from functools import partial
from typing import Any

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.tams.api import Room
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import MEDIA_BYTES, Flow, Segment, require_segments
from steadyline.operations.tams.segments import Take, delete_take, require_media

PARALLEL = 10
"""Source: the TAMS seed, "Concurrent: < 30 seconds for 10 parallel operations"; its test ran 10 stores in S3 at once."""
PART_BYTES = MEDIA_BYTES // PARALLEL


@dataclass(frozen=True, slots=True)
class Ingested:
    """What was registered, and what the flow shows then."""

    segment: Segment
    shown: list[dict[str, Any]]


def _new_take(client: TamsClient) -> Take:
    return Take(client.new_flow(), os.urandom(MEDIA_BYTES))


def _verify_ingested(client: TamsClient, take: Take, ingested: Ingested) -> None:
    require_segments(ingested.shown, [ingested.segment])
    require_media(client, ingested.shown[0], take.content)


@operation(
    "tams.ingest",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=2 * MEDIA_BYTES,  # it is downloaded again, to verify it
    prepare=_new_take,
    verify=_verify_ingested,
    cleanup=delete_take,
)
def ingest(client: TamsClient, take: Take) -> Ingested:
    """How long 1 MB of new media takes until it can be played: flow, room, upload, registration, and listed back."""
    client.api.put_flow(take.flow)
    (room,) = client.api.request_storage(take.flow)
    client.api.upload(room, take.content)
    segment = Segment(room.object_id)
    client.api.register(take.flow, segment)
    return Ingested(segment, client.api.segments(take.flow.id))


@dataclass(frozen=True, slots=True)
class Parts:
    """A flow that ten segments are to be put into at once, each with its media and room for it."""

    flow: Flow
    contents: list[bytes]
    rooms: list[Room]

    @property
    def segments(self) -> list[Segment]:
        """What the flow is to hold."""
        return [Segment(room.object_id, number) for number, room in enumerate(self.rooms)]


def _parts(client: TamsClient) -> Parts:
    with client.making() as flow:
        client.api.put_flow(flow)
        rooms = client.api.request_storage(flow, PARALLEL)
    return Parts(flow, [os.urandom(PART_BYTES) for _ in range(PARALLEL)], rooms)


def _store(client: TamsClient, parts: Parts, number: int) -> None:
    client.api.upload(parts.rooms[number], parts.contents[number])
    client.api.register(parts.flow, parts.segments[number])


def _verify_stored(client: TamsClient, parts: Parts, _result: object) -> None:
    shown = client.api.segments(parts.flow.id)
    require_segments(shown, parts.segments)
    for found, content in zip(shown, parts.contents, strict=True):
        require_media(client, found, content)


@operation(
    "tams.concurrent_ingest_10",
    items=PARALLEL,
    writes=True,
    concurrency=PARALLEL,
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
    bytes_moved=2 * MEDIA_BYTES,  # they are downloaded again, to verify them
    prepare=_parts,
    verify=_verify_stored,
    cleanup=lambda client, parts, _result: client.delete(parts.flow),
)
def concurrent_ingest_10(client: TamsClient, parts: Parts) -> None:
    """How long ten stores into one flow take side by side, 100 kB uploaded and registered each: what they cost each other."""
    side_by_side([partial(_store, client, parts, number) for number in range(PARALLEL)])
