"""A regression on purpose, under way: holds requests back, keeps the mean on its goal, watches the alert arrive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from alerts.receiver import journal
from alerts.receiver.notification import Notification
from alerts.record import slowed
from alerts.record.baseline import Slowed
from alerts.regress.calibration import Calibration
from alerts.regress.client_side import ExporterPage, Totals
from alerts.regress.faults import FaultControl
from alerts.regress.plan import GUARD_SECONDS, Plan
from alerts.view.firing import Firing, firing
from steadyline.prometheus import Prometheus
from steadyline.state import State
from steadyline.vocabulary import AlertName, Driver

BATCH_SAMPLES = 3
"""The wait is corrected after so many: a single sample would make it swing."""
WORTH_CORRECTING = 0.002
"""Corrections below this share of the goal are left out: each one begins the fault anew."""
RECEIVED = 200
"""Most notifications looked through."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the alert came, seconds after the beginning; None for what has not come yet.

    Attributes:
        pending: the rule saw it first.
        firing: its `for` had passed.
        notified: the receiver had been told.
    """

    pending: float | None = None
    firing: float | None = None
    notified: float | None = None

    def with_alerts(self, found: Iterable[Firing], plan: Plan, start: float, now: float) -> "Arrival":
        """What Prometheus tells now."""
        ours = [one for one in found if one.severity == plan.severity and about(one, plan)]
        since = [datetime.fromisoformat(one.since).timestamp() for one in ours if one.since]
        pending = self.pending if self.pending is not None or not since else max(0.0, min(since) - start)
        fires = self.firing is None and any(not one.pending for one in ours)
        return replace(self, pending=pending, firing=now - start if fires else self.firing)

    def with_notifications(self, found: Iterable[Notification], plan: Plan, start: float) -> "Arrival":
        """What the receiver was told since the beginning."""
        came = [
            datetime.fromisoformat(one.received_at).timestamp()
            for one in found
            if one.status == "firing" and one.severity == plan.severity and about(one, plan)
        ]
        first = min((moment for moment in came if moment >= start), default=None)
        return self if first is None or self.notified is not None else replace(self, notified=first - start)


def about(one: Firing | Notification, plan: Plan) -> bool:
    """Whether it is the regression alert of what is slowed."""
    found = (one.alertname, one.operation, one.target, one.driver)
    return found == (AlertName.REGRESSION, plan.operation.name, plan.target, Driver.PROBE)


@dataclass(slots=True)
class Regression:
    """One regression, from `begin` over `look` to `end`.

    Attributes:
        plan: what is done.
        control: the target's fault control.
        page: the exporter, which tells what the client measures.
        prometheus: tells the alert.
        state: the state folder.
        now: Unix time.
        arrival: of the alert, so far.
        start: when it began; 0 until then.
        fired_before: its alert was there already, so its delay cannot be told.
        measured: by the client, since then.
        takes_seconds: what the target makes a request take now.
    """

    plan: Plan
    control: FaultControl
    page: ExporterPage
    prometheus: Prometheus
    state: State
    now: Callable[[], float]
    arrival: Arrival = field(default_factory=Arrival)
    start: float = 0.0
    fired_before: bool = False
    measured: Totals = field(default_factory=Totals)
    takes_seconds: float = 0.0
    _asked: bool = False
    _calibration: Calibration = field(default_factory=lambda: Calibration(0.0))
    _first: Totals = field(default_factory=Totals)
    _last: Totals = field(default_factory=Totals)

    @property
    def name(self) -> str:
        """The fault's name."""
        return f"regress-{self.plan.operation.name}"

    @property
    def left_seconds(self) -> float:
        """How long it still lasts."""
        return max(0.0, self.start + self.plan.for_seconds - self.now())

    @property
    def journal(self) -> Path:
        """Where it is noted."""
        return self.state.regressions

    def begin(self) -> None:
        """Note it and begin to hold requests back."""
        self.fired_before = any(about(one, self.plan) for one in firing(self.prometheus.alerts()))
        self._calibration = self.plan.first_guess()
        self._first = self._last = self._totals()
        self.start = self.now()
        slowed.note(self.journal, self._span(self.start + self.plan.for_seconds))
        self._hold()

    def look(self) -> None:
        """Take in what was measured, correct the wait, and see whether the alert has come."""
        totals = self._totals()
        self.measured = totals - self._first
        batch = totals - self._last
        if batch.count >= BATCH_SAMPLES:
            self._calibration = self._calibration.after(batch.count, batch.mean_seconds)
            self._last = totals
            if abs(self._calibration.takes_seconds - self.takes_seconds) > WORTH_CORRECTING * self.plan.goal_seconds:
                self._hold()
        if not self.fired_before:
            self._watch()

    def _watch(self) -> None:
        told = journal.latest(self.state.notifications, RECEIVED, datetime.fromtimestamp(self.start).astimezone())
        seen = self.arrival.with_alerts(firing(self.prometheus.alerts()), self.plan, self.start, self.now())
        self.arrival = seen.with_notifications(told, self.plan, self.start)

    def end(self) -> None:
        """Let requests go as they come again; what had not begun leaves nothing to end and nothing to note."""
        if self._asked:
            self.control.end(self.name)
        if self.start:
            slowed.note(self.journal, self._span(self.now()))

    def _hold(self) -> None:
        self.takes_seconds = self._calibration.takes_seconds
        self._asked = True  # before the answer: the target may have begun although it is lost
        self.control.slow(self.name, self.plan.operation.name, self.takes_seconds, self.left_seconds + GUARD_SECONDS)

    def _totals(self) -> Totals:
        return self.page.totals(self.plan.operation.name, self.plan.target)

    def _span(self, end: float) -> Slowed:
        return Slowed(self.plan.operation.name, self.plan.target, self.start, end)
