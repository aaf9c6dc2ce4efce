"""Which reason a request has failed for, that Locust tells of by an exception: the requests of users' own flows."""

import socket
import ssl
from typing import Any

from steadyline.operations.http.failures import reason_of_status
from steadyline.outcome import Reason


def reason_of(error: BaseException, response: Any) -> Reason:
    """The reason out of the closed list.

    Args:
        error: what Locust's request event has as `exception`.
        response: what it has as `response`; its `status_code` is 0 where no answer came.
    """
    chain = list(_chain(error))
    for kind, reason in _KINDS:
        if any(isinstance(one, kind) for one in chain):
            return reason
    status = getattr(response, "status_code", 0)
    if isinstance(status, int) and status >= _FIRST_FAILURE:
        return reason_of_status(status)
    if any(type(one).__name__ == "CatchResponseError" for one in chain):  # the user's own check of the answer
        return Reason.INTEGRITY
    if isinstance(status, int) and status:
        return Reason.CLIENT_ERROR
    return Reason.OTHER


_FIRST_FAILURE = 400
_KINDS: tuple[tuple[type[BaseException], Reason], ...] = (
    (socket.gaierror, Reason.DNS),
    (ssl.SSLError, Reason.TLS),
    (TimeoutError, Reason.TIMEOUT),
    (ConnectionError, Reason.CONNECT),
    (OSError, Reason.CONNECT),
)


def _chain(error: BaseException | None) -> Any:
    seen = 0
    while error is not None and seen < 10:  # noqa: PLR2004 - a cycle ends
        yield error
        inner = [arg for arg in error.args if isinstance(arg, BaseException)]
        yield from inner
        error = error.__cause__ or error.__context__
        seen += 1
