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


@dataclass(slots=True)
class _Steps:
    """How far an attempt came: what cleaning up needs, whatever failed."""

    prepared: Any = None
    result: Any = None
    seconds: float = 0.0


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
        call, steps = Call(operation.name), _Steps()
        try:
            return self._outcome(operation, call, steps)
        finally:  # a bug in verify must not leave behind what the body wrote
            self._clean_up(operation, steps)

    def _outcome(self, operation: Operation, call: Call, steps: _Steps) -> Outcome:
        try:
            steps.prepared = operation.prepare(self.client) if operation.prepare else None
            self._timed(operation, call, steps)
            if operation.verify:
                operation.verify(self.client, steps.prepared, steps.result)
        except Exception as error:  # noqa: BLE001 - every error of an attempt becomes an outcome; bugs are told to on_bug
            return self._failure(operation, call, steps.seconds, error)
        if steps.seconds > operation.timeout_seconds:
            return self._failure(operation, call, steps.seconds, TimeoutError(f"took {steps.seconds:.1f} s"))
        return Outcome(steps.seconds, None, operation.items, call.bytes_sent, call.bytes_received, call.phases)

    def _timed(self, operation: Operation, call: Call, steps: _Steps) -> None:
        token = current_call.set(call)
        start = self.clock()
        try:
            steps.result = operation.body(self.client, steps.prepared)
        finally:
            steps.seconds = self.clock() - start
            current_call.reset(token)

    def _failure(self, operation: Operation, call: Call, seconds: float, error: Exception) -> Outcome:
        detail = self.redact(f"{type(error).__name__}: {error}")
        return Outcome(seconds, self._reason(operation, error), 0, call.bytes_sent, call.bytes_received, call.phases, detail)

    def _reason(self, operation: Operation, error: Exception) -> Reason:
        if isinstance(error, IntegrityError):
            return Reason.INTEGRITY
        reason = self.backend.classify(error)
        if reason is None and isinstance(error, TimeoutError):
            return Reason.TIMEOUT
        if reason is None:
            self.on_bug(operation, error)
        return reason or Reason.OTHER

    def _clean_up(self, operation: Operation, steps: _Steps) -> None:
        """Clean up in any case; what a failing cleanup leaves is the janitor's, and is counted from outside."""
        if operation.cleanup is None or (steps.prepared is None and steps.result is None):
            return
        try:
            operation.cleanup(self.client, steps.prepared, steps.result)
        except Exception as error:  # noqa: BLE001 - as above; the measured outcome stands
            if self.backend.classify(error) is None:
                self.on_bug(operation, error)
