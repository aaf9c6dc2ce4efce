"""A TAMS under stress: many whole ingests at once, and deleting while others ingest. Never probed."""

import os
from dataclasses import dataclass
from functools import partial
from typing import Any

from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.stress import stress
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import Flow, Segment, require_segments
from steadyline.operations.tams.recordings import Recording, all_recorded, delete_recording, recorded_bytes, verify_deleted
from steadyline.operations.tams.segments import require_media

INGESTS = 10
SEGMENTS = 2
"""Of each ingest."""
PART_BYTES = 100_000
DELETIONS = 3
DELETED_SEGMENTS = 3
BESIDE = 3
"""Ingests while the deletions go on."""


@dataclass(frozen=True, slots=True)
class Take:
    """A flow to be made, and the media of each segment that it is to hold."""

    flow: Flow
    contents: list[bytes]


def _take(client: TamsClient) -> Take:
    return Take(client.new_flow(), [os.urandom(PART_BYTES) for _ in range(SEGMENTS)])


def _ingest(client: TamsClient, take: Take) -> list[Segment]:
    """The whole ingest: the flow, room, uploads, and one registration."""
    client.api.put_flow(take.flow)
    rooms = client.api.request_storage(take.flow, SEGMENTS)
    for room, content in zip(rooms, take.contents, strict=True):
        client.api.upload(room, content)
    segments = [Segment(room.object_id, number) for number, room in enumerate(rooms)]
    client.api.register(take.flow, *segments)
    return segments


def _verify_ingested(client: TamsClient, take: Take, segments: list[Segment]) -> None:
    shown = client.api.segments(take.flow.id)
    require_segments(shown, segments)
    for found, content in zip(shown, take.contents, strict=True):
        require_media(client, found, content)


def _verify_all(client: TamsClient, takes: list[Take], ingested: list[list[Segment]]) -> None:
    for take, segments in zip(takes, ingested, strict=True):
        _verify_ingested(client, take, segments)


def _delete_all(client: TamsClient, takes: list[Take], _ingested: object) -> None:
    for take in takes:
        client.delete(take.flow)


@stress(
    "tams.stress_ingest_10",
    items=INGESTS * SEGMENTS,
    concurrency=INGESTS,
    bytes_moved=2 * INGESTS * SEGMENTS * PART_BYTES,  # they are downloaded again, to verify them
    prepare=lambda client: [_take(client) for _ in range(INGESTS)],
    verify=_verify_all,
    cleanup=_delete_all,
)
def stress_ingest_10(client: TamsClient, takes: list[Take]) -> list[list[Segment]]:
    """How long ten whole ingests of two segments into flows of their own take at once: what recordings cost each other."""
    return side_by_side([partial(_ingest, client, take) for take in takes])


@dataclass(frozen=True, slots=True)
class Turnover:
    """Recordings to be deleted, and others to be ingested meanwhile."""

    old: list[Recording]
    new: list[Take]


def _turnover(client: TamsClient) -> Turnover:
    new = [_take(client) for _ in range(BESIDE)]
    return Turnover(all_recorded(client, DELETIONS, DELETED_SEGMENTS), new)


def _delete(client: TamsClient, recording: Recording) -> list[Segment]:
    client.delete(recording.flow)
    return []


def _verify_turnover(client: TamsClient, turnover: Turnover, done: list[list[Segment]]) -> None:
    for recording in turnover.old:
        verify_deleted(client, recording, None)
    _verify_all(client, turnover.new, done[DELETIONS:])


def _delete_turnover(client: TamsClient, turnover: Turnover, _done: object) -> None:
    for recording in turnover.old:
        delete_recording(client, recording, None)
    _delete_all(client, turnover.new, None)


@stress(
    "tams.stress_cleanup_3",
    items=DELETIONS,
    concurrency=DELETIONS + BESIDE,
    bytes_moved=DELETIONS * recorded_bytes(DELETED_SEGMENTS, DELETED_SEGMENTS)  # prepare's
    + 2 * BESIDE * SEGMENTS * PART_BYTES,  # as above
    prepare=_turnover,
    verify=_verify_turnover,
    cleanup=_delete_turnover,
)
def stress_cleanup_3(client: TamsClient, turnover: Turnover) -> list[list[Segment]]:
    """How long deleting three flows to the end takes while three ingests go on: cleaning up under load."""
    deleting: list[Any] = [partial(_delete, client, recording) for recording in turnover.old]
    return side_by_side([*deleting, *(partial(_ingest, client, take) for take in turnover.new)])
