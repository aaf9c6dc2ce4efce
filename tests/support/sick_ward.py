"""A sick target, and the ward that holds all of them with what is behind them."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scripted_server
from scripted_server import Script

from steadyline.outcome import Reason

READ_ONLY = {"allow_writes": False}
"""Of targets where a fault is the same whoever asks: each operation costs the machine, and those that write are many."""
KEY, SECRET = "steady", "s3cret/key+with=signs"


def nothing() -> None:
    """Leave it as it is."""


@dataclass(frozen=True, slots=True)
class Sick:
    """One target and its fault.

    Attributes:
        alias: the label `target`; its backend is what the alias begins with.
        settings: the target as the settings file has it, without the backend.
        begin: lets the fault begin.
        end: lets it end.
        reason: under which its failures are counted; None where it only gets slow, or is healthy.
        operations: those that have to fail; all that are scheduled where none are named.
    """

    alias: str
    settings: dict[str, Any]
    begin: Callable[[], object] = nothing
    end: Callable[[], object] = nothing
    reason: Reason | None = None
    operations: tuple[str, ...] = ()

    @property
    def backend(self) -> str:
        """Its kind."""
        return self.alias.partition("-")[0]


@dataclass(slots=True)
class Ward:
    """All targets, and what is behind them, to be looked at from outside.

    Attributes:
        targets: the sick ones and the healthy ones.
        databases: psycopg's URLs of PostgreSQL by alias.
        trace: the SQLite file behind all Trace targets.
        sqlite: the file behind the SQL target that is not PostgreSQL.
        buckets: in which S3 targets write, by alias, with the URL of their server.
        vast: endpoint, key, secret and bucket by alias.
        open_transactions: how many the VAST DB has whose transactions expire.
        talker: the far end of the target that tells nothing but new names.
    """

    targets: list[Sick] = field(default_factory=list)
    databases: dict[str, str] = field(default_factory=dict)
    trace: Path = Path()
    sqlite: Path = Path()
    buckets: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    vast: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    open_transactions: Callable[[], int] = int
    talker: scripted_server.ScriptedServer | None = None


def answering(stack: ExitStack, otherwise: Callable[[str], Script]) -> scripted_server.ScriptedServer:
    """A server that answers so until it is told otherwise."""
    server = stack.enter_context(scripted_server.scripted())
    server.otherwise = otherwise
    return server
