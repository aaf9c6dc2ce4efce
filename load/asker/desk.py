"""The asker's desk: takes requests, opens each target when it is first needed, and sees to it that all are answered."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from exporters.connection import Connection, check, close_all, connect
from exporters.janitor import clean
from exporters.plan import Place, Plan
from load.asker.ending import CLOSE_SECONDS, DRAIN_SECONDS
from load.asker.line import Line
from load.asker.messages import Answer, Answered, Ask, Cancel, Open, Refused, Request, refused
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.outcome import Outcome, Reason

LOG = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Opening:
    """One target: being opened, then with a line before it or without one, and what is wrong with it."""

    done: threading.Event = field(default_factory=threading.Event)
    line: Line | None = None
    error: SteadylineError | None = None
    pending: list[Callable[[], None]] = field(default_factory=list)
    """Asks that came meanwhile."""


class Desk:
    """Safe for several threads; answers come from whatever thread.

    Args:
        plan: targets and operations.
        send: told of each answer.
        spawn: runs a job in a thread of its own.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        plan: Plan,
        send: Callable[[Answer], None],
        spawn: Callable[[Callable[[], None]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open nothing yet."""
        self._plan = plan
        self._send = send
        self._spawn = spawn
        self._clock = clock
        self._openings: dict[Place, _Opening] = {}
        self._asked: dict[int, Place] = {}
        self._closed = False
        self._lock = threading.Lock()

    def take(self, request: Request) -> None:
        """Take a request; it never waits."""
        if isinstance(request, Cancel):
            self._cancel(request)
        elif isinstance(request, Open):
            self._spawn(lambda: self._open_all(request))
        else:
            self._ask(request, self._clock())

    def expire(self) -> None:
        """Give up what takes too long; called every now and then."""
        for line in self._lines():
            line.expire()

    def close(self, drain_seconds: float = DRAIN_SECONDS, close_seconds: float = CLOSE_SECONDS) -> None:
        """Answer all, let what is under way finish, delete all that was written, and disconnect; in bounded time."""
        with self._lock:
            self._closed = True
        lines = self._lines()
        for line in lines:
            line.shut()
        close_all([line.connection for line in lines], drain_seconds, close_seconds)
        with self._lock:
            left = list(self._asked)
        for number in left:  # those whose target was being opened
            self._settle(number, Outcome(0.0, Reason.CANCELLED, detail="the run ended before it began"))

    def _lines(self) -> list[Line]:
        with self._lock:
            return [opening.line for opening in self._openings.values() if opening.line]

    def _ask(self, ask: Ask, since: float) -> None:
        try:
            operation, alias = self._plan.choose(ask.operation, ask.alias)
        except ConfigurationError as error:
            self._send(refused(ask.id, error))
            return
        if operation.backend != ask.backend:
            self._send(Refused(ask.id, (f"{ask.operation}: not an operation of {ask.backend}",), ConfigurationError.exit_code))
            return
        place = (operation.backend, alias)
        with self._lock:
            self._asked[ask.id] = place
        if self._closed:
            self._settle(ask.id, Outcome(0.0, Reason.CANCELLED, detail="the run has ended"))
            return
        opening = self._opening(place)

        def join() -> None:
            if opening.line is not None:
                opening.line.join(ask.id, operation, since)
            elif opening.error is not None and self._forget(ask.id):
                self._send(refused(ask.id, opening.error))

        with self._lock:
            if not opening.done.is_set():
                opening.pending.append(join)
                return
        join()

    def _cancel(self, cancel: Cancel) -> None:
        with self._lock:
            place = self._asked.get(cancel.id)
            line = self._openings[place].line if place in self._openings else None
        if line is not None and line.leave(cancel.id):
            self._forget(cancel.id)

    def _settle(self, number: int, outcome: Outcome) -> None:
        if self._forget(number):
            self._send(Answered(number, outcome))

    def _forget(self, number: int) -> bool:
        """Whether it was still to be answered."""
        with self._lock:
            return self._asked.pop(number, None) is not None

    def _opening(self, place: Place) -> _Opening:
        """The target's opening, begun now where it was not yet."""
        with self._lock:
            known = self._openings.get(place)
            if known is not None:
                return known
            opening = self._openings[place] = _Opening()
        self._spawn(lambda: self._open(place, opening))
        return opening

    def _open(self, place: Place, opening: _Opening) -> None:
        """Connect, ask whether it is there, and clear away what crashed runs left; who does not answer is tried on."""
        try:
            connection = connect(self._plan.backends[place[0]], place[1], self._plan.targets[place])
        except ConfigurationError as error:
            opening.error = error
        except Exception as error:  # noqa: BLE001 - a bug; whoever waits must be answered
            opening.error = self._bug(place, error)
        else:
            opening.error = self._wrong_with(connection)
            if isinstance(opening.error, ConfigurationError) or not self._begin(opening, connection):
                close_all([connection], 0.0)
        finally:
            with self._lock:
                opening.done.set()
            for join in opening.pending:
                join()
            opening.pending.clear()

    def _begin(self, opening: _Opening, connection: Connection) -> bool:
        """Put a line before it, unless all is over by now."""
        with self._lock:
            if not self._closed:
                opening.line = Line(connection, self._settle, self._clock)
        return opening.line is not None

    def _wrong_with(self, connection: Connection) -> SteadylineError | None:
        try:
            check(connection)
        except UnreachableError as error:
            return UnreachableError(connection.redact(str(error)))
        except ConfigurationError as error:
            return ConfigurationError([connection.redact(fault) for fault in error.faults])
        except Exception as error:  # noqa: BLE001 - as above
            return self._bug(connection.place, error, connection.redact)
        if connection.target.allow_writes and not connection.target.embedded:  # an embedded one's exporter does it
            clean(connection)
        return None

    def _bug(self, place: Place, error: Exception, redact: Callable[[str], str] = str) -> SteadylineError:
        told = redact("".join(traceback.format_exception(error)).rstrip())
        LOG.error("%s target %s: connecting raised\n%s", *place, told)
        return UnreachableError("{} target {}: connecting raised {}; the log has more".format(*place, type(error).__name__))

    def _open_all(self, request: Open) -> None:
        """Answer what is wrong with these targets, settings before those that do not answer."""
        unknown = [place for place in request.places if place not in self._plan.targets]
        if unknown:
            self._send(Refused(request.id, tuple(map(self._unknown, unknown)), ConfigurationError.exit_code))
            return
        openings = [self._opening(place) for place in request.places]
        for opening in openings:
            opening.done.wait()
        errors = [opening.error for opening in openings if opening.error is not None]
        faults = [fault for error in errors if isinstance(error, ConfigurationError) for fault in error.faults]
        if faults:
            self._send(refused(request.id, ConfigurationError(faults)))
        elif errors:
            self._send(refused(request.id, UnreachableError("\n".join(map(str, errors)))))
        else:
            self._send(Refused(request.id, ()))

    def _unknown(self, place: Place) -> str:
        known = ", ".join(alias for backend, alias in self._plan.targets if backend == place[0])
        return f"no {place[0]} target {place[1]!r} in the settings; there are {known}"
