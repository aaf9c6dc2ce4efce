"""The connections to the plan's targets: opened and checked together, reused by a reload where nothing of theirs changed."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass

from exporters.ending import CLOSE_SECONDS
from exporters.plan import Place, Plan
from exporters.workers import Threads, Workers
from steadyline.attempt import Attempt, Bug, Clock
from steadyline.backend import Backend, Client
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.secret_file import first_line
from steadyline.target import Target

LOG = logging.getLogger(__name__)
CHECK_SECONDS = 5.0
"""A target that has not answered its first question by then counts as unreachable, and the exporter starts without it."""


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """One target with the client and the threads that serve it.

    Attributes:
        backend: the target's kind.
        alias: the label `target`.
        target: as the settings have it.
        secret: the password when it was opened; another one later means another connection.
        client: what operations are functions over.
        threads: run the attempts.
        workers: hand out its connections.
    """

    backend: Backend
    alias: str
    target: Target
    secret: str | None
    client: Client
    threads: Threads
    workers: Workers

    @property
    def place(self) -> Place:
        """Backend and alias."""
        return self.backend.name, self.alias

    def redact(self, text: str) -> str:
        """The text without this target's secrets."""
        return self.backend.redact(text, self.target)

    def attempt(self, clock: Clock, on_bug: Bug) -> Attempt:
        """What runs operations over this connection."""
        return Attempt(self.backend, self.client, clock, on_bug, self.redact)

    def close(self, wait_seconds: float) -> None:
        """Let what is under way finish, then delete all that was written and disconnect; a failing one is logged."""
        self.workers.shut()
        if not self.workers.wait_idle(wait_seconds):
            LOG.warning("%s target %s: an attempt is still under way; closing all the same", *self.place)
            self.workers.abandon_all()
        try:
            self.client.close()
        except Exception as error:  # noqa: BLE001 - the others must be closed too; the janitor sweeps what is left
            LOG.error("%s target %s: closing: %s", *self.place, self.redact(str(error)))  # noqa: TRY400 - no traceback
        self.threads.close()


def _secret(target: Target) -> str | None:
    try:
        return first_line(target.password_file, "password_file", "the password") if target.password_file else None
    except ConfigurationError:
        return None  # the backend's connect says what is wrong with it


def connect(backend: Backend, alias: str, target: Target) -> Connection:
    """Open one connection; a target that does not answer is found by `check`, not here.

    Raises:
        ConfigurationError: the URL or the password file is wrong.
    """
    threads = Threads(f"{backend.name}-{alias}")
    try:
        client = backend.connect(target)
    except ConfigurationError as error:
        raise _named(error, backend.name, alias) from None
    return Connection(backend, alias, target, _secret(target), client, threads, Workers(target.concurrency, threads))


def open_all(plan: Plan, present: Mapping[Place, Connection]) -> dict[Place, Connection]:
    """A connection for each of the plan's targets: a present one where its settings are the same, else a new one.

    Raises:
        ConfigurationError: one or more cannot be; those newly opened are closed again.
    """
    opened: dict[Place, Connection] = {}
    faults: list[str] = []
    for place, target in plan.targets.items():
        old = present.get(place)
        if old is not None and (old.target, old.secret) == (target, _secret(target)):
            opened[place] = old
            continue
        try:
            opened[place] = connect(plan.backends[place[0]], place[1], target)
        except ConfigurationError as error:
            faults += error.faults
    fresh = [connection for place, connection in opened.items() if present.get(place) is not connection]
    faults += _check_all(fresh)
    if faults:
        close_all(fresh, 0.0)
        raise ConfigurationError(faults)
    return opened


def _check_all(connections: Iterable[Connection]) -> list[str]:
    """Ask each target once, all at a time; answer what is wrong with the settings, and log who does not answer."""
    asked = [(connection, _asked(connection)) for connection in connections]
    faults: list[str] = []
    for connection, answer in asked:
        try:
            _answered(connection, answer)
        except ConfigurationError as error:
            faults += [connection.redact(fault) for fault in error.faults]
        except UnreachableError as error:
            LOG.warning("%s target %s: %s; trying on", *connection.place, connection.redact(str(error)))
        except Exception as error:  # noqa: BLE001 - a bug; redacted here: the log does not know this target's secrets yet
            trace = connection.redact("".join(traceback.format_exception(error)).rstrip())
            LOG.error("%s target %s: its check raised; trying on\n%s", *connection.place, trace)  # noqa: TRY400 - see above
    return faults


def check(connection: Connection) -> None:
    """Ask the target whether it is there, and wait a bounded time for the answer.

    Raises:
        UnreachableError: it is not, or does not answer in time.
        ConfigurationError: something in its settings is wrong.
    """
    _answered(connection, _asked(connection))


def _answered(connection: Connection, answer: "Future[None]") -> None:
    done, _ = wait([answer], timeout=CHECK_SECONDS)
    if not done:
        raise UnreachableError(f"{connection.backend.name} target {connection.alias!r}: no answer within {CHECK_SECONDS:g} s")
    try:
        answer.result()
    except ConfigurationError as error:
        raise _named(error, *connection.place) from None


def _named(error: ConfigurationError, backend: str, alias: str) -> ConfigurationError:
    """The same faults of the target by its alias, which a backend does not know."""
    anonymous = f"{backend} target:"
    return ConfigurationError(fault.replace(anonymous, f"{backend} target {alias}:", 1) for fault in error.faults)


def _asked(connection: Connection) -> "Future[None]":
    answer: Future[None] = Future()

    def ask() -> None:
        try:
            connection.client.check()
            answer.set_result(None)
        except Exception as error:  # noqa: BLE001 - handed to whoever reads the answer
            answer.set_exception(error)

    connection.threads(ask)
    return answer


def close_all(connections: Iterable[Connection], wait_seconds: float, close_seconds: float = CLOSE_SECONDS) -> None:
    """Close them all at a time, and wait no longer than the two bounds together."""
    deadline = time.monotonic() + wait_seconds + close_seconds
    closing = [_in_thread(lambda c=connection: c.close(wait_seconds)) for connection in connections]  # type: ignore[misc]
    for thread in closing:
        thread.join(max(0.0, deadline - time.monotonic()))


def _in_thread(job: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=job, name="close", daemon=True)
    thread.start()
    return thread
