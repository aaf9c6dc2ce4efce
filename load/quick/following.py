"""One request of a flow, with what is done between it and its last answer: cookies and redirects."""

from typing import NamedTuple

from load.quick.answer import Answer
from load.quick.connections import Connections
from load.quick.cookies import Cookies
from load.quick.errors import AnswerError
from load.quick.place import Place, place_of, split
from load.quick.redirects import leads_on, next_request, resolved, without_secrets
from load.quick.request import Lines, compose, target


class Asked(NamedTuple):
    """A request before it is bytes.

    Attributes:
        method: as it is sent.
        url: its scheme, host and path, without credentials and parameters.
        place: who is asked.
        path: put behind the place's, with the query.
        headers: all.
        body: or None for none.
    """

    method: str
    url: str
    place: Place
    path: str
    headers: Lines
    body: bytes | None


def follow(asked: Asked, connections: Connections, cookies: Cookies, most_redirects: int) -> tuple[str, Answer]:
    """The last answer, and the URL that gave it; a redirect is an answer where none is followed.

    Raises:
        OSError: no answer, or none that could be used, or more redirects than are followed.
    """
    redirects = 0
    while True:
        answer = _once(asked, connections, cookies)
        location = leads_on(answer) if most_redirects else None
        if location is None:
            return asked.url, answer
        if redirects == most_redirects:
            raise AnswerError(f"more than {most_redirects} redirects")
        redirects += 1
        asked = _redirected(asked, answer.status, location)


def _once(asked: Asked, connections: Connections, cookies: Cookies) -> Answer:
    method, _, place, path, headers, body = asked
    if cookies.used:
        headers = (*cookies.line_for(_full(asked)), *headers)
    request = compose(method, target(place.path + path), place.host, headers, body)
    answer = connections.exchange(place.origin, method, request)
    if answer.sets_cookies:
        cookies.take(_full(asked), answer)
    return answer


def _full(asked: Asked) -> str:
    return f"{asked.place.url}{asked.path}"


def _redirected(asked: Asked, status: int, location: str) -> Asked:
    url = resolved(_full(asked), location)
    base, path = split(url)
    place = place_of(base)
    method, headers, body = next_request(status, asked.method, asked.headers, asked.body)
    headers = without_secrets(headers, asked.place.origin, place.origin)
    return Asked(method, place.url + path, place, path, headers, body)
