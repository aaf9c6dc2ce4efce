"""The page of the run under way: what was counted, what holds now, and which run it is. Without a run it is empty.

Label texts are made once for each series, and one `%` fills in its values: 100 names of 40 buckets cost a few milliseconds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from load.series import NANOSECONDS, Cells, Delta, Key, Merged, Series
from steadyline.exposition import Template, header, label_text, number
from steadyline.load_vocabulary import (
    LOAD_ARRIVAL_RATE,
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_DROPPED,
    LOAD_OVERFLOW,
    LOAD_PHASE,
    LOAD_REPORTS_LOST,
    LOAD_RESPONSE,
    LOAD_SATURATED,
    LOAD_STARTED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    LOAD_WORKER_CPU,
    LOAD_WORKER_LAG,
    LOAD_WORKER_RESIDENT,
    LOAD_WORKER_UP,
    LOAD_WORKER_USERS,
    RUN_END,
    RUN_STEADY,
    Phase,
)
from steadyline.outcome import Reason
from steadyline.recorder import DIRECTIONS
from steadyline.vocabulary import (
    OPERATION_BYTES,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    RUN_INFO,
    RUN_START,
    SCHEDULE_DELAY,
    Driver,
    Metric,
)

CLOSED = (OPERATION_DURATION, OPERATION_FAILURES, OPERATION_ITEMS, OPERATION_BYTES, LOAD_STARTED)
"""What each name has in every run."""
OPEN = (SCHEDULE_DELAY, LOAD_RESPONSE)
"""What it has too where starts are scheduled."""
CELLS = {OPERATION_DURATION: "duration", SCHEDULE_DELAY: "delay", LOAD_RESPONSE: "response"}
"""Which cells of a series a histogram shows."""
NUMBERS = {"target_users": LOAD_TARGET_USERS, "arrival_rate": LOAD_ARRIVAL_RATE}
COUNTERS = {"overflow": LOAD_OVERFLOW, "reports_lost": LOAD_REPORTS_LOST}
WORKER = {
    "up": LOAD_WORKER_UP,
    "users": LOAD_WORKER_USERS,
    "cpu": LOAD_WORKER_CPU,
    "lag": LOAD_WORKER_LAG,
    "rss": LOAD_WORKER_RESIDENT,
    "saturated": LOAD_SATURATED,
}
CRITERION = {"limit": LOAD_CRITERION_LIMIT, "value": LOAD_CRITERION_VALUE, "met": LOAD_CRITERION_MET}
PHASES = (Phase.RAMP, Phase.STEADY, Phase.STOP)
_REASONS = tuple(reason.value for reason in Reason)


@dataclass(slots=True)
class Run:
    """Which run the page shows.

    Attributes:
        run: its id.
        profile: the profile's name, "" where the load is the user's own.
        shape: the shape's name.
        revision: git's of the folder it was started in.
        start: Unix time.
        steady: when the load stopped rising, or None as yet.
        end: when it ended, or None as yet.
    """

    run: str
    profile: str
    shape: str
    revision: str
    start: float
    steady: float | None = None
    end: float | None = None


class Page:
    """One run at a time; owned by one thread.

    Attributes:
        run: the run that is shown, or None.
        merged: what was counted.
        gauges: what holds now: users (by class), target_users, arrival_rate (None in the closed model), phase, dropped (by
            reason), overflow, reports_lost, workers (by index: up, users, cpu, lag, rss, saturated), criteria (a list of
            criterion, operation, statistic, limit, value, met). A key that is not there, or None, has no series.
    """

    def __init__(self) -> None:
        """Empty."""
        self.run: Run | None = None
        self.merged = Merged()
        self.gauges: Mapping[str, Any] = {}
        self._open = False
        self._templates: dict[tuple[Key, Metric], Template] = {}

    def begin(self, run: Run) -> None:
        """Show this run, from zero."""
        self.clear()
        self.run = run

    def clear(self) -> None:
        """End all series."""
        self.run = None
        self.merged.zero()
        self.gauges = {}
        self._open = False
        self._templates.clear()

    def add(self, delta: Delta) -> None:
        """Add what a worker counted."""
        self.merged.add(delta)

    def take(self, gauges: Mapping[str, Any]) -> None:
        """From now on this holds; an arrival rate says that the model is open, for the whole run."""
        self.gauges = gauges
        self._open = self._open or gauges.get("arrival_rate") is not None

    def render(self, *, openmetrics: bool = False) -> bytes:
        """The page's text, OpenMetrics 1.0 where asked, else Prometheus' text format."""
        families = [*self._run_families(), *self._operation_families(), *self._gauge_families()] if self.run else []
        text = "".join(header(metric, openmetrics=openmetrics) + lines for metric, lines in families if lines)
        return f"{text}# EOF\n".encode() if openmetrics else text.encode()

    def _run_families(self) -> Iterator[tuple[Metric, str]]:
        run = self.run
        assert run is not None
        info = {"run": run.run, "profile": run.profile, "shape": run.shape, "revision": run.revision}
        yield RUN_INFO, _line(RUN_INFO, {"driver": Driver.LOAD, **info}, 1)
        for metric, at in ((RUN_START, run.start), (RUN_STEADY, run.steady), (RUN_END, run.end)):
            yield metric, "" if at is None else _line(metric, {"driver": Driver.LOAD, "run": run.run}, at)

    def _operation_families(self) -> Iterator[tuple[Metric, str]]:
        every = self.merged.series.values()
        is_open = self._open or any(series.delay.count for series in every)
        for metric in (*CLOSED, *(OPEN if is_open else ())):
            yield metric, "".join(self._operation(series, metric) for series in every)

    def _operation(self, series: Series, metric: Metric) -> str:
        template = self._templates.get((series.key, metric))
        if template is None:
            template = self._templates[series.key, metric] = _template(series, metric)
        if metric in CELLS:
            cells: Cells = getattr(series, CELLS[metric])
            return template.fill(tuple(accumulate(cells.counts)), cells.total_ns / NANOSECONDS)
        return template.fill(_values(series, metric))

    def _gauge_families(self) -> Iterator[tuple[Metric, str]]:
        held = self.gauges
        yield LOAD_USERS, _lines(LOAD_USERS, _by_label("user_class", held.get("users")))
        for name, metric in (NUMBERS | COUNTERS).items():
            yield metric, _lines(metric, [({}, held.get(name))])
        if self._open:
            yield LOAD_DROPPED, _lines(LOAD_DROPPED, _by_label("reason", held.get("dropped")))
        if held.get("phase"):
            yield LOAD_PHASE, _lines(LOAD_PHASE, [({"phase": name}, int(name == held["phase"])) for name in PHASES])
        workers: Mapping[str, Mapping[str, Any]] = held.get("workers") or {}
        for name, metric in WORKER.items():
            yield metric, _lines(metric, [({"worker": str(index)}, facts.get(name)) for index, facts in workers.items()])
        for name, metric in CRITERION.items():
            told = [({label: one[label] for label in metric.labels}, one.get(name)) for one in held.get("criteria") or ()]
            yield metric, _lines(metric, told)


def _template(series: Series, metric: Metric) -> Template:
    labels = {**series.key._asdict(), "driver": Driver.LOAD}
    if metric in CELLS:
        return Template.histogram(metric.name, labels, [*(repr(float(edge)) for edge in series.edges), "+Inf"])
    if metric is OPERATION_FAILURES:
        return Template.values(metric.name, [{**labels, "reason": reason} for reason in _REASONS])
    if metric is OPERATION_BYTES:
        return Template.values(metric.name, [{**labels, "direction": direction} for direction in DIRECTIONS])
    return Template.values(metric.name, [labels])


def _values(series: Series, metric: Metric) -> tuple[int, ...]:
    if metric is OPERATION_FAILURES:
        return tuple(series.failures.get(reason, 0) for reason in _REASONS)
    if metric is OPERATION_BYTES:
        return (series.sent, series.received)
    return (series.items,) if metric is OPERATION_ITEMS else (series.started,)


def _line(metric: Metric, labels: Mapping[str, str], value: float) -> str:
    return f"{metric.name}{label_text(labels)} {number(value)}\n"


def _lines(metric: Metric, told: Iterable[tuple[Mapping[str, str], float | None]]) -> str:
    """One line for each value that is known."""
    return "".join(_line(metric, labels, value) for labels, value in told if value is not None)


def _by_label(label: str, values: Mapping[str, float] | None) -> Sequence[tuple[Mapping[str, str], float]]:
    return [({label: name}, value) for name, value in (values or {}).items()]
