"""The one schedule loop: starts each attempt at its time, never because of an earlier answer, and says where it could not."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from exporters.pacing import Pacing
from exporters.workers import Flight, Room, Workers

LOG = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
"""The longest that the loop sleeps; a bound for a clock that jumps."""


def _ignore(_seconds: float = 0.0) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something done again and again on one target.

    Attributes:
        name: the operation, or what else it is.
        pacing: when.
        workers: the target's connections.
        permits: how many of them it needs.
        timeout_seconds: when it is given up.
        work: the thing itself; it answers, never raises.
        settle: given its answer.
        late: called when it was given up, and for each start that given-up ones of its own leave no room for.
        delayed: told by how many seconds a start was late.
        skipped: told of each start that was left out.
        awaited: readiness waits for it.
    """

    name: str
    pacing: Pacing
    workers: Workers
    permits: int
    timeout_seconds: float
    work: Callable[[], Any]
    settle: Callable[[Any], None]
    late: Callable[[], None]
    delayed: Callable[[float], None] = _ignore
    skipped: Callable[[], None] = _ignore
    awaited: bool = True


@dataclass(slots=True, eq=False)
class _Entry:
    task: Task
    k: int
    due: float
    waiting_since: float | None = None
    """The scheduled start of the attempt that waits for a free connection."""
    flight: Flight | None = None
    seen: bool = field(default=False)
    """A first start was begun or left out."""

    @property
    def under_way(self) -> bool:
        return self.flight is not None and not self.flight.over


class Schedule:
    """The loop over all tasks; one thread, whatever their number.

    Args:
        clock: seconds, monotonic; the one that the pacings count in.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without tasks."""
        self._clock = clock
        self._entries: list[_Entry] = []
        self._queue: list[_Entry] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._swapped = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    def swap(self, tasks: Iterable[Task]) -> None:
        """Take these tasks instead of the present ones; what is under way on the same target stays so."""
        with self._lock:
            now = self._clock()
            for entry in self._entries:
                self._advance(entry, now)  # a start that is due by now is the earlier tasks', and counted as theirs
            before = {(entry.task.name, entry.task.workers): entry for entry in self._entries}
            self._entries, self._swapped = [], True
            for task in tasks:
                k = task.pacing.next_after(now)
                entry = _Entry(task, k, task.pacing.start(k))
                if old := before.pop((task.name, task.workers), None):
                    entry.flight, entry.seen = old.flight, old.seen
                task.workers.freed = self._freed
                self._entries.append(entry)
            for entry in self._queue:
                entry.task.skipped()
            self._queue = []
            for gone in before.values():
                if gone.flight is not None:
                    gone.task.workers.disown(gone.flight)
        self._wake.set()

    def step(self) -> float:
        """Do all that is due; answer how many seconds there are until the next."""
        with self._lock:
            now = self._clock()
            for workers in {entry.task.workers for entry in self._entries}:
                workers.expire()
            for entry in self._entries:
                self._advance(entry, now)
            self._begin_waiting()
            deadlines = [workers.next_deadline() for workers in {entry.task.workers for entry in self._entries}]
            upcoming = min([*(entry.due for entry in self._entries), *deadlines], default=float("inf"))
        return min(max(upcoming - self._clock(), 0.0), IDLE_SECONDS)

    def begun(self) -> bool:
        """Whether each target has had a first start."""
        with self._lock:
            awaited = [entry for entry in self._entries if entry.task.awaited]
            return self._swapped and {e.task.workers for e in awaited} == {e.task.workers for e in awaited if e.seen}

    def alive(self) -> bool:
        """Whether the loop runs, or has not been started yet."""
        return self._thread is None or self._thread.is_alive()

    def start(self) -> None:
        """Run the loop in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start nothing more: when this returns no further attempt begins."""
        with self._lock:
            self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            seconds = IDLE_SECONDS
            try:
                seconds = self.step()
            except Exception:
                LOG.exception("a step of the schedule raised; going on")
            self._wake.wait(seconds)
            self._wake.clear()

    def _freed(self) -> None:
        if self._queue:
            self._wake.set()

    def _advance(self, entry: _Entry, now: float) -> None:
        """Bring the entry to its last start that is due; each one that cannot be is counted as skipped."""
        while entry.due <= now:
            if entry.waiting_since is not None or entry.under_way:
                entry.task.skipped()
            if not entry.under_way:
                entry.waiting_since = entry.due
                if entry not in self._queue:
                    self._queue.append(entry)
            entry.k += 1
            entry.due = entry.task.pacing.start(entry.k)

    def _begin_waiting(self) -> None:
        """Begin what waits, first come first served on each target, so that an operation that needs many is not starved."""
        if self._stopped:
            return
        full: set[Workers] = set()
        still_waiting = []
        for entry in self._queue:
            if entry.task.workers in full or not self._begin(entry):
                full.add(entry.task.workers)
                still_waiting.append(entry)
        self._queue = still_waiting

    def _begin(self, entry: _Entry) -> bool:
        """Begin the waiting attempt; answer whether it waits no more."""
        task, scheduled = entry.task, entry.waiting_since
        if scheduled is None:
            return True
        room = task.workers.room(task.name, task.permits)
        if room is Room.ENOUGH and not self._fly(entry, scheduled):
            return False
        if room is Room.HANGS:
            task.late()  # a hung operation fails at each start, else it would be silent once its share is used up
        elif room is Room.CROWDED:
            task.skipped()
        entry.waiting_since, entry.seen = None, True
        return True

    def _fly(self, entry: _Entry, scheduled: float) -> bool:
        task = entry.task

        def work() -> Any:
            task.delayed(max(0.0, self._clock() - scheduled))
            return task.work()

        deadline = self._clock() + task.timeout_seconds
        flight = Flight(task.name, task.permits, deadline, work, task.settle, task.late)
        if not task.workers.begin(flight):
            return False
        entry.flight = flight
        return True
