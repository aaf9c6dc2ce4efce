"""Which reason each error of urllib3 is, for all clients built on it."""

import http.client
import ssl

from urllib3 import exceptions as urllib3

from steadyline.outcome import Reason

_KINDS: tuple[tuple[type[Exception], Reason], ...] = (
    (urllib3.EmptyPoolError, Reason.POOL_EXHAUSTED),
    (urllib3.ClosedPoolError, Reason.CANCELLED),
    (urllib3.NameResolutionError, Reason.DNS),
    (urllib3.NewConnectionError, Reason.CONNECT),
    (urllib3.TimeoutError, Reason.TIMEOUT),
    (urllib3.SSLError, Reason.TLS),
    (http.client.IncompleteRead, Reason.INTEGRITY),
    (http.client.HTTPException, Reason.SERVER_ERROR),  # closed without an answer, or no HTTP
    (ssl.SSLError, Reason.TLS),
    (TimeoutError, Reason.TIMEOUT),
    (OSError, Reason.CONNECT),
)
"""The first that fits decides."""


def reason_of(error: BaseException) -> Reason | None:
    """The reason, or None where the exception is not urllib3's; what it wraps decides before it."""
    if not isinstance(error, urllib3.HTTPError):
        return None
    for one in (*_wrapped(error), error):
        for kind, reason in _KINDS:
            if isinstance(one, kind):
                return reason
    return Reason.OTHER


def _wrapped(error: urllib3.HTTPError) -> list[BaseException]:
    """What was caught below: a ProtocolError and a MaxRetryError carry it with them."""
    below = [getattr(error, "reason", None), *error.args]
    found = [one for one in below if isinstance(one, BaseException)]
    return [deeper for one in found for deeper in ([*_wrapped(one), one] if isinstance(one, urllib3.HTTPError) else [one])]
