"""A connection of our servers: within limits from its first byte on, TLS included, and with the newest certificate."""

import asyncio
import contextlib
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from steadyline.web import tls
from steadyline.web.held import Held, Web
from targets import connections
from targets.crowd import Crowd

GOODBYE_SECONDS = 1.0
"""For the other side's end of TLS."""


class Connection(connections.Connection):
    """A connection that TLS may be spoken over.

    uvicorn has one TLS context for all of its life, and knows of a connection only once the handshake is over: a thousand
    that stop in the middle of it would be nobody's.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
        held: Held,
    ) -> None:
        """As uvicorn makes one."""
        super().__init__(config, server_state, app_state, _loop, crowd=crowd)
        self._held = held
        self._early = b""
        self._handshake: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected: TLS first, where it is wanted."""
        web = self._held.current()
        if web.context is None:
            super().connection_made(transport)
        elif self.enter(transport):
            assert self._wire is not None
            self._wire.pause_reading()
            self._handshake = self.loop.create_task(self._secure(self._wire, web))

    def data_received(self, data: bytes) -> None:
        """A piece of a request; the first may come before the handshake's end was told."""
        if self._has_begun:
            super().data_received(data)
        else:
            self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        if self._handshake is not None:
            self._handshake.cancel()
        super().connection_lost(exc)

    async def _secure(self, wire: asyncio.Transport, web: Web) -> None:
        assert web.context is not None
        assert web.config.tls_server_config is not None
        seconds = self.limits.head_seconds
        secured = None
        with contextlib.suppress(OSError):  # no TLS, no certificate, gone, or too slow: none of them is told more
            secured = await self.loop.start_tls(
                wire,
                self,
                web.context,
                server_side=True,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
        if secured is None or not tls.may_enter(web.config.tls_server_config, secured.get_extra_info("peercert")):
            self.abort()
            return
        self._handshake = None
        self.begin(secured)
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
