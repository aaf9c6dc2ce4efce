"""The recorder: turns outcomes into the operation metrics of the vocabulary. Every driver uses this one.

It is a collector for prometheus_client's `CollectorRegistry`, and renders its own page faster: label texts are made once,
and one `%` fills in all values of a series.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family

from steadyline.edges import LADDER, with_ladder
from steadyline.exposition import Template, header
from steadyline.histogram import Histogram
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.vocabulary import (
    OPERATION_BYTES,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_LABELS,
    OPERATION_PHASE,
    OPERATION_STREAK,
    Metric,
)

DIRECTIONS = ("sent", "received")
_REASONS = tuple(Reason)


class _Series:
    """All that is counted of one operation on one target; guarded by its own lock."""

    __slots__ = ("duration", "failures", "items", "labels", "lock", "phases", "received", "sent", "streak", "templates")

    def __init__(self, labels: tuple[str, ...], edges: Sequence[float]) -> None:
        self.lock = threading.Lock()
        self.labels = labels
        self.duration = Histogram(edges)
        self.phases: dict[str, Histogram] = {}
        self.failures = dict.fromkeys(_REASONS, 0)
        self.items = 0
        self.sent = 0
        self.received = 0
        self.streak = 0
        self.templates: dict[tuple[str, str], Template] = {}

    def failed(self, reason: Reason) -> None:
        """Count a failure; its duration is not recorded."""
        self.failures[reason] += 1
        self.streak += 1

    def phased(self, phases: Iterable[tuple[str, float]]) -> None:
        """Record a success's phases, each over the ladder alone."""
        for phase, seconds in phases:
            if phase not in self.phases:
                self.phases[phase] = Histogram(LADDER)
            self.phases[phase].observe(seconds)


class Recorder:
    """Counts outcomes by operation and target for one driver.

    Args:
        driver: the label `driver` of everything it records: probe, load or bench.
    """

    def __init__(self, driver: str) -> None:
        """Start without series; `declare` makes them."""
        self.driver = driver
        self._series: dict[tuple[str, str], _Series] = {}
        self._lock = threading.Lock()

    def declare(self, operation: Operation, target: str, own_edges: Sequence[float]) -> None:
        """Make the operation's series at zero, or give them other edges; no count is lost.

        Args:
            operation: what is recorded.
            target: alias of the target.
            own_edges: edges beside the ladder, seconds (`edges.own_edges`).
        """
        edges = with_ladder(own_edges)
        with self._lock:
            series = self._series.get((operation.name, target))
            if series is None:
                labels = (operation.name, operation.backend, target, self.driver)
                self._series[operation.name, target] = _Series(labels, edges)
                return
        with series.lock:
            if series.duration.change_edges(edges):
                series.templates.clear()

    def forget(self, operation: str, target: str) -> None:
        """End the series of an operation that runs no more."""
        with self._lock:
            self._series.pop((operation, target), None)

    def record(self, operation: str, target: str, outcome: Outcome) -> None:
        """Count one outcome: a success's duration, items and phases, or a failure's reason; bytes of either.

        Raises:
            KeyError: the operation was not declared for that target: a bug of the driver.
        """
        series = self._series[operation, target]
        with series.lock:
            if outcome.reason is None:
                series.duration.observe(outcome.duration_seconds)
                series.items += outcome.items
                series.streak = 0
                if outcome.phases:
                    series.phased(outcome.phases.items())
            else:
                series.failed(outcome.reason)
            series.sent += outcome.bytes_sent
            series.received += outcome.bytes_received

    def _all(self) -> list[_Series]:
        with self._lock:
            return list(self._series.values())

    def collect(self) -> Iterator[Family]:
        """The families for prometheus_client; the same bytes as `render`, by its own slower way."""
        series = self._all()
        duration = HistogramMetricFamily(OPERATION_DURATION.name, OPERATION_DURATION.help, labels=OPERATION_DURATION.labels)
        phase = HistogramMetricFamily(OPERATION_PHASE.name, OPERATION_PHASE.help, labels=OPERATION_PHASE.labels)
        failures = CounterMetricFamily(OPERATION_FAILURES.name, OPERATION_FAILURES.help, labels=OPERATION_FAILURES.labels)
        streak = GaugeMetricFamily(OPERATION_STREAK.name, OPERATION_STREAK.help, labels=OPERATION_LABELS)
        items = CounterMetricFamily(OPERATION_ITEMS.name, OPERATION_ITEMS.help, labels=OPERATION_LABELS)
        moved = CounterMetricFamily(OPERATION_BYTES.name, OPERATION_BYTES.help, labels=OPERATION_BYTES.labels)
        for one in series:
            with one.lock:
                _add_histogram(duration, one.labels, one.duration)
                for name, histogram in one.phases.items():
                    _add_histogram(phase, (*one.labels, name), histogram)
                for reason, count in one.failures.items():
                    failures.add_metric((*one.labels, reason.value), count)
                streak.add_metric(one.labels, one.streak)
                items.add_metric(one.labels, one.items)
                for direction, count in zip(DIRECTIONS, (one.sent, one.received), strict=True):
                    moved.add_metric((*one.labels, direction), count)
        yield from (duration, phase, failures, streak, items, moved)

    def render(self, *, openmetrics: bool = False) -> bytes:
        """The text of all series: the same bytes as prometheus_client's `generate_latest`, without OpenMetrics' EOF."""
        series = self._all()
        parts: list[str] = []
        for metric in (
            OPERATION_DURATION,
            OPERATION_PHASE,
            OPERATION_FAILURES,
            OPERATION_STREAK,
            OPERATION_ITEMS,
            OPERATION_BYTES,
        ):
            parts.append(header(metric, openmetrics=openmetrics))
            parts.extend(text for one in series for text in _texts(one, metric))
        return "".join(parts).encode()


