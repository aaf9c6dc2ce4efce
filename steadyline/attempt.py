"""One attempt at an operation: prepare, time the body, verify, clean up. Every driver goes through here."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from steadyline.backend import Backend, Client
from steadyline.operation import Operation
from steadyline.outcome import Call, IntegrityError, Outcome, Reason, current_call

Clock = Callable[[], float]
Bug = Callable[[Operation, Exception], None]


def _loud(_operation: Operation, error: Exception) -> None:
    raise error


@dataclass(frozen=True, slots=True)
class Attempt:
    """Runs operations over one client.

    Attributes:
        backend: classifies the client's errors.
        client: the connection to the target.
        clock: seconds, monotonic.
        on_bug: told of an exception that is neither the backend's nor an IntegrityError; raises by default.
        redact: takes secrets out of an error's text.
    """

    backend: Backend
    client: Client
    clock: Clock = time.perf_counter
    on_bug: Bug = _loud
    redact: Callable[[str], str] = str

    def __call__(self, operation: Operation) -> Outcome:
        """Run the operation once; a failure is an outcome, never an exception."""
        trial = Trial(self, operation)
        try:
            trial.prepare()
            trial.run()
            return trial.outcome()
        finally:  # a bug in verify must not leave behind what the body wrote
            trial.clean_up()

    def reason(self, operation: Operation, error: Exception) -> Reason:
        """Which reason an error is; one that nobody knows is a bug."""
        if isinstance(error, IntegrityError):
            return Reason.INTEGRITY
        reason = self.backend.classify(error)
        if reason is None and isinstance(error, TimeoutError):
            return Reason.TIMEOUT
        if reason is None:
            self.on_bug(operation, error)
        return reason or Reason.OTHER


_RAISED = (Exception, SystemExit)
"""Every error of an attempt becomes an outcome, and bugs are told to on_bug; `sys.exit()` is one and ends no thread."""


def _plain(error: Exception | SystemExit) -> Exception:
    """The error, or what stands for an operation's ending itself."""
    return RuntimeError(f"the operation ended itself: sys.exit({error.code!r})") if isinstance(error, SystemExit) else error


class Trial:
    """One attempt in its steps, for a driver that times the body by a clock of its own: prepare, run, outcome, clean_up.

    Each is called once, in this order, and `clean_up` in any case.
    """

    __slots__ = ("_attempt", "_call", "_error", "_operation", "_prepared", "_result", "_seconds")

    def __init__(self, attempt: Attempt, operation: Operation) -> None:
        """Nothing is asked yet."""
        self._attempt = attempt
        self._operation = operation
        self._call = Call(operation.name)
        self._prepared: Any = None
        self._result: Any = None
        self._seconds = 0.0
        self._error: Exception | None = None

    def prepare(self) -> None:
        """Prepare what the body is about."""
        prepare = self._operation.prepare
        if prepare is None:
            return
        try:
            self._prepared = prepare(self._attempt.client)
        except _RAISED as error:
            self._error = _plain(error)

    def run(self) -> None:
        """The timed body; nothing where preparing failed."""
        if self._error is not None:
            return
        attempt, body = self._attempt, self._operation.body
        clock, client, prepared = attempt.clock, attempt.client, self._prepared
        token = current_call.set(self._call)
        start = clock()
        try:
            self._result = body(client, prepared)
        except _RAISED as error:
            self._error = _plain(error)
        finally:
            self._seconds = clock() - start
            current_call.reset(token)

    def outcome(self) -> Outcome:
        """Verify the answer, and say what came of it."""
        operation, call, seconds = self._operation, self._call, self._seconds
        if self._error is None and operation.verify is not None:
            try:
                operation.verify(self._attempt.client, self._prepared, self._result)
            except _RAISED as error:
                self._error = _plain(error)
        if self._error is None and seconds > operation.timeout_seconds:
            self._error = TimeoutError(f"took {seconds:.1f} s")
        if self._error is None:
            return Outcome(seconds, None, operation.items, call.bytes_sent, call.bytes_received, call.phases)
        reason = self._attempt.reason(operation, self._error)
        detail = self._attempt.redact(f"{type(self._error).__name__}: {self._error}")
        return Outcome(seconds, reason, 0, call.bytes_sent, call.bytes_received, call.phases, detail)

    def clean_up(self) -> None:
        """Clean up in any case; what a failing cleanup leaves is the janitor's, and is counted from outside."""
        cleanup = self._operation.cleanup
        if cleanup is None or (self._prepared is None and self._result is None):
            return
        try:
            cleanup(self._attempt.client, self._prepared, self._result)
        except _RAISED as raised:  # the measured outcome stands
            error = _plain(raised)
            if self._attempt.backend.classify(error) is None:
                self._attempt.on_bug(self._operation, error)
