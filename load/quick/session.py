"""A user's HTTP client: FastHttpSession's interface for what flows need, and one exchange without events below it."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time
from typing import Any

from gevent.timeout import Timeout
from locust.event import EventHook
from locust.user import User

from load.quick.answer import Answer
from load.quick.body import Auth, Data, Params, body_of, given, with_params
from load.quick.connection import Waits
from load.quick.connections import Connections
from load.quick.cookies import Cookies
from load.quick.errors import RefusedError
from load.quick.following import Asked, follow
from load.quick.place import Place, is_absolute, place_of, split
from load.quick.request import AGENT, Lines, compose, target, verb
from load.quick.response import CaughtResponse, Response
from load.quick.trust import trusting

WAITS = Waits(connect=60.0, part=60.0)
MOST_REDIRECTS = 30


class QuickSession:
    """One user's requests, on one connection to each origin; nothing is retried, but as `Connections.exchange` says.

    Attributes:
        base_url: put before every path; without credentials.
        cookiejar: the user's cookies.
        request_name: the name of every request that is given none.
    """

    def __init__(
        self,
        base_url: str,
        request_event: EventHook | None = None,
        user: User | None = None,
        *,
        waits: Waits = WAITS,
        context: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
        max_redirects: int = MOST_REDIRECTS,
    ) -> None:
        """Connect to nobody yet.

        Args:
            base_url: http or https; credentials in it are sent to its origin only.
            request_event: fired for each request; None where only `exchange` is used.
            user: whose context each event has.
            waits: the longest waits.
            context: how TLS trusts; without one it trusts anybody, as FastHttpUser does.
            headers: of every request.
            max_redirects: that are followed for one request.

        Raises:
            RefusedError: no URL to send requests to.
        """
        self._place = place_of(base_url)
        self.base_url = self._place.url
        self.request_event = request_event
        self.user = user
        self.cookiejar = Cookies()
        self.request_name: str | None = None
        self._max_redirects = max_redirects
        self._connections = Connections(waits, context or trusting())
        self._everywhere: Lines = (AGENT, *(headers or {}).items())
        self._at_base = self._everywhere + self._credentials(self._place)

    @staticmethod
    def _credentials(place: Place) -> Lines:
        return (("Authorization", place.authorization),) if place.authorization else ()

    def exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send one request, follow nothing, keep no cookie, fire no event; any status is an answer.

        Args:
            method: GET, HEAD, POST, …
            path: put behind the base URL; or an absolute URL, which has a connection of its own and is not told the
                base URL's credentials.
            body: or None for none.
            headers: beside the user's default headers.

        Raises:
            RefusedError: a request that cannot be sent; the caller's bug.
            OSError: no answer, or none that could be used; load.quick.errors lists them.
        """
        _, place, sent, lines = self._where(path)
        if headers:
            lines = (*lines, *headers.items())
        method = verb(method)
        request = compose(method, target(place.path + sent), place.host, lines, body)
        return self._connections.exchange(place.origin, method, request)

    def _where(self, url: str) -> tuple[str, Place, str, Lines]:
        """The URL without credentials, its place, its path behind the place, and the headers that the place is sent."""
        if not is_absolute(url):
            return self.base_url + url, self._place, url, self._at_base
        base, path = split(url)
        place = place_of(base)
        credentials = self._at_base if place.origin == self._place.origin else self._everywhere
        return place.url + path, place, path, credentials + self._credentials(place)

    def _asked(self, method: str, url: str, body: tuple[bytes | None, Lines], own: Lines, params: Params) -> Asked:
        shown, place, path, lines = self._where(url)
        content, about = body
        return Asked(verb(method), shown, place, with_params(path, params), about + lines + own, content)

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: Data = None,
        *,
        catch_response: bool = False,
        stream: bool = False,
        headers: Mapping[str, str] | None = None,
        auth: Auth = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: Mapping[str, Any] | None = None,
        params: Params = None,
        files: None = None,
    ) -> Response:
        """Send a request, and fire Locust's request event with what came of it.

        Args:
            method: GET, HEAD, POST, …
            url: put behind the base URL, or absolute.
            name: in the statistics; the URL as given without one.
            data: the body; a mapping is sent as a form.
            catch_response: the answer is judged in a with-block, and the event fired at its end.
            stream: refused.
            headers: of this request; they win over the user's.
            auth: user and password of basic authentication.
            json: sent as the body where there is no data.
            allow_redirects: follow them.
            context: of the event; wins over the user's.
            params: put behind the URL as its query.
            files: refused.

        Raises:
            RefusedError: a request that cannot be sent, or that asks for what is not done here; no event is fired.
        """
        if stream or files:
            raise RefusedError("stream and files: not done by this client; use FastHttpUser for them")
        if self.request_event is None:
            raise RefusedError("a session without a request event only exchanges")
        asked = self._asked(method, url, body_of(data, json), given(headers, auth), params)
        kind = CaughtResponse if catch_response else Response
        start_time, start = time(), perf_counter()
        try:
            final_url, answer = follow(asked, self._connections, self.cookiejar, self._max_redirects if allow_redirects else 0)
            response, length = kind(final_url, answer), len(answer.content)
        except (OSError, Timeout) as error:  # a flow's own gevent.Timeout is a failure, as in FastHttpUser
            response, length = kind(asked.url, None, error), 0
        meta = {
            "request_type": method,
            "name": name or self.request_name or (asked.url if is_absolute(url) else url),
            "context": {**(self.user.context() if self.user else {}), **(context or {})},
            "response": response,
            "exception": response.error,
            "start_time": start_time,
            "url": asked.url,
            "response_length": length,
            "response_time": (perf_counter() - start) * 1000,
        }
        if isinstance(response, CaughtResponse):
            return response.report_to(self.request_event, meta)
        self.request_event.fire(**meta)  # type: ignore[no-untyped-call]
        return response

    @contextmanager
    def rename_request(self, name: str) -> Iterator[None]:
        """Requests in the block that are given no name have this one."""
        self.request_name = name
        try:
            yield
        finally:
            self.request_name = None

    def get(self, url: str, **options: Any) -> Response:
        """GET; the options are `request`'s."""
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> Response:
        """HEAD."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Response:
        """OPTIONS."""
        return self.request("OPTIONS", url, **options)

    def delete(self, url: str, **options: Any) -> Response:
        """DELETE."""
        return self.request("DELETE", url, **options)

    def post(self, url: str, data: Data = None, json: Any = None, **options: Any) -> Response:
        """POST."""
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Data = None, **options: Any) -> Response:
        """PUT."""
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Data = None, **options: Any) -> Response:
        """PATCH."""
        return self.request("PATCH", url, data=data, **options)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
