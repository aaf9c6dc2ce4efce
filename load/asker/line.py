"""The line before one target: whoever asks waits in it until one of the target's connections is free.

An attempt's service time is its body alone, and a load generator that hides how long its own attempts stood in line would
report a target as fast while its users wait. So the time in line is told with each outcome, as its phase `queued`. There are
as many threads as the target's cap allows connections, however many users wait: more of them would only move the line into
the client's pool, where a prepare step waits unseen.
"""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from exporters.connection import Connection
from exporters.workers import Flight
from load.asker.messages import QUEUED
from steadyline.attempt import Attempt
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason

LOG = logging.getLogger(__name__)
LONG_SECONDS = 1.0
"""Who stands in line so long is told of, once: the cap decides how fast this target seems."""
Settle = Callable[[int, Outcome], None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One ask in the line."""

    id: int
    operation: Operation
    since: float


class Line:
    """First come, first served; an operation that holds several connections waits until so many are free.

    Args:
        connection: to the target.
        settle: told of each ask's outcome, once, from whatever thread.
        clock: seconds, monotonic.
    """

    def __init__(self, connection: Connection, settle: Settle, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody waits."""
        self.connection = connection
        self._settle = settle
        self._clock = clock
        self._attempt: Attempt = connection.attempt(time.perf_counter, self._bug)
        self._queue: deque[Waiting] = deque()
        self._lock = threading.Lock()
        self._bugs: set[str] = set()
        self._is_long = False
        connection.workers.freed = self._pump

    def join(self, number: int, operation: Operation, since: float) -> None:
        """Stand in line; the time counts from `since`, of the line's clock."""
        with self._lock:
            self._queue.append(Waiting(number, operation, since))
        self._pump()

    def leave(self, number: int) -> bool:
        """Leave the line; False where it has begun, or never stood in it."""
        with self._lock:
            before, self._queue = self._queue, deque(one for one in self._queue if one.id != number)
            left = len(before) > len(self._queue)
        self._pump()
        return left

    def expire(self) -> None:
        """Give up what is under way past its operation's timeout, and what has stood in line for as long."""
        self.connection.workers.expire()
        now = self._clock()
        with self._lock:
            late = [one for one in self._queue if now - one.since > one.operation.timeout_seconds]
            self._queue = deque(one for one in self._queue if one not in late)
        for one in late:
            detail = f"no free connection within {one.operation.timeout_seconds:g} s"
            self._tell(one, now, Outcome(0.0, Reason.POOL_EXHAUSTED, detail=detail))
        if late:
            self._pump()

    def shut(self) -> None:
        """Begin nothing more; whoever stands in line is told that it was cancelled."""
        self.connection.workers.shut()
        with self._lock:
            left, self._queue = list(self._queue), deque()
        now = self._clock()
        for one in left:
            self._tell(one, now, Outcome(0.0, Reason.CANCELLED, detail="the run ended while it stood in line"))

    def _pump(self) -> None:
        """Begin whatever connections are free for."""
        with self._lock:
            while self._queue and self.connection.workers.begin(self._flight(self._queue[0])):
                self._queue.popleft()

    def _flight(self, one: Waiting) -> Flight:
        operation, now = one.operation, self._clock()
        within = operation.timeout_seconds
        return Flight(
            name=operation.name,
            permits=operation.concurrency,
            deadline=now + within,
            work=lambda: self._attempt(operation),
            settle=lambda outcome: self._tell(one, now, outcome),
            late=lambda: self._tell(one, now, Outcome(within, Reason.TIMEOUT, detail=f"no answer within {within:g} s")),
        )

    def _tell(self, one: Waiting, begun: float, outcome: Outcome) -> None:
        queued = max(0.0, begun - one.since)
        if queued > LONG_SECONDS and not self._is_long:
            self._is_long = True
            self._warn()
        self._settle(one.id, outcome._replace(phases={**outcome.phases, QUEUED: queued}))

    def _warn(self) -> None:
        place, most = self.connection.place, self.connection.workers.capacity
        LOG.warning(
            "%s target %s: users wait longer than %g s for one of the %d connections that this worker has; its cap "
            "(concurrency) decides what they see, or the target hangs",
            *place,
            LONG_SECONDS,
            most,
        )

    def _bug(self, operation: Operation, error: Exception) -> None:
        """Say once for each operation what no backend knows; it counts as reason other each time."""
        if operation.name not in self._bugs:
            self._bugs.add(operation.name)
            told = self.connection.redact("".join(traceback.format_exception(error)).rstrip())
            place = "{} target {}".format(*self.connection.place)
            LOG.error("%s on %s: a bug, counted as reason other from now on\n%s", operation.name, place, told)
