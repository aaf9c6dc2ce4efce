"""The connections of one server: how much each may take, how many there may be, and which goes when there are too many."""

import resource
from dataclasses import dataclass, field
from typing import Protocol

BACKLOG = 256
"""Connections that the kernel keeps, and asyncio accepts in one go: few enough to have file descriptors for all of them."""
_OWN_FILES = 128
"""File descriptors that a server needs for other things."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take of a server.

    Attributes:
        connections: at a time; fewer where the process may open fewer files.
        head_bytes: request line and headers.
        head_seconds: from the connection to the end of its first head, with TLS; for a later one from its first byte.
        body_seconds: from the head to the end of the body.
        body_bytes: of a body; None leaves it to the application.
    """

    connections: int = 4096
    head_bytes: int = 32 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 300.0
    body_bytes: int | None = None


class Member(Protocol):
    """A connection, as the others see it.

    Attributes:
        heard: when a byte came last, monotonic.
    """

    heard: float

    def is_answering(self) -> bool:
        """Whether a request of it is being answered."""

    def abort(self) -> None:
        """Close it at once."""


@dataclass(slots=True)
class Crowd:
    """The connections of one server.

    Attributes:
        limits: for each and for all of them.
    """

    limits: Limits
    _strangers: dict[Member, None] = field(default_factory=dict)
    _known: set[Member] = field(default_factory=set)
    _most: int = 0

    def __post_init__(self) -> None:
        """Find how many there may be."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        known = files != resource.RLIM_INFINITY
        self._most = max(1, min(self.limits.connections, files - _OWN_FILES)) if known else self.limits.connections

    def enter(self, connection: Member) -> bool:
        """Whether the connection may stay; another one may have had to go."""
        if len(self._strangers) + len(self._known) >= self._most and not self._shed():
            return False
        self._strangers[connection] = None
        return True

    def know(self, connection: Member) -> None:
        """It had an answer."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._known.add(connection)

    def leave(self, connection: Member) -> None:
        """It is closed."""
        self._strangers.pop(connection, None)
        self._known.discard(connection)

    def _shed(self) -> bool:
        """Close the oldest that never asked anything, else the longest silent one; what is being answered stays."""
        longest = next((one for one in self._strangers if not one.is_answering()), None)
        if longest is None:
            longest = min((one for one in self._known if not one.is_answering()), key=lambda one: one.heard, default=None)
        if longest is None:
            return False
        self.leave(longest)
        longest.abort()
        return True
