"""What form a page of metrics goes out in: text or OpenMetrics, compressed or not, as its reader says."""

import gzip
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
GZIP_LEVEL = 1
"""Level 1 costs 1 ms for 10 000 series where level 9 costs 14."""


def negotiated(request: Request, render: Callable[[bool], bytes]) -> Response:
    """The page as its reader takes it.

    Args:
        request: who asks.
        render: makes the page; given whether it is to be OpenMetrics.
    """
    openmetrics = wants_openmetrics(request.headers.get("accept", ""))
    body = render(openmetrics)
    headers = {"content-type": OPENMETRICS if openmetrics else TEXT, "vary": "accept, accept-encoding"}
    if accepts_gzip(request.headers.get("accept-encoding", "")):
        body, headers["content-encoding"] = gzip.compress(body, GZIP_LEVEL), "gzip"
    return Response(body, headers=headers)


def wants_openmetrics(accept: str) -> bool:
    """Whether the Accept header prefers OpenMetrics 1.0 to the text format; text where it names neither."""
    quality = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for part in accept.split(","):
        kind, *parameters = (word.strip() for word in part.lower().split(";"))
        named = dict(parameter.partition("=")[::2] for parameter in parameters)
        if kind in quality and named.get("version", "1.0.0") in ("1.0.0", "0.0.4"):
            quality[kind] = max(quality[kind], _quality(named.get("q", "1")))
    return quality["application/openmetrics-text"] > 0 and quality["application/openmetrics-text"] >= quality["text/plain"]


def accepts_gzip(header: str) -> bool:
    """Whether the Accept-Encoding header takes gzip."""
    for part in header.split(","):
        coding, _, parameter = part.partition(";")
        if coding.strip().lower() == "gzip":
            return _quality(parameter.strip().removeprefix("q=") or "1") > 0
    return False


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
