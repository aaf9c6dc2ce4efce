"""What a backend's module offers the drivers: a client for a target, and a reason for each of its errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from steadyline.outcome import Reason
from steadyline.target import Target


class Client(Protocol):
    """A connection to one target, safe for several threads; operations are functions over it.

    Everything an operation writes through it lies in a run-scoped project (its name starts with `RUN_PREFIX`).
    """

    def check(self) -> None:
        """Ask the target one cheap question.

        Raises:
            UnreachableError: it does not answer, or refuses the credentials; the text names host and cure, no secret.
        """

    def sweep(self) -> int:
        """Delete what crashed runs left (run-scoped data past its lifetime); answer how many artefacts went."""

    def leaked(self) -> int:
        """Count, from outside, artefacts that should be gone by now (soft-deleted rows too); should be 0."""

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect."""


class Backend(Protocol):
    """One kind of system: `BACKEND` in `steadyline.operations.<name>.backend`."""

    name: str

    def connect(self, target: Target) -> Client:
        """Make a client; it may connect lazily, so an unreachable target is found by `check`."""

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason one of this backend's exceptions is, or None where the exception is not the backend's."""

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's secrets."""


@dataclass(frozen=True, slots=True)
class BackendModules:
    """Where a backend lives; imported only when one of its targets is configured.

    Attributes:
        backend: dotted name of the module that holds `BACKEND`.
        operations: dotted names of the modules whose `Operation`s it is asked.
        phases: what its client shows of a body: PHASES, or nothing.
    """

    backend: str
    operations: Sequence[str]
    phases: Sequence[str] = ()


PHASES = ("connect", "first_byte", "transfer")
"""What a client over HTTP shows: a new connection, from the request to the answer's head, from there to its end."""
RUN_PREFIX = "steadyline-"
"""Projects whose name starts so are ours: run-scoped, renewed, deleted, swept."""
RUN_LIFETIME_SECONDS = 3600.0
"""A run-scoped project is renewed at least hourly; one twice as old was left by a crash."""
