"""Where a redirect leads, and with what (RFC 9110, 15.4), as FastHttpUser follows it."""

from urllib.parse import urljoin

from load.quick.answer import Answer
from load.quick.errors import MalformedAnswerError, RefusedError
from load.quick.place import Origin, is_absolute, place_of, split
from load.quick.request import Lines

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_AS_GET = frozenset((301, 302, 303))
_OF_THE_BODY = frozenset(("content-type", "content-encoding", "content-length"))
_SECRET = frozenset(("authorization", "cookie"))


def leads_on(answer: Answer) -> str | None:
    """The answer's Location where it redirects."""
    if answer.status not in _REDIRECTS:
        return None
    found = answer.headers.get("location")
    return found if isinstance(found, str) and found else None


def resolved(url: str, location: str) -> str:
    """The absolute URL that a Location means.

    Raises:
        MalformedAnswerError: one that cannot be asked for.
    """
    try:
        found = urljoin(url, location)
        if is_absolute(found):
            place_of(split(found)[0])
            return found
    except (RefusedError, ValueError):
        pass
    raise MalformedAnswerError(f"malformed answer: it redirects to {location[:100]!r}")


def next_request(status: int, method: str, headers: Lines, body: bytes | None) -> tuple[str, Lines, bytes | None]:
    """The method, headers and body of the request that a redirect asks for."""
    if status not in _AS_GET:
        return method, headers, body
    kept = tuple(line for line in headers if line[0].lower() not in _OF_THE_BODY)
    return "HEAD" if method == "HEAD" else "GET", kept, None


def without_secrets(headers: Lines, origin: Origin, other: Origin) -> Lines:
    """The headers that another origin may see."""
    return headers if origin == other else tuple(line for line in headers if line[0].lower() not in _SECRET)
