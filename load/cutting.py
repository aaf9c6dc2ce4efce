"""Requests of users' own flows that are cut short, as by the end of the run: Locust fires no event for what has no answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from gevent import GreenletExit
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession

from load.quick.session import QuickSession

Told = Callable[[str, str], None]
"""Takes the method and the name of a request that was begun and has no end."""
_told: list[Told] = []
"""Who is told; one, as there is one run in a process."""


def tell(told: Told) -> None:
    """From now on tell of the requests of Locust's and our HTTP users that are killed while they wait for an answer."""
    if not _told:
        for session in (HttpSession, FastHttpSession, QuickSession):
            session.request = _telling(session.request)  # type: ignore[method-assign]
    _told[:] = [told]


def _telling(request: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(request)
    def telling(self: Any, method: str, url: str, name: str | None = None, *arguments: Any, **named: Any) -> Any:
        try:
            return request(self, method, url, name, *arguments, **named)
        except GreenletExit:
            _told[0](method, name or self.request_name or url)
            raise

    return telling
