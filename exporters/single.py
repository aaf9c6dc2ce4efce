"""One attempt right now, with an account of its steps: what `/probe` and `steadyline probe` share."""

import dataclasses
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporters.connection import Connection
from exporters.workers import Flight
from steadyline.attempt import Bug, Clock
from steadyline.backend import PHASES
from steadyline.errors import UnreachableError
from steadyline.exposition import family
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.vocabulary import PROBE_DURATION, PROBE_FAILURE, PROBE_SUCCESS, Driver


@dataclass(slots=True)
class Step:
    """One part of an attempt: prepare, body, verify or cleanup; `seconds` is None while it is under way."""

    name: str
    seconds: float | None = None
    failed: bool = False


@dataclass(slots=True)
class Account:
    """Which steps an attempt took, and how long each."""

    clock: Clock = time.perf_counter
    steps: list[Step] = field(default_factory=list)

    def watching(self, operation: Operation) -> Operation:
        """The operation with each of its steps noted here."""
        return dataclasses.replace(
            operation,
            body=self._noted("body", operation.body),
            prepare=operation.prepare and self._noted("prepare", operation.prepare),
            verify=operation.verify and self._noted("verify", operation.verify),
            cleanup=operation.cleanup and self._noted("cleanup", operation.cleanup),
        )

    def _noted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*arguments: Any) -> Any:
            step = Step(name)
            self.steps.append(step)
            start = self.clock()
            try:
                return function(*arguments)
            except BaseException:
                step.failed = True
                raise
            finally:
                step.seconds = self.clock() - start

        return noting


@dataclass(frozen=True, slots=True)
class Single(Collector):
    """What came of one attempt.

    Attributes:
        operation: what was asked.
        alias: of which target.
        outcome: the attempt's.
        steps: in order.
    """

    operation: Operation
    alias: str
    outcome: Outcome
    steps: tuple[Step, ...]

    def collect(self) -> Iterator[Family]:
        """The metrics that `/probe` answers."""
        labels = (self.operation.name, self.operation.backend, self.alias, Driver.PROBE)
        success, duration, failure = family(PROBE_SUCCESS), family(PROBE_DURATION), family(PROBE_FAILURE)
        success.add_metric(labels, float(self.outcome.ok))
        duration.add_metric(labels, self.outcome.duration_seconds)
        if self.outcome.reason is not None:
            failure.add_metric((*labels, self.outcome.reason.value), 1)
        yield from (success, duration, failure)

    @property
    def phases(self) -> dict[str, float]:
        """Seconds by phase, in the order in which a request goes through them."""
        return {phase: self.outcome.phases[phase] for phase in PHASES if phase in self.outcome.phases}

    def lines(self) -> Iterator[str]:
        """The account for a human: steps, timings, outcome, cause."""
        yield f"{self.operation.name} on target {self.alias}: {self.outcome.reason or 'ok'}"
        for step in self.steps:
            took = "still under way" if step.seconds is None else f"{step.seconds * 1000:.3f} ms"
            yield f"  {step.name:<8} {took}{' (failed)' if step.failed else ''}"
        for phase, seconds in self.phases.items():
            yield f"  phase {phase}: {seconds * 1000:.3f} ms"
        yield f"  items {self.outcome.items}, sent {self.outcome.bytes_sent} B, received {self.outcome.bytes_received} B"
        if self.outcome.detail:
            yield f"  cause: {' '.join(self.outcome.detail.split())}"


def attempt_once(connection: Connection, operation: Operation, within_seconds: float, on_bug: Bug) -> Single:
    """Run the operation once over the connection; past the time it is given up and counts as a timeout.

    Args:
        connection: its cap on connections holds here too.
        operation: what is asked.
        within_seconds: how long the caller waits; the operation's own timeout holds as well.
        on_bug: told of an exception that the backend does not know.

    Raises:
        UnreachableError: the connection is being closed.
    """
    account = Account()
    answers: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    within = min(within_seconds, operation.timeout_seconds)
    attempt = connection.attempt(time.perf_counter, on_bug)
    flight = Flight(
        name=operation.name,
        permits=operation.concurrency,
        deadline=time.monotonic() + within,
        work=lambda: attempt(account.watching(operation)),
        settle=answers.put,
        late=lambda: answers.put(Outcome(within, Reason.TIMEOUT, detail=f"no answer within {within:g} s")),
    )
    if not connection.workers.begin(flight):
        if connection.workers.is_shut:
            raise UnreachableError("{} target {}: its connection is being closed; ask again".format(*connection.place))
        outcome = Outcome(0.0, Reason.POOL_EXHAUSTED, detail=f"all {connection.workers.capacity} connections are in use")
        return Single(operation, connection.alias, outcome, ())
    try:
        outcome = answers.get(timeout=within)
    except queue.Empty:
        connection.workers.abandon(flight)
        outcome = answers.get()  # by now either the attempt or `late` has answered
    return Single(operation, connection.alias, outcome, tuple(dataclasses.replace(step) for step in account.steps))
