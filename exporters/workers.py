"""The threads that run attempts on one target: bounded, and none of them can hold up anything but itself."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

LOG = logging.getLogger(__name__)
OWN_ABANDONED_FRACTION = 0.5
"""Abandoned attempts of one operation may hold this part of a target's connections; the rest is for the others."""


class Threads:
    """Daemon threads made when needed and used again; unlike an executor's they never hold up the process's end."""

    def __init__(self, name: str) -> None:
        """Start without threads; `name` is what they are called."""
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, job: Callable[[], None]) -> None:
        """Run the job in an idle thread, or in a new one."""
        self._jobs.put(job)
        if not self._idle.acquire(blocking=False):
            with self._lock:
                self._count += 1
                name = f"{self._name}-{self._count}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def close(self) -> None:
        """End each thread after what it is doing."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                LOG.exception("a worker's job raised")
            del job  # else an idle thread keeps the last client alive
            self._idle.release()


class Room(Enum):
    """What the abandoned flights leave to one operation."""

    ENOUGH = auto()
    """It may begin, or wait for flights that will end."""
    HANGS = auto()
    """Its own abandoned flights are in the way: its target still does not answer it."""
    CROWDED = auto()
    """Those of others are in the way: nothing is known of this one."""


@dataclass(slots=True, eq=False)
class Flight:
    """One job under way.

    Attributes:
        name: the operation; abandoned flights are counted by it.
        permits: how many connections it holds.
        deadline: when it is abandoned, seconds of the workers' clock.
        work: runs in a worker's thread.
        settle: given the work's result, unless the flight was abandoned before.
        late: called instead of `settle` when the flight is abandoned.
    """

    name: str
    permits: int
    deadline: float
    work: Callable[[], Any]
    settle: Callable[[Any], None]
    late: Callable[[], None]
    over: bool = field(default=False, init=False)
    """Settled or abandoned: whatever comes now is ignored."""
    disowned: bool = field(default=False, init=False)
    """Nobody wants its result; under way all the same, and waited for."""


class Workers:
    """A target's connections, handed out as permits.

    A flight that hangs is abandoned: it counts as over, yet holds its permits until its thread comes back, so that the
    target never sees more connections than its cap, and never more than the cap are abandoned.

    Args:
        capacity: the target's cap on connections.
        spawn: runs a job in a thread of its own.
        clock: seconds, monotonic.
    """

    def __init__(
        self, capacity: int, spawn: Callable[[Callable[[], None]], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with all permits free."""
        self.capacity = capacity
        self.freed: Callable[[], None] = lambda: None
        self._spawn = spawn
        self._clock = clock
        self._held: list[Flight] = []
        self._shut = False
        self._lock = threading.Condition()

    def begin(self, flight: Flight) -> bool:
        """Start the flight where its permits are free; answer whether they were."""
        with self._lock:
            if self._shut or sum(held.permits for held in self._held) + flight.permits > self.capacity:
                return False
            self._held.append(flight)
        self._spawn(lambda: self._fly(flight))
        return True

    @property
    def is_shut(self) -> bool:
        """Whether nothing begins here any more."""
        return self._shut

    def shut(self) -> None:
        """Begin nothing more: the client is about to be closed."""
        with self._lock:
            self._shut = True

    def room(self, name: str, permits: int) -> Room:
        """What abandoned flights leave: where it is not enough, waiting would only hold up others."""
        with self._lock:
            abandoned = [held for held in self._held if held.over]
        own = sum(held.permits for held in abandoned if held.name == name)
        crowded = sum(held.permits for held in abandoned) + permits > self.capacity
        if own and (crowded or own + permits > self.capacity * OWN_ABANDONED_FRACTION):
            return Room.HANGS
        return Room.CROWDED if crowded else Room.ENOUGH

    def abandon(self, flight: Flight) -> None:
        """Give the flight up where it is still under way."""
        if self._end(flight) and not flight.disowned:
            flight.late()

    def expire(self) -> None:
        """Abandon each flight past its deadline."""
        now = self._clock()
        with self._lock:
            late = [held for held in self._held if not held.over and held.deadline <= now]
        for flight in late:
            self.abandon(flight)

    def abandon_all(self) -> None:
        """Abandon whatever is still under way, so that nobody waits for its answer."""
        with self._lock:
            left = list(self._held)
        for flight in left:
            self.abandon(flight)

    def disown(self, flight: Flight) -> None:
        """Ignore the flight's result: its operation is scheduled no more."""
        with self._lock:
            flight.disowned = True

    def next_deadline(self) -> float:
        """When `expire` next has something to do; infinity where nothing is under way."""
        with self._lock:
            return min((held.deadline for held in self._held if not held.over), default=float("inf"))

    def wait_idle(self, timeout_seconds: float) -> bool:
        """Wait until nothing is under way (abandoned flights do not count); answer whether that came true."""
        with self._lock:
            return self._lock.wait_for(lambda: all(held.over for held in self._held), timeout_seconds)

    def _end(self, flight: Flight) -> bool:
        with self._lock:
            ended, flight.over = not flight.over, True
            self._lock.notify_all()
            return ended

    def _fly(self, flight: Flight) -> None:
        try:
            result = flight.work()
            if self._end(flight) and not flight.disowned:
                flight.settle(result)
        except BaseException:
            self.abandon(flight)  # a bug must not leave anyone waiting for an answer
            raise
        finally:
            with self._lock:
                self._held.remove(flight)
                flight.over = True
                self._lock.notify_all()
            self.freed()
