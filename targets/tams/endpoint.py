"""From a request to an answer: validation first, then the work, in a thread and in one transaction of VAST DB."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, TypeAdapter
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from targets.bodies import read_body
from targets.tams.answers import shown
from targets.tams.database import Database, Transaction
from targets.tams.events import Event
from targets.tams.fields import is_uuid
from targets.tams.locks import Locks
from targets.tams.media import Media
from targets.tams.schema import Query

LARGEST_BODY_BYTES = 2_000_000
"""A request over this is refused unread: a thousand segments with room to spare."""


class Refusal(Exception):  # noqa: N818 - it is the answer, not a fault of ours
    """The request cannot be met as it stands: status and one sentence for the client."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status beside the sentence."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A validated request.

    Attributes:
        path: the path's parameters.
        query: the query string as its model.
        body: the body as its type has it; None where there is none.
        at: when it came, UTC without a zone.
        url: as the client wrote it.
    """

    path: Mapping[str, str]
    query: Any
    body: Any
    at: datetime
    url: URL


@dataclass(frozen=True, slots=True)
class Stores:
    """What a piece of work may use: one transaction, and the media; and where it says what happened."""

    tx: Transaction
    media: Media
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back; `content` None sends no body."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Work = Callable[[Stores, Asked], Answer]


def nothing_more(_asked: Asked) -> Iterable[str]:
    """What most operations lock besides the ids in their path."""
    return ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: what serves it, and what it accepts and answers.

    Attributes:
        method: of HTTP; a GET serves HEAD too.
        path: with its parameters in braces.
        work: gets the stores and the validated request; what it wrote is committed before its answer is sent.
        summary: what it is for.
        query: model of the query string.
        body: type of the JSON body, where there is one.
        answers: by status, the type of the answer's body, or None for none; those of refusals are added by themselves.
        locks: what no other request may change meanwhile, besides what the ids in the path name.
        is_body_optional: whether an empty body stands for an empty object.
        leads_to: path parameters of other operations that its 201 makes usable, as OpenAPI's runtime expressions.
    """

    method: str
    path: str
    work: Work
    summary: str
    query: type[BaseModel] = Query
    body: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    locks: Callable[[Asked], Iterable[str]] = nothing_more
    is_body_optional: bool = False
    leads_to: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backends:
    """What all requests share.

    Attributes:
        threads: how many requests may be worked on at once; the others wait for their turn.
        moment: the present in UTC, without a zone.
        wake: called after an answer that leaves work behind.
        publish: called with what happened, once it is committed.
    """

    database: Database
    media: Media
    locks: Locks
    threads: CapacityLimiter
    moment: Callable[[], datetime]
    wake: Callable[[], None]
    publish: Callable[[Iterable[Event]], None]


def endpoint(operation: Operation, backends: Backends) -> Callable[[Request], Awaitable[Response]]:
    """Serve an operation: its parameters are validated first, then its work is done in a thread and one transaction."""
    body = TypeAdapter(operation.body) if operation.body is not None else None

    async def serve(request: Request) -> Response:
        path = {name: str(value) for name, value in request.path_params.items()}
        _check_path(path)
        query = operation.query.model_validate(dict(request.query_params))
        said = None
        if body is not None:
            sent = await read_body(request, LARGEST_BODY_BYTES)
            said = body.validate_json(b"{}" if operation.is_body_optional and not sent else sent)
        asked = Asked(path, query, said, backends.moment(), request.url)
        answer = await to_thread.run_sync(_work, backends, operation, asked, limiter=backends.threads)
        return _response(answer)

    return serve


def _check_path(path: Mapping[str, str]) -> None:
    for name, value in path.items():
        if "\x00" in value or (name.endswith("_id") and name != "object_id" and not is_uuid(value)):
            raise Refusal(404, f"there is no {name.removesuffix('_id')} of that id")


def _locked(operation: Operation, asked: Asked) -> Iterable[str]:
    """What a request that changes something keeps others from; one that reads keeps nobody."""
    if operation.method == "GET":
        return ()
    return (*(value for name, value in asked.path.items() if name.endswith("_id")), *operation.locks(asked))


def _work(backends: Backends, operation: Operation, asked: Asked) -> Answer:
    with backends.locks.held(_locked(operation, asked)):
        with backends.database.transaction() as tx:
            stores = Stores(tx, backends.media)
            answer = operation.work(stores, asked)
        backends.publish(stores.events)
        if answer.status == 202:  # noqa: PLR2004 - Accepted: the work goes on behind it
            backends.wake()
    return answer


def _response(answer: Answer) -> Response:
    if answer.content is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    return JSONResponse(shown(answer.content), answer.status, headers=dict(answer.headers))
