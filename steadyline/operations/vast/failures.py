"""Which reason each error of the SDK, and of requests and urllib3 under it, is."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from vastdb import errors
from vastdb._internal import UnsupportedServer

from steadyline.operations.http.failures import reason_of_status
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.urllib3_failures import reason_of as reason_on_the_way
from steadyline.operations.vast.connection import StatusError
from steadyline.outcome import IntegrityError, Reason


class UnreadableAnswerError(Exception):
    """An answer came that the SDK cannot read; raised from whatever it stumbled over, as IndexError or struct.error."""


class NoObjectsError(Exception):
    """The endpoint took no object; raised from what it answered, which decides the reason."""


FAILURES: tuple[type[Exception], ...] = (
    errors.HttpError,
    errors.Missing,
    errors.Exists,
    errors.InvalidArgument,
    errors.NotSupported,
    errors.ImportFilesError,
    errors.ApiResponseError,
    errors.ConnectionError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    UnsupportedServer,
    StatusError,
    UnreadableAnswerError,
    NoObjectsError,
    IntegrityError,
)
"""What a target's failure is raised as."""
_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Reason], ...] = (
    (ClientClosedError, Reason.CANCELLED),
    (errors.Slowdown, Reason.THROTTLED),
    (errors.Forbidden, Reason.AUTH),
    ((errors.Conflict, errors.Exists), Reason.CONFLICT),
    (errors.RequestTimeout, Reason.TIMEOUT),
    ((errors.BadRequest, errors.NotFound, errors.MethodNotAllowed, errors.NotImplemented), Reason.CLIENT_ERROR),
    ((errors.InternalServerError, errors.ServiceUnavailable, errors.InsufficientCapacity), Reason.SERVER_ERROR),
    ((errors.Missing, errors.InvalidArgument, errors.NotSupported, errors.ImportFilesError), Reason.CLIENT_ERROR),
    ((UnsupportedServer, requests.TooManyRedirects), Reason.CLIENT_ERROR),
    ((errors.ApiResponseError, UnreadableAnswerError), Reason.INTEGRITY),
    (requests.Timeout, Reason.TIMEOUT),
    (requests.RequestException, Reason.SERVER_ERROR),
)
"""The first that fits decides."""


def reason_of(error: BaseException) -> Reason | None:
    """The reason, or None where the exception is not the client's."""
    if isinstance(error, StatusError):
        return reason_of_status(error.status)
    if isinstance(error, NoObjectsError) and error.__cause__:
        return reason_of(error.__cause__)
    if isinstance(error, errors.ConnectionError):
        return reason_of(error.cause) or Reason.CONNECT
    return _below(error) or next((reason for kind, reason in _KINDS if isinstance(error, kind)), None)


def said_of(error: errors.HttpError) -> str:
    """What an endpoint's refusal says, without the request."""
    return " ".join(part for part in (f"HTTP {error.status}", error.code, error.message) if part)


def _below(error: BaseException) -> Reason | None:
    """The reason of what requests caught from urllib3."""
    caught = error.args[0] if isinstance(error, requests.RequestException) and error.args else error
    return reason_on_the_way(caught) if isinstance(caught, BaseException) else None


@contextmanager
def readable() -> Iterator[None]:
    """Tell an answer that cannot be read from a bug of ours: it is the SDK, or what it calls, that stumbles over it.

    Raises:
        UnreadableAnswerError: in place of an exception that is none of the FAILURES and arose in the SDK.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, FAILURES) and _arose_in_the_sdk(error):
            raise UnreadableAnswerError(f"{type(error).__name__}: {error}") from error
        raise


def _arose_in_the_sdk(error: Exception) -> bool:
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(name.startswith("vastdb.") for name in modules) and not modules[-1].startswith("steadyline.")
