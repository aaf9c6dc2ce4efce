"""The requests of the TAMS API that the operations are made of, one method each (BBC specification, version 8)."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from steadyline.operations.http.exchange import Answer, Connections
from steadyline.operations.http.presigned import Presigned, Upload
from steadyline.operations.http.wire import Wire, is_missing, json_of
from steadyline.operations.tams.flow import Flow, Segment, media_url, require
from steadyline.operations.tams.patience import comes_true
from steadyline.outcome import IntegrityError
from steadyline.printable import shortened

PAGE = 1000
"""Rows of one question; a target that gives fewer is asked for the next page."""

FAILURES: tuple[type[Exception], ...] = (httpx.HTTPError, IntegrityError)
"""What every method raises when the target or the object store fails."""


def said_of(document: Any) -> Any:
    """What a TAMS says is wrong, out of its error document."""
    return document["summary"]


@dataclass(frozen=True, slots=True)
class Room:
    """Where one media object may be put."""

    object_id: str
    upload: Upload


@dataclass(frozen=True, slots=True)
class TamsApi:
    """Requests to one TAMS and to the object stores that it names.

    Attributes:
        wire: to the API.
        media: to the object stores.
        pause: waits so many seconds.
    """

    wire: Wire
    media: Presigned
    pause: Callable[[float], None] = time.sleep

    def service(self) -> dict[str, Any]:
        """What the service says of itself."""
        document = self.wire.send("GET", "service")
        told = isinstance(document, dict) and all(isinstance(document.get(name), str) for name in ("type", "api_version"))
        require(told, "the service document does not say which kind of service it is, and of which version")
        found: dict[str, Any] = document
        return found

    def put_flow(self, flow: Flow) -> Any:
        """Make a flow; the JSON answered, None where it was there already."""
        return self.wire.send("PUT", flow.path, body=flow.document)

    def get_flow(self, flow: Flow) -> Any:
        """The flow as it is shown."""
        return self.wire.send("GET", flow.path)

    def request_storage(self, flow: Flow, objects: int = 1) -> list[Room]:
        """Ask for room for so many new objects.

        Raises:
            IntegrityError: the answer has not so many, or they are no rooms.
        """
        answer = self.wire.send("POST", f"{flow.path}/storage", body={"limit": objects})
        told = answer.get("media_objects") if isinstance(answer, dict) else None
        rooms = [_room(one) for one in told] if isinstance(told, list) else []
        ids = {room.object_id for room in rooms}
        require(len(rooms) == len(ids) == objects, f"room for {len(ids)} objects was given, not for the {objects} asked for")
        return rooms

    def upload(self, room: Room, content: bytes) -> None:
        """Put an object's media where there is room for it."""
        self.media.put(room.upload, content)

    def download(self, shown: dict[str, Any]) -> bytes:
        """Get the media of a segment or an object that was shown."""
        return self.media.get(media_url(shown))

    def register(self, flow: Flow, *segments: Segment) -> None:
        """Put segments on a flow's timeline.

        Raises:
            IntegrityError: some could not be registered; the text has the first one's reason.
        """
        documents = [segment.document for segment in segments]
        answer = self.wire.send("POST", f"{flow.path}/segments", body=documents if len(documents) > 1 else documents[0])
        failed = answer.get("failed_segments") if isinstance(answer, dict) else None
        if failed:
            raise IntegrityError(f"{len(failed)} of {len(documents)} segments were not registered: {_summary(failed)}")

    def segments(self, flow_id: str, timerange: str | None = None) -> list[dict[str, Any]]:
        """A flow's segments, all or those of a part of its timeline."""
        query = {"timerange": timerange} if timerange else {}
        return [row for page in self.pages(f"flows/{flow_id}/segments", query) for row in rows_of(page)]

    def object(self, object_id: str) -> Any:
        """A media object as it is shown."""
        return self.wire.send("GET", object_path(object_id))

    def pages(self, path: str, query: Mapping[str, str | int | bool]) -> Iterator[Answer]:
        """A list, page by page."""
        key: dict[str, str] = {}
        while True:
            page = self.wire.answer("GET", path, query={"limit": PAGE, **query, **key})
            yield page
            following = page.headers.get("X-Paging-NextKey")
            if not following or following == key.get("page"):
                return
            key = {"page": following}

    def delete_flow(self, flow_id: str) -> bool:
        """Delete a flow and all in it, to the end of its deletion; False where it was gone already.

        Raises:
            IntegrityError: the deletion ended in an error.
            httpx.ReadTimeout: it did not end.
        """
        try:
            answer = self.wire.answer("DELETE", f"flows/{flow_id}")
        except httpx.HTTPStatusError as error:
            if not is_missing(error):
                raise
            return False
        if answer.status_code == httpx.codes.ACCEPTED:
            path = _deletion_path(answer)
            if not comes_true(lambda: self._is_deleted(path), self.pause):
                raise httpx.ReadTimeout("the flow's deletion did not end", request=answer.request)
        return True

    def _is_deleted(self, path: str) -> bool:
        """Whether a deletion is done; one that is not known any more was done."""
        told = self.wire.find(path)
        status = told.get("status") if isinstance(told, dict) else "done"
        if status == "error":
            raise IntegrityError(f"the flow's deletion failed: {_summary([told])}")
        return status == "done"

    def is_freed(self, object_id: str) -> bool:
        """Whether an object goes, now or soon: a flow's media may be freed a little after the flow."""
        return comes_true(lambda: not self.wire.is_there(object_path(object_id)), self.pause)

    def close(self) -> None:
        """Close all connections."""
        self.wire.close()
        self.media.close()


def reaching(
    to_target: Callable[[], Connections], to_store: Callable[[str], Connections], pause: Callable[[float], None] = time.sleep
) -> Callable[[], TamsApi]:
    """What makes a client of the API with connections of its own.

    Args:
        to_target: connects to the API.
        to_store: connects to object stores of a scheme, when the first presigned URL of it comes.
        pause: waits so many seconds.
    """
    return lambda: TamsApi(Wire(to_target(), "", said_of), Presigned(to_store), pause)


def rows_of(page: Answer) -> list[dict[str, Any]]:
    """The rows of a page.

    Raises:
        IntegrityError: it has none: it is not the TAMS API's.
    """
    rows = json_of(page)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IntegrityError(f"GET {page.request.url.path}: the answer is no list")
    return rows


def object_path(object_id: str) -> str:
    """Where an object is; the target chose its id, which may hold anything."""
    return f"objects/{quote(object_id, safe='')}"


def _room(told: Any) -> Room:
    try:
        request = told["put_url"]
        typed = {"Content-Type": request["content-type"]} if request.get("content-type") else {}
        return Room(str(told["object_id"]), Upload(str(request["url"]), {**(request.get("headers") or {}), **typed}))
    except (LookupError, TypeError, AttributeError):
        raise IntegrityError("room for an object is not told with its id and a URL to put it at") from None


def _deletion_path(answer: Answer) -> str:
    """Where a deletion that goes on is shown."""
    document = json_of(answer)
    told = document.get("id") if isinstance(document, dict) else None
    name = told or answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
    require(bool(name), "a deletion goes on, and where to follow it is not told")
    return f"flow-delete-requests/{name}"


def _summary(told: list[Any]) -> str:
    try:
        return shortened(str(told[0]["error"]["summary"]))
    except (LookupError, TypeError):
        return "why is not told"
