"""The supervisor asked over its socket: its XML-RPC interface with types."""

import http.client
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import Faults, SupervisorTransport


class SupervisorGoneError(Exception):
    """The supervisor does not answer: it ended, or never began."""


class ProgramState(StrEnum):
    """supervisord's states, as its API writes them."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    BACKOFF = "BACKOFF"
    STOPPING = "STOPPING"
    EXITED = "EXITED"
    FATAL = "FATAL"
    UNKNOWN = "UNKNOWN"


DEAD = frozenset({ProgramState.BACKOFF, ProgramState.EXITED, ProgramState.FATAL, ProgramState.UNKNOWN})
"""It ended by itself, or did not begin."""
DOWN = frozenset({ProgramState.STOPPED, ProgramState.EXITED, ProgramState.FATAL, ProgramState.UNKNOWN})
"""No process is there and none will be made."""


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """What the supervisor knows of a program; pid is None where there is no process."""

    name: str
    state: ProgramState
    pid: int | None
    described: str


class Supervisor:
    """A running supervisord.

    Every method raises SupervisorGoneError where it does not answer.
    """

    def __init__(self, socket: Path) -> None:
        """Connect lazily: the first call does."""
        self._transport = SupervisorTransport(None, None, f"unix://{socket}")
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=self._transport)
        self._api = cast("Any", proxy).supervisor

    def close(self) -> None:
        """Disconnect."""
        self._transport.close()

    def pid(self) -> int:
        """Its process id."""
        with self._answering():
            return int(self._api.getPID())

    def processes(self) -> dict[str, ProcessInfo]:
        """Every program by name."""
        with self._answering():
            return {fact["name"]: _info(fact) for fact in self._api.getAllProcessInfo()}

    def process(self, name: str) -> ProcessInfo:
        """One program."""
        with self._answering():
            return _info(self._api.getProcessInfo(name))

    def start(self, name: str) -> None:
        """Begin to start a program; whether it did, `process` says."""
        with self._answering(Faults.ALREADY_STARTED, Faults.SPAWN_ERROR, Faults.NO_FILE, Faults.NOT_EXECUTABLE):
            self._api.startProcess(name, False)  # XML-RPC has no keywords: do not wait

    def stop(self, name: str) -> None:
        """Begin to stop a program; it is killed when it takes too long."""
        with self._answering(Faults.NOT_RUNNING):
            self._api.stopProcess(name, False)

    def shutdown(self) -> None:
        """Ask it to stop what still runs, and itself."""
        with self._answering(Faults.SHUTDOWN_STATE):
            self._api.shutdown()

    @contextmanager
    def _answering(self, *harmless: int) -> Iterator[None]:
        """Tell a supervisor that is gone from one that says no; some of its noes only say that nothing is left to do."""
        try:
            yield
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in harmless:
                raise
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError) as error:
            self._transport.close()
            raise SupervisorGoneError(str(error)) from error


@contextmanager
def connected(socket: Path) -> Iterator[Supervisor]:
    """The supervisor at a socket, disconnected at the end."""
    supervisor = Supervisor(socket)
    try:
        yield supervisor
    finally:
        supervisor.close()


def _info(fact: dict[str, Any]) -> ProcessInfo:
    pid = int(fact["pid"]) or None
    return ProcessInfo(fact["name"], ProgramState(fact["statename"]), pid, fact["spawnerr"] or fact["description"])
