"""The runs that Prometheus holds of the exporter's own schedule: a run is one fast window of one operation.

The means come from the raw histogram, as the rules take them, so that they are there where recorded series are not.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from steadyline import durations
from steadyline.live import LIVE
from steadyline.operation_faults import LONGEST_CADENCE_SECONDS
from steadyline.prometheus import Prometheus, Sample, Series
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, SCHEDULE_INTERVAL, Driver

QUANTILES = (0.5, 0.95, 0.99)
_KEY = "operation, target"
_PROBES = f'driver="{Driver.PROBE}"'

Key = tuple[str, str]
"""(operation, target)"""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One operation on one target, as the exporter schedules it.

    Attributes:
        operation: its full name.
        target: the target's alias.
        cadence_seconds: how often it is attempted.
    """

    operation: str
    target: str
    cadence_seconds: float

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return (self.operation, self.target)

    @property
    def run_seconds(self) -> float:
        """The length of one run."""
        return LIVE.fast_window_seconds(self.cadence_seconds)


@dataclass(frozen=True, slots=True)
class Run:
    """One fast window.

    Attributes:
        end: Unix time at which it ended.
        mean_seconds: mean of its successes; NaN without one.
        successes: how many, as PromQL's increase counts them (no whole number).
        failures: likewise.
    """

    end: float
    mean_seconds: float
    successes: float
    failures: float

    @property
    def attempts(self) -> float:
        """Successes and failures."""
        return self.successes + self.failures


def scheduled(prometheus: Prometheus, at: float) -> list[Scheduled]:
    """What the exporter schedules at a moment, by operation and target; empty where Prometheus has scraped none."""
    found = prometheus.query(f"max by ({_KEY}) ({SCHEDULE_INTERVAL.name}{{{_PROBES}}})", at)
    every = [Scheduled(*_key(one), one.value) for one in found if 0 < one.value <= LONGEST_CADENCE_SECONDS and all(_key(one))]
    return sorted(every, key=lambda one: one.key)


def window_ends(run_seconds: float, start: float, end: float, *, aligned_to_end: bool) -> list[float]:
    """The ends of the whole windows in a span: aligned to its end for the past, to its start for what is still coming."""
    count = max(0, math.floor((end - start) / run_seconds + 1e-9))
    first = end - (count - 1) * run_seconds if aligned_to_end else start + run_seconds
    return [first + i * run_seconds for i in range(count)]


def runs(prometheus: Prometheus, run_seconds: float, ends: Sequence[float], matchers: str = _PROBES) -> dict[Key, list[Run]]:
    """The runs of every operation in windows of one length, by key; what was not scraped in a window has no run there.

    Args:
        prometheus: that holds them.
        run_seconds: the windows' length.
        ends: Unix times.
        matchers: what selects the series; the schedule's where not given.
    """
    if not ends:
        return {}
    means = _by_key(_ask(prometheus, _mean(run_seconds, matchers), run_seconds, ends))
    successes = _by_key(
        _ask(prometheus, _increase(f"{OPERATION_DURATION.name}_count", run_seconds, matchers), run_seconds, ends)
    )
    failures = _by_key(_ask(prometheus, _increase(OPERATION_FAILURES.name, run_seconds, matchers), run_seconds, ends))
    return {
        key: [
            Run(end, means.get(key, {}).get(end, math.nan), count, failures.get(key, {}).get(end, 0.0))
            for end, count in counts.items()
        ]
        for key, counts in successes.items()
    }


def quantiles(prometheus: Prometheus, key: Key, start: float, end: float, matchers: str = _PROBES) -> dict[str, float]:
    """The quantiles of all successes in a span, seconds by quantile; without the ones that cannot be told."""
    span = durations.promql(end - start)
    buckets = f"sum by (le) (increase({OPERATION_DURATION.name}_bucket{_selector(key, matchers)}[{span}]))"
    found = {str(q): prometheus.query(f"histogram_quantile({q}, {buckets})", end) for q in QUANTILES}
    return {q: samples[0].value for q, samples in found.items() if samples and math.isfinite(samples[0].value)}


def histogram(
    prometheus: Prometheus, key: Key, start: float, end: float, matchers: str = _PROBES
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The edges of the operation's histogram, seconds, and what a span added at or under each and above all, last.

    Whole numbers, though PromQL's increase has none; an edge that came late in the span never has less than the one before.
    """
    span = durations.promql(end - start)
    buckets = f"{OPERATION_DURATION.name}_bucket{_selector(key, matchers)}"
    found = prometheus.query(f"sum by (le) (increase({buckets}[{span}]))", end)
    at_or_under = sorted((_edge(one), round(one.value)) for one in found if math.isfinite(one.value) and _edge(one) > 0)
    if not at_or_under or math.isfinite(at_or_under[-1][0]):
        return (), ()
    grown = list(accumulate((count for _, count in at_or_under), max))
    counts = (high - low for low, high in zip([0, *grown], grown, strict=False))
    return tuple(edge for edge, _ in at_or_under[:-1]), tuple(counts)


def _selector(key: Key, matchers: str) -> str:
    return f'{{{matchers}, operation="{key[0]}", target="{key[1]}"}}'


def _increase(name: str, run_seconds: float, matchers: str) -> str:
    return f"sum by ({_KEY}) (increase({name}{{{matchers}}}[{durations.promql(run_seconds)}]))"


def _mean(run_seconds: float, matchers: str) -> str:
    total, count = (_increase(f"{OPERATION_DURATION.name}_{part}", run_seconds, matchers) for part in ("sum", "count"))
    return f"{total} / {count}"


def _ask(prometheus: Prometheus, expr: str, run_seconds: float, ends: Sequence[float]) -> list[Series]:
    return prometheus.query_range(expr, ends[0], ends[-1], run_seconds)


def _by_key(found: Iterable[Series]) -> dict[Key, dict[float, float]]:
    return {_key(one): {at: value for at, value in one.points if math.isfinite(value)} for one in found}


def _key(one: Series | Sample) -> Key:
    """Empty where a series of the same name, of somebody else, lacks a label."""
    return one.labels.get("operation", ""), one.labels.get("target", "")


def _edge(bucket: Sample) -> float:
    try:
        return float(bucket.labels.get("le", ""))
    except ValueError:
        return math.nan
