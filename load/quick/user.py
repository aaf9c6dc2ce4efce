"""A Locust user that asks over HTTP at several times FastHttpUser's speed, with its interface."""

import ssl
from collections.abc import Callable
from typing import Any

from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.exception import StopTest

from load.quick.connection import Waits
from load.quick.errors import RefusedError
from load.quick.session import QuickSession
from load.quick.trust import trusting, verifying

_REFUSED = ("client_pool", "concurrency", "max_retries", "proxy_host", "proxy_port")
"""FastHttpUser's settings that mean nothing here; leave them as they are."""


class QuickHttpUser(FastHttpUser):
    """FastHttpUser with a client of ours.

    The same: `get`, `post` and the others with name, data, json, headers, auth, params, catch_response, context and
    allow_redirects; `rest`; the request event's fields; cookies; and the class's `host`, `insecure`, `default_headers`,
    `network_timeout`, `connection_timeout`, `max_redirects` and `ssl_context_factory`.

    Different: an answer is compressed only where the flow sends Accept-Encoding itself, and gzip and deflate are read;
    a connection is kept for each origin, and another opened while it is busy in another greenlet; credentials of the
    base URL go to its origin only; text is UTF-8 where the answer does not say otherwise.

    Refused, before anything is sent: stream, files, data that would have to be read, proxies, pools, retries.
    """

    abstract = True
    ssl_context_factory: Callable[[], ssl.SSLContext] | None = None

    def __init__(self, environment: Environment) -> None:
        """Connect to nobody yet.

        Raises:
            StopTest: no host was given.
            RefusedError: a host that is no URL, or a setting that this client does not have.
        """
        super(FastHttpUser, self).__init__(environment)  # its own would make a client that is never used
        if self.host is None:
            raise StopTest("no host to ask: give --host, or the class a host")
        changed = [name for name in _REFUSED if getattr(self, name) != getattr(FastHttpUser, name)]
        if changed:
            raise RefusedError(f"{type(self).__name__}: {', '.join(changed)}: not done by this client; use FastHttpUser")
        factory = type(self).ssl_context_factory
        self.client: QuickSession = QuickSession(  # type: ignore[assignment]  # its interface, not its class
            self.host,
            environment.events.request,
            self,
            waits=Waits(self.connection_timeout, self.network_timeout),
            context=factory() if factory else trusting() if self.insecure else verifying(),
            headers=self.default_headers,
            max_redirects=self.max_redirects,
        )

    def start(self, group: Any) -> Any:
        """Start the user; when it ends, however it does, its connections are closed."""
        greenlet = super().start(group)
        greenlet.link(lambda _ended: self.client.close())
        return greenlet
