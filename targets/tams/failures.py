"""What a request that is not met is answered: the specification's error body, and a line in the log where a backend failed."""

import logging
from collections.abc import Awaitable, Callable, Mapping
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
    """What each exception becomes; the nearest class in its ancestry decides."""

    def told(status: int, summary: str, headers: Mapping[str, str] | None = None) -> Response:
        return JSONResponse(shown(fault(status, summary, moment())), status, headers=headers)

    async def refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return told(error.status, str(error))

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, ValidationError)
        return told(400, sentence(error))

    async def too_large(_request: Request, _error: Exception) -> Response:
        return told(413, f"the body is larger than {LARGEST_BODY_BYTES} bytes; send less at once")

    async def gone(_request: Request, _error: Exception) -> Response:
        return told(400, "the client went away before its request was whole")

    async def http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return told(error.status_code, error.detail, error.headers)

    async def conflict(_request: Request, _error: Exception) -> Response:
        return told(409, "another request changed the same thing meanwhile; nothing was changed by this one, repeat it")

    async def database(_request: Request, error: Exception) -> Response:
        log.warning("VAST DB: %s", _cause(error))
        return told(503, "VAST DB does not answer as it should; try again later")

    async def media(_request: Request, error: Exception) -> Response:
        log.warning("S3: %s", str(error).partition("\n")[0])
        return told(503, "S3 does not answer as it should; try again later")

    return {
        Refusal: refused,
        ValidationError: invalid,
        TooLargeError: too_large,
        ClientDisconnect: gone,
        HTTPException: http,
        vast.Conflict: conflict,
        **dict.fromkeys(vast.FAILURES, database),
        **dict.fromkeys((*s3.FAILURES, s3.MediaError), media),
    }


def _cause(error: Exception) -> str:
    """What failed, without the request: its headers are signed with the secret key."""
    if isinstance(error, errors.HttpError):
        return f"{type(error).__name__}: {error.status} {error.code} for {error.method}"
    cause = error.cause if isinstance(error, errors.ConnectionError) else error
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0][:200]}"
