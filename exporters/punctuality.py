"""How punctual the schedule is: interval, delay and skipped starts of each scheduled operation."""

import threading
from collections.abc import Callable, Iterator

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from steadyline.edges import LADDER
from steadyline.exposition import family, number
from steadyline.histogram import Histogram
from steadyline.operation import Operation
from steadyline.vocabulary import RUNS_SKIPPED, SCHEDULE_DELAY, SCHEDULE_INTERVAL, Driver

DELAY_EDGES = LADDER[::2]
"""Two a decade: whether the schedule keeps its times is no fine question."""


class _Counts:
    __slots__ = ("delay", "interval_seconds", "labels", "lock", "skipped")

    def __init__(self, labels: tuple[str, ...], interval_seconds: float) -> None:
        self.labels = labels
        self.interval_seconds = interval_seconds
        self.delay = Histogram(DELAY_EDGES)
        self.skipped = 0
        self.lock = threading.Lock()


class Punctuality(Collector):
    """Counts the schedule's delays and skips; a series exists exactly while its operation is scheduled."""

    def __init__(self) -> None:
        """Start without series; `declare` makes them."""
        self._counts: dict[tuple[str, str], _Counts] = {}
        self._lock = threading.Lock()

    def declare(
        self, operation: Operation, target: str, interval_seconds: float
    ) -> tuple[Callable[[float], None], Callable[[], None]]:
        """Make the operation's series at zero, or keep what they count; answer what takes its delays and skips."""
        with self._lock:
            labels = (operation.name, operation.backend, target, Driver.PROBE)
            counts = self._counts.setdefault((operation.name, target), _Counts(labels, interval_seconds))
            counts.interval_seconds = interval_seconds

        def delayed(seconds: float) -> None:
            with counts.lock:
                counts.delay.observe(seconds)

        def skipped() -> None:
            with counts.lock:
                counts.skipped += 1

        return delayed, skipped

    def forget(self, operation: str, target: str) -> None:
        """End the series of an operation that is scheduled no more."""
        with self._lock:
            self._counts.pop((operation, target), None)

    def collect(self) -> Iterator[Family]:
        """The three families."""
        interval, skips = family(SCHEDULE_INTERVAL), family(RUNS_SKIPPED)
        delay = HistogramMetricFamily(SCHEDULE_DELAY.name, SCHEDULE_DELAY.help, labels=SCHEDULE_DELAY.labels)
        with self._lock:
            every = list(self._counts.values())
        for counts in every:
            with counts.lock:
                interval.add_metric(counts.labels, counts.interval_seconds)
                skips.add_metric(counts.labels, counts.skipped)
                bounds = [*map(number, counts.delay.edges), "+Inf"]
                buckets = list(zip(bounds, counts.delay.cumulative(), strict=True))
                delay.add_metric(counts.labels, buckets, counts.delay.total)
        yield from (interval, delay, skips)
