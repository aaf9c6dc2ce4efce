"""From a request to an answer: validation, the work in a thread, and one JSON message for whatever goes wrong."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import exc
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from targets.bodies import TooLargeError, read_body, sentence
from targets.trace.schema import Nothing

LARGEST_BODY_BYTES = 8_000_000
"""A request over this is refused unread: a bulk of 1000 items with room to spare."""

log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 - it is the answer, not a fault of ours
    """The request cannot be met as it stands: status and one message for the client."""

    def __init__(self, status: int, message: str) -> None:
        """Keep the status beside the message."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """A validated request.

    Attributes:
        id: the id in the path, "" where there is none.
        said: the query string or the body as its model.
        at: when it came.
    """

    id: str
    said: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back; `content` None sends no body."""

    content: Any
    status: int = 200


Work = Callable[[Session, Asked], Answer]


def endpoint(
    work: Work, *, query: type[BaseModel] = Nothing, body: type[BaseModel] | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Serve `work`, in a thread and in one transaction; its query string or JSON body is validated first.

    Args:
        work: gets a session and the validated request; its answer is committed before it is sent.
        query: model of the query string; extra parameters are refused.
        body: model of the JSON body, where there is one; `Asked.said` is then the body.
    """

    async def serve(request: Request) -> Response:
        said: BaseModel = query.model_validate(dict(request.query_params))
        if body is not None:
            said = body.model_validate_json(await read_body(request, LARGEST_BODY_BYTES))
        asked = Asked(request.path_params.get("id", ""), said, request.app.state.now())
        return await run_in_threadpool(_serve, request.app.state.sessions, work, asked)

    return serve


def _serve(sessions: sessionmaker[Session], work: Work, asked: Asked) -> Response:
    if "\x00" in asked.id:
        raise Refusal(404, "no such id")
    with sessions.begin() as session:
        answer = work(session, asked)
    if answer.content is None:
        return Response(status_code=answer.status)
    return JSONResponse(answer.content, answer.status)


def _message(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    return _message(422, sentence(error))


async def _too_large(_request: Request, _error: Exception) -> Response:
    return _message(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes; send fewer items at once")


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _message(error.status, str(error))


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    return _message(400, "the client went away before its request was whole")


async def _stale(_request: Request, _error: Exception) -> Response:
    return _message(409, "another request changed it meanwhile; read it again and repeat the change")


async def _constraint(_request: Request, _error: Exception) -> Response:
    return _message(409, "it conflicts with what is there: the name or id is taken, or what it refers to is gone")


async def _unstorable(_request: Request, _error: Exception) -> Response:
    return _message(422, "the database cannot store one of the values")


async def _database(_request: Request, error: Exception) -> Response:
    """A database that fails is said to fail; an empty list in its place would be a lie (and was, in the original)."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error  # without the statement and its values
    log.warning("database: %s", str(cause).partition("\n")[0])
    return _message(503, "the database does not answer; try again later")


FAILURES: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    ValidationError: _invalid,
    Refusal: _refused,
    HTTPException: _http,
    TooLargeError: _too_large,
    ClientDisconnect: _gone,
    StaleDataError: _stale,
    exc.IntegrityError: _constraint,
    exc.DataError: _unstorable,
    exc.DBAPIError: _database,
    exc.TimeoutError: _database,
}
"""What each exception becomes; the nearest class in its ancestry decides."""
