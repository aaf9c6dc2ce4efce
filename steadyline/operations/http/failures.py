"""Which reason each error of the HTTP client is."""

import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus

import httpx

from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import Reason

_STATUS: dict[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: Reason.AUTH,
    HTTPStatus.FORBIDDEN: Reason.AUTH,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: Reason.AUTH,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.CONFLICT: Reason.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.THROTTLED,
}

_KINDS: tuple[tuple[type[Exception], Reason], ...] = (
    (ClientClosedError, Reason.CANCELLED),
    (httpx.PoolTimeout, Reason.POOL_EXHAUSTED),
    (httpx.TimeoutException, Reason.TIMEOUT),
    (httpx.NetworkError, Reason.CONNECT),
    (httpx.RemoteProtocolError, Reason.SERVER_ERROR),
    (httpx.DecodingError, Reason.SERVER_ERROR),
    (httpx.HTTPError, Reason.OTHER),
)
"""The first that fits decides."""


def reason_of(error: Exception) -> Reason | None:
    """The reason, or None where the exception is not the client's."""
    if isinstance(error, httpx.HTTPStatusError):
        return reason_of_status(error.response.status_code)
    if isinstance(error, httpx.NetworkError):
        causes = list(_causes(error))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return Reason.DNS
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return Reason.TLS
    return next((reason for kind, reason in _KINDS if isinstance(error, kind)), None)


def reason_of_status(status: int) -> Reason:
    """The reason of an answer that is no success; a redirect is the client's error, because the URL is wrong."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    return _STATUS.get(status, Reason.CLIENT_ERROR)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What an exception was raised from, down to the first."""
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
