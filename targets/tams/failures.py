"""What a request that is not met is answered: the specification's error body, and a line in the log where a backend failed."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from vastdb import errors

from targets.bodies import TooLargeError, sentence
from targets.tams import database as vast
from targets.tams import media as s3
from targets.tams.answers import Fault, shown
from targets.tams.endpoint import LARGEST_BODY_BYTES, Refusal
from targets.tams.moments import moment_text

log = logging.getLogger(__name__)

_KINDS = {
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    413: "ContentTooLarge",
    503: "ServiceUnavailable",
}


def fault(status: int, summary: str, at: datetime) -> Fault:
    """The specification's error body."""
    return Fault(type=_KINDS.get(status, "Error"), summary=summary, time=moment_text(at))


def failures(moment: Callable[[], datetime]) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """What each exception becomes; the nearest class in its ancestry decides.

    Args:
        moment: the present in UTC without a zone; what errors are dated with.
    """

    def handler(told: Callable[[Any], Told]) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def handle(_request: Request, error: Exception) -> Response:
            said = told(error)
            return JSONResponse(shown(fault(said.status, said.summary, moment())), said.status, headers=said.headers)

        return handle

    return {kind: handler(told) for kind, told in _TOLD.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """What a client is told: status, one sentence, and headers beside."""

    status: int
    summary: str
    headers: Mapping[str, str] | None = None


def _refused(error: Refusal) -> Told:
    return Told(error.status, str(error))


def _invalid(error: ValidationError) -> Told:
    return Told(400, sentence(error))


def _too_large(_error: TooLargeError) -> Told:
    return Told(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes; send less at once")


def _gone(_error: ClientDisconnect) -> Told:
    return Told(400, "the client went away before its request was whole")


def _http(error: HTTPException) -> Told:
    return Told(error.status_code, error.detail, error.headers)


def _conflict(_error: Exception) -> Told:
    return Told(409, "another request changed the same thing meanwhile; nothing was changed by this one, repeat it")


def _database_failed(error: Exception) -> Told:
    log.warning("VAST DB: %s", _cause(error))
    return Told(503, "VAST DB does not answer as it should; try again later")


def _media_failed(error: Exception) -> Told:
    log.warning("S3: %s", str(error).partition("\n")[0])
    return Told(503, "S3 does not answer as it should; try again later")


def _cause(error: Exception) -> str:
    """What failed, without the request: its headers are signed with the secret key."""
    if isinstance(error, errors.HttpError):
        return f"{type(error).__name__}: {error.status} {error.code} for {error.method}"
    if isinstance(error, errors.ConnectionError):
        return f"no answer: {_innermost(error.cause)}"
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"


def _innermost(error: BaseException) -> str:
    """What the system said, or the kind of the exception that all others were made from."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


_TOLD: dict[Any, Callable[[Any], Told]] = {
    Refusal: _refused,
    ValidationError: _invalid,
    TooLargeError: _too_large,
    ClientDisconnect: _gone,
    HTTPException: _http,
    vast.Conflict: _conflict,
    **dict.fromkeys(vast.FAILURES, _database_failed),
    **dict.fromkeys((*s3.FAILURES, s3.MediaError), _media_failed),
}
