"""What came of one attempt at an operation: a duration, or a reason out of a closed list."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Reason(StrEnum):
    """Why an attempt failed; closed, so that the label `reason` stays bounded over all backends."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    CONFLICT = "conflict"
    INTEGRITY = "integrity"
    POOL_EXHAUSTED = "pool_exhausted"
    CANCELLED = "cancelled"
    OTHER = "other"


class IntegrityError(Exception):
    """An answer came, and it is not the right one; raised by an operation's `verify`."""


_NO_PHASES: Mapping[str, float] = MappingProxyType({})


class Outcome(NamedTuple):
    """One attempt's result: `reason` is None exactly when the answer came and was verified.

    A tuple, because one is made in every attempt, and a frozen dataclass takes three times as long to make.

    Attributes:
        duration_seconds: the timed body alone, without prepare, verify and cleanup.
        reason: why it failed, or None.
        items: how many items the body handled (0 for a failure).
        bytes_sent: payload bytes to the backend, where the client shows them.
        bytes_received: payload bytes from the backend, where the client shows them.
        phases: seconds by phase (connect, first_byte, transfer), where the client shows them.
        detail: the redacted cause, for `probe --debug` only; it never becomes a label.
    """

    duration_seconds: float
    reason: Reason | None = None
    items: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    phases: Mapping[str, float] = _NO_PHASES
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether the attempt counts as a success."""
        return self.reason is None


@dataclass(slots=True)
class Call:
    """The timed body under way; a backend's client adds what it sees of the wire to it."""

    operation: str
    bytes_sent: int = 0
    bytes_received: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    _marked: bool = False

    def mark(self) -> dict[str, str]:
        """The header for the next request: only a body's first one is marked, so that a fault holds the body back once."""
        if self._marked:
            return {}
        self._marked = True
        return {OPERATION_HEADER: self.operation}

    def add_phase(self, phase: str, seconds: float) -> None:
        """Add to a phase: connect, first_byte or transfer; a body of several requests has the sum of theirs."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds


current_call: ContextVar[Call | None] = ContextVar("steadyline_current_call", default=None)
"""Set while a body is timed, None during prepare, verify and cleanup: clients meter and mark only what is timed."""
OPERATION_HEADER = "X-Steadyline-Operation"
"""Names the operation whose body is being timed, on its requests over HTTP; the stack's own targets slow by it."""
