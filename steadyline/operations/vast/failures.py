"""Which reason each error of the SDK, and of requests and urllib3 under it, is."""

import http.client
import socket
import ssl
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from vastdb import errors
from vastdb._internal import UnsupportedServer

from steadyline.operations.http.failures import reason_of_status
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.vast.connection import StatusError
from steadyline.outcome import IntegrityError, Reason


class UnreadableAnswerError(Exception):
    """An answer came that the SDK cannot read; raised from whatever it stumbled over, as IndexError or struct.error."""


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
    IntegrityError,
)
"""What a target's failure is raised as."""
_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Reason], ...] = (
    (ClientClosedError, Reason.CANCELLED),
    (urllib3.exceptions.EmptyPoolError, Reason.POOL_EXHAUSTED),
    (errors.Slowdown, Reason.THROTTLED),
    (errors.Forbidden, Reason.AUTH),
    ((errors.Conflict, errors.Exists), Reason.CONFLICT),
    (errors.RequestTimeout, Reason.TIMEOUT),
    ((requests.Timeout, urllib3.exceptions.TimeoutError), Reason.TIMEOUT),
    ((errors.BadRequest, errors.NotFound, errors.MethodNotAllowed, errors.NotImplemented), Reason.CLIENT_ERROR),
    ((errors.InternalServerError, errors.ServiceUnavailable, errors.InsufficientCapacity), Reason.SERVER_ERROR),
    ((errors.Missing, errors.InvalidArgument, errors.NotSupported, errors.ImportFilesError), Reason.CLIENT_ERROR),
    ((UnsupportedServer, requests.TooManyRedirects), Reason.CLIENT_ERROR),
    ((errors.ApiResponseError, UnreadableAnswerError), Reason.INTEGRITY),
    ((requests.RequestException, urllib3.exceptions.HTTPError), Reason.SERVER_ERROR),
)
"""The first that fits decides."""
_ON_THE_WAY = (
    (socket.gaierror, Reason.DNS),
    (ssl.SSLError, Reason.TLS),
    (urllib3.exceptions.ConnectTimeoutError, Reason.TIMEOUT),
    (http.client.HTTPException, Reason.SERVER_ERROR),  # it answered, and not as HTTP does, or closed without an answer
)
"""What a connection that failed was raised from; any other is one that was refused or broken."""


def reason_of(error: Exception) -> Reason | None:
    """The reason, or None where the exception is not the client's."""
    if isinstance(error, StatusError):
        return reason_of_status(error.status)
    if isinstance(error, errors.ConnectionError | requests.ConnectionError):
        causes = list(_causes(error))
        return next((r for kind, r in _ON_THE_WAY if any(isinstance(c, kind) for c in causes)), Reason.CONNECT)
    return next((reason for kind, reason in _KINDS if isinstance(error, kind)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was raised from, down to the first."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


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
