"""Who is let to an application, as the web config file has it: how often, with which headers, as which user."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from steadyline.web import fetch_metadata, known_hosts, users
from steadyline.web.held import Held, Web

ANSWERED_AT_A_TIME = 64
"""More are told to come again: a flood costs no attempt its punctuality. Who is not let in takes none of them."""


class Guard:
    """An application behind the web config.

    Args:
        application: what is guarded.
        held: the web config.
        names: what this server is called.
    """

    def __init__(self, application: ASGIApp, held: Held, names: Iterable[str]) -> None:
        """Let nobody in yet."""
        self._application = application
        self._held = held
        self._names = tuple(names)
        self._answering = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the application answer."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        web = self._held.current()
        if not web.bucket.take():
            await _told("too many requests: rate_limit", 429)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(web.config.http_server_config.headers)
            await send(message)

        refusal = await self._refusal(web, scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, with_headers)
            return
        self._answering += 1
        try:
            await self._application(scope, receive, with_headers)
        finally:
            self._answering -= 1

    async def _refusal(self, web: Web, method: str, headers: Headers) -> Response | None:
        if not web.config.is_authenticating and not known_hosts.is_known(headers.get("host"), self._names):
            return _told("this server has another name; hosts in its settings say which", 400)
        if fetch_metadata.is_foreign(method, headers):
            return _told("asked by another site's page; open it yourself", 403)
        if web.users:
            found = users.credentials(headers.get("authorization"))
            try:
                if found is None or not await web.users.allow(*found):
                    return _told("Unauthorized", 401, {"WWW-Authenticate": "Basic"})
            except users.BusyError:
                return _told("too many passwords wait to be checked", 503, {"Retry-After": "1"})
        if self._answering >= ANSWERED_AT_A_TIME:
            return _told("too many requests are being answered", 503, {"Retry-After": "1"})
        return None


def _told(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers)