def _add_histogram(family: HistogramMetricFamily, labels: Sequence[str], histogram: Histogram) -> None:
    bounds = [*map(_bound, histogram.edges), "+Inf"]
    buckets = list(zip(bounds, histogram.cumulative(), strict=True))
    family.add_metric(labels, buckets, histogram.total)


def _bound(edge: float) -> str:
    return repr(float(edge))


def _template(series: _Series, metric: Metric, extra: str = "") -> Template:
    """The series' cached text for one metric; `extra` is the value of the metric's last label, where it has one more."""
    key = (metric.name, extra)
    found = series.templates.get(key)
    if found is None:
        labels = dict(zip(metric.labels, (*series.labels, extra), strict=False))
        if metric is OPERATION_DURATION:
            found = Template.histogram(metric.name, labels, [*map(_bound, series.duration.edges), "+Inf"])
        elif metric is OPERATION_PHASE:
            found = Template.histogram(metric.name, labels, [*map(_bound, LADDER), "+Inf"])
        elif metric is OPERATION_FAILURES:
            found = Template.values(metric.name, [{**labels, "reason": reason.value} for reason in _REASONS])
        elif metric is OPERATION_BYTES:
            found = Template.values(metric.name, [{**labels, "direction": direction} for direction in DIRECTIONS])
        else:
            found = Template.values(metric.name, [labels])
        series.templates[key] = found
    return found


def _texts(series: _Series, metric: Metric) -> Iterator[str]:
    with series.lock:
        if metric is OPERATION_DURATION:
            yield _template(series, metric).fill(series.duration.cumulative(), series.duration.total)
        elif metric is OPERATION_PHASE:
            for phase, histogram in series.phases.items():
                yield _template(series, metric, phase).fill(histogram.cumulative(), histogram.total)
        elif metric is OPERATION_FAILURES:
            yield _template(series, metric).fill(tuple(series.failures.values()))
        elif metric is OPERATION_STREAK:
            yield _template(series, metric).fill((series.streak,))
        elif metric is OPERATION_ITEMS:
            yield _template(series, metric).fill((series.items,))
        else:
            yield _template(series, metric).fill((series.sent, series.received))
