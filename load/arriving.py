"""The open model in one worker: users wait for starts, and a dispatcher hands out each one when it is due.

A start without a free user is dropped and counted; a user that comes free later never takes it, for that would be a closed
model again. A dispatcher that was woken late itself hands out with the time the start was meant for, so that its delay is
measured. Users are taken in the order they came free: each one's turn comes, its connection does not idle until the other end
closes it, and the classes of a mixed load keep their proportions.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, NamedTuple

import gevent
from gevent.event import AsyncResult
from locust import TaskSet, User
from locust.user.task import LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING

from load.arrivals import Arrivals, Share, Shares
from load.run import USER
from load.waking import Waker

_free: "OrderedDict[AsyncResult, None]" = OrderedDict()
"""The users that wait for a start, in the order they came free. One per process, as there is one run."""


class OpenModel:
    """One worker's share of the starts of a run.

    Attributes:
        expected: whether the run under way is one of the open model; its users wait for starts from their spawning on, be it
            before there are any. To be set before the first is spawned.
        intended: starts of this worker that came due.
        dropped: those of them that no user took.
    """

    expected: ClassVar[bool] = False

    def __init__(self, arrivals: Arrivals, share: Share, start_monotonic: float) -> None:
        """The schedule, which of its starts are this worker's, and when it begins."""
        self.intended = 0
        self.dropped = 0
        self._arrivals = arrivals
        self._shares = Shares(share)
        self._start_monotonic = start_monotonic
        self._next = 0
        self._dispatcher: gevent.Greenlet | None = None

    def start(self) -> None:
        """Hand out from now on; what is due already, at once."""
        self._dispatcher = gevent.spawn(self._dispatch)

    def stop(self) -> None:
        """Hand out nothing more."""
        if self._dispatcher is not None:
            self._dispatcher.kill(block=False)
            self._dispatcher = None

    @property
    def share(self) -> Share:
        """Which starts are this worker's; setting it takes effect from the new share's first number on.

        Numbers that a new share adds and that are due already were nobody's: they count as dropped.
        """
        return self._shares.latest

    @share.setter
    def share(self, share: Share) -> None:
        running = self._dispatcher is not None
        self.stop()
        elapsed = self._elapsed()
        if running:
            self._hand_out(elapsed)
            due = self._arrivals.due(elapsed)
            missed = self._shares.gained(share, share.first, due)
            self.intended += missed
            self.dropped += missed
            self._next = max(self._next, due)
        self._shares.adopt(share)
        if running:
            self.start()

    def _dispatch(self) -> None:
        with Waker() as waker:
            while math.isfinite(due := self._hand_out(self._elapsed())):
                waker.sleep_until(self._start_monotonic + due)

    def _elapsed(self) -> float:
        return time.monotonic() - self._start_monotonic

    def _hand_out(self, elapsed: float) -> float:
        """Hand out what is due; answers when the next one is. Never yields, so a user that comes free meanwhile gets none."""
        while (number := self._shares.following(self._next)) is not None:
            due = self._arrivals.start_of(number)
            if due > elapsed:
                return due
            self._next = number + 1
            self.intended += 1
            if _free:
                waiting, _ = _free.popitem(last=False)
                waiting.set(_Begin(self, self._start_monotonic + due))
            else:
                self.dropped += 1
        return math.inf


class _Begin(NamedTuple):
    """A start that was handed to a user."""

    model: OpenModel
    due_monotonic: float


class ArrivingUser(User):
    """A user of either model: in the closed one it goes by its `wait_time`, in the open one each iteration waits for a start.

    In the open model the first iteration waits too, after `on_start`; a `wait_time` of the class is not used. An iteration is
    a task and the pause after it: a nested task set that hands back with `interrupt(reschedule=True)` goes on without a start.
    """

    abstract = True

    def __init__(self, environment: Any) -> None:
        """On the instance, and so before anything a subclass defines: what the open model does otherwise."""
        super().__init__(environment)
        self._begin: _Begin | None = None
        self._open = OpenModel.expected
        if self._open:
            self.__dict__.update(
                on_start=self._waiting_after(self.on_start),
                wait_time=self._await_start,
                on_stop=self._accounting_before(self.on_stop),
            )

    def context(self) -> dict[str, Any]:
        """What Locust tells listeners of each request: in the open model whose it is, so that its lag is asked for."""
        return {USER: self} if self._open else {}

    def take_lag(self, ago_seconds: float = 0.0) -> float | None:
        """How late an iteration's first request began, seconds after the start was due; 0 for the later ones.

        Args:
            ago_seconds: how long ago the request began; for who asks when it is over.

        Returns:
            None in the closed model, where no time was intended.
        """
        lag = self.lag(ago_seconds)
        self._begin = None
        return lag

    def lag(self, ago_seconds: float = 0.0) -> float | None:
        """The same, left for the iteration's first request: for a flow, which begins with it."""
        if self._begin is None:
            return 0.0 if self._open else None
        return max(0.0, time.monotonic() - ago_seconds - self._begin.due_monotonic)

    def _await_start(self) -> float:
        """Blocks until a start is handed over; as the pause between tasks, so there is no more to wait afterwards."""
        self._begin = None
        waiting = AsyncResult()
        _free[waiting] = None
        try:
            waiting.get()
        finally:  # a kill may come with the start in hand already
            _free.pop(waiting, None)
            self._begin = waiting.value
        return 0.0

    def _waiting_after(self, on_start: Callable[[], None]) -> Callable[[], None]:
        """`wait` lets a stop end the user at once, as between two tasks; Locust sees one that came during `on_start`."""

        def start() -> None:
            on_start()
            if self._state != LOCUST_STATE_STOPPING:
                self.wait()  # type: ignore[no-untyped-call]

        return start

    def _accounting_before(self, on_stop: Callable[[], None]) -> Callable[[], None]:
        """A user that is ended with a start in hand, before its task, has dropped it."""

        def stop() -> None:
            if self._begin is not None and self._state == LOCUST_STATE_WAITING:
                self._begin.model.dropped += 1
            on_stop()

        return stop


def faults(arrival_rate: float, user_classes: Iterable[type[User]], *, total_rate_pacing: bool) -> list[str]:
    """What does not go with the open model, one sentence each; nothing when all is well.

    Args:
        arrival_rate: starts per second over all workers.
        user_classes: those that will run.
        total_rate_pacing: whether locust-plugins' --ips was given, which would pace the same users by their answers.
    """
    found = []
    if not (arrival_rate > 0 and math.isfinite(arrival_rate)):
        found.append(f"--arrival-rate {arrival_rate:g} starts nothing; give a rate above 0, as in --arrival-rate 500")
    if total_rate_pacing:
        found.append("--ips and --arrival-rate both pace the users; give one of them (only --arrival-rate keeps its rate)")
    for user_class in user_classes:
        if not issubclass(user_class, ArrivingUser):
            found.append(f"{user_class.__name__} knows no --arrival-rate; derive it from load.arriving.ArrivingUser")
        found += [
            f"{tasks.__name__} of {user_class.__name__} has a wait_time of its own, which --arrival-rate replaces; remove it"
            for tasks in _task_sets(user_class)
            if tasks.wait_time is not TaskSet.wait_time
        ]
    return found


def _task_sets(holder: Any) -> Iterator[type[TaskSet]]:
    for task in dict.fromkeys(holder.tasks):
        if isinstance(task, type) and issubclass(task, TaskSet):
            yield task
            yield from _task_sets(task)
