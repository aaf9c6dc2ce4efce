"""The run as a whole, where all reports come together: on the master, or in the only process.

It merges exactly, judges the criteria on what was merged, and tells the publisher once a second; in the end it accounts for
every attempt that was begun and every start that was due.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from load import clock
from load.course import Course, Wanted
from load.criteria import Judge
from load.knee import Step
from load.names import Names
from load.plan import Plan
from load.series import Delta, Merged
from load.shapes import BREAKPOINT
from load.stall import Stall
from load.steps import StepMeter
from load.windows import Windows
from load.workers import Worker
from steadyline.load_vocabulary import Dropped, Phase
from steadyline.outcome import Reason

LOG = logging.getLogger(__name__)
Frame = dict[str, Any]


def _unheard(_frame: Frame) -> None:
    """There is no publisher yet."""


@dataclass(slots=True)
class Load:
    """What Locust says of the load now.

    Attributes:
        users: active ones by user class.
        target_users: how many there should be.
        rate: starts per second that the open model asks for; None in the closed model.
        steady: whether the load does not change.
    """

    users: Mapping[str, int] = field(default_factory=dict)
    target_users: int = 0
    rate: float | None = None
    steady: bool = False

    @property
    def level(self) -> float:
        """What the shape moves: starts per second in the open model, users in the closed one."""
        return float(self.target_users) if self.rate is None else self.rate


class Conductor:
    """One run after the other.

    Attributes:
        tell: takes a frame for the publisher; set once there is one.
        merged: all that the workers counted.
        plan: of the run under way, or the last one.
        workers: by label.
        saturated: workers that were the bottleneck in the steady phase.
        judge: of the criteria.
        windows: the runs that the steady phase is made of.
        course: how the run went over time.
    """

    def __init__(self) -> None:
        """No run yet, and nobody to tell."""
        self.tell: Callable[[Frame], None] = _unheard
        self.merged = Merged()
        self.plan: Plan | None = None
        self.workers: dict[str, Worker] = {}
        self.saturated: set[str] = set()
        self.lost_dropped = 0
        self.phase = Phase.STOP
        self.steady_at: float | None = None
        self.ended_at: float | None = None
        self.judge = Judge(())
        self._names = Names()
        self._pending: Delta = []
        self._steps = StepMeter()
        self.windows = Windows()
        self.course = Course(0.0)
        self.stall = Stall()
        self._load = Load()

    def begin(self, plan: Plan, criteria: Judge, *, silence: bool) -> None:
        """A new run: everything from zero."""
        self.plan, self.judge = plan, criteria
        self.merged.zero()
        self.workers.clear()
        self.saturated.clear()
        self.lost_dropped = 0
        self._names, self._pending, self._steps = Names(), [], StepMeter()
        self.windows, self.stall, self.course = Windows(), Stall(), Course(plan.start)
        self.phase, self.steady_at, self.ended_at = Phase.RAMP, None, None
        self.tell(
            {
                "kind": "begin",
                "run": plan.run,
                "profile": plan.profile,
                "shape": plan.shape,
                "revision": plan.revision,
                "start": plan.start,
                "silence": silence,
            }
        )

    def take(self, label: str, report: dict[str, Any]) -> None:
        """Merge a worker's report; one of another run, that came late, is not of this one."""
        if self.plan is None or report["run"] != self.plan.run or self.ended_at is not None:
            return
        worker = self.workers.setdefault(label, Worker(label))
        worker.take(report)
        delta = self._names.admitted(report["series"])
        self.merged.add(delta)
        self._pending += delta

    def leave(self, label: str, lost_starts: int) -> None:
        """A worker went away in the middle of the run.

        Args:
            label: its index.
            lost_starts: starts of the open model that were due in its share, that it never told of.
        """
        worker = self.workers.get(label)
        if worker is None or not worker.here:
            return
        worker.leave(clock.now())
        if worker.ended:  # its users have ended, in order; whether it was before the run's end is seen then
            return
        self.lost_dropped += lost_starts
        LOG.warning("worker %s is gone; what it had under way counts as cancelled, its load as lost", label)

    def tick(self, load: Load) -> None:
        """Once a second: judge, and tell the publisher."""
        plan = self.plan
        if plan is None or self.ended_at is not None:
            return
        now = clock.now()
        if load.steady and not self._load.steady:
            for worker in self.workers.values():
                worker.recover()
        self._load = load
        self.phase = Phase.STEADY if load.steady else Phase.RAMP
        if load.steady and self.steady_at is None:
            self.steady_at = now
            self.tell({"kind": "steady", "at": now})
        if load.steady:
            self.saturated |= {_named(worker) for worker in self.workers.values() if worker.saturated}
        if plan.shape == BREAKPOINT:  # nobody else looks for the knee
            self._steps.take(now, load.level, steady=load.steady, series=self.merged.series.values())
        if load.steady:  # users that are being ended wait for nothing
            self.stall.take(now, self.merged.series.values())
        wanted = Wanted(load.target_users, load.rate, self.dropped)
        self.course.take(now, sum(load.users.values()), wanted, self.merged.series.values())
        self.windows.take(now, load.level, steady=load.steady, series=self.merged.series)
        self.judge.tick(now, load.steady, self.merged.series, self.dropped if plan.arrival_rate is not None else None)
        self._publish()

    @property
    def lost_workers(self) -> int:
        """Workers whose load was missing: killed ones, and those that ended well before the run did."""
        end = self.ended_at or clock.now()
        return sum(worker.is_lost(end) for worker in self.workers.values())

    @property
    def dropped(self) -> int:
        """Starts of the open model that did not happen."""
        return sum(worker.dropped for worker in self.workers.values()) + self.lost_dropped

    @property
    def steps(self) -> list[Step]:
        """What was measured at each level of the load, the latest last."""
        return self._steps.steps()

    @property
    def lost_reports(self) -> int:
        """Reports of workers that never came."""
        return sum(worker.lost_reports for worker in self.workers.values())

    def end(self) -> None:
        """The run is over and all reports are here: close the accounts."""
        if self.plan is None or self.ended_at is not None:
            return
        self.judge.end(clock.now(), self.merged.series)
        for series in self.merged.series.values():
            if series.under_way > 0:
                cancelled = [list(series.key), [], [[[], 0]] * 3, [0] * 4, {Reason.CANCELLED.value: series.under_way}]
                self._pending.append(cancelled)
                self.merged.add([cancelled])
        self.phase = Phase.STOP
        self._load = Load()
        self.ended_at = clock.now()
        for worker in self.workers.values():
            worker.close(self.ended_at, saturated=_named(worker) in self.saturated)
        self._publish()
        self.tell({"kind": "end", "at": self.ended_at})

    def whole(self) -> list[dict[str, Any]]:
        """What a publisher that begins anew in the middle has to be told; what waits to be sent is in it."""
        self._pending = []
        return [{"kind": "delta", "series": self.merged.whole()}]

    def _publish(self) -> None:
        if self._pending:
            self.tell({"kind": "delta", "series": self._pending})
            self._pending = []
        load = self._load
        self.tell(
            {
                "kind": "gauges",
                "users": dict(load.users),
                "target_users": load.target_users,
                "arrival_rate": load.rate,
                "phase": self.phase,
                "dropped": {
                    Dropped.NO_FREE_USER: self.dropped - self.lost_dropped,
                    Dropped.WORKER_LOST: self.lost_dropped,
                },
                "overflow": self._names.overflow + sum(worker.overflow for worker in self.workers.values()),
                "reports_lost": self.lost_reports,
                "workers": {worker.label: worker.shown() for worker in self.workers.values()},
                "criteria": self.judge.shown(),
            }
        )


def _named(worker: Worker) -> str:
    """As the verdict names it."""
    return f"worker {worker.label}"
