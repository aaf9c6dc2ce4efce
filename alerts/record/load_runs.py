"""The load runs that Prometheus holds: their steady phases under one load, and the windows in them."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.record import runs
from alerts.record.load import Loaded
from alerts.record.runs import Key, window_ends
from steadyline.baseline import LoadShape
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_PHASE, LOAD_SATURATED, LOAD_TARGET_USERS, Phase
from steadyline.outcome import Reason
from steadyline.prometheus import Prometheus
from steadyline.promql import Selection, duration
from steadyline.vocabulary import RUN_INFO, Driver, Metric

MOST_POINTS = 10_000
"""Of one series in one answer; Prometheus gives 11 000 at most."""
_GAP = 1.5
"""Steps without a point after which a phase has ended."""
_RATE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Steady:
    """One stretch of a run's steady phase under one load.

    Attributes:
        instance: what served the run's metrics.
        run: its id.
        profile: its profile; empty without one.
        revision: git revision.
        load: how much load there was.
        start: Unix time.
        end: Unix time.
    """

    instance: str
    run: str
    profile: str
    revision: str
    load: LoadShape
    start: float
    end: float

    @property
    def matchers(self) -> str:
        """What selects its operations' series; what the end of a run cut short is no failure."""
        return f'driver="{Driver.LOAD}", instance="{self.instance}", reason!="{Reason.CANCELLED}"'

    @property
    def window_ends(self) -> list[float]:
        """Its windows, whole ones from its start on."""
        return window_ends(LIVE.load_run_seconds, self.start, self.end, aligned_to_end=False)


def steady(prometheus: Prometheus, start: float, end: float) -> list[Steady]:
    """The stretches between two moments, in the order of time."""
    step = max(LIVE.scrape_seconds, math.ceil((end - start) / MOST_POINTS))
    loads = Selection(("driver", "=", Driver.LOAD)).of(RUN_INFO)
    phase = Selection(("phase", "=", Phase.STEADY)).of(LOAD_PHASE)
    steadily = f"max by (instance, run, profile, revision) ({loads} == 1) and on (instance) ({phase} == 1)"
    users, rates = (_levels(prometheus, metric, start, end, step) for metric in (LOAD_TARGET_USERS, LOAD_ARRIVAL_RATE))
    found = []
    for series in prometheus.query_range(steadily, start, end, step):
        labels, instance = series.labels, series.labels.get("instance", "")
        at_level = [(at, (users.get(instance, {}).get(at, 0.0), rates.get(instance, {}).get(at))) for at, _ in series.points]
        for (level, rate), first, last in _stretches(at_level, step):
            load = LoadShape(round(level), rate)
            facts = (labels.get("run", ""), labels.get("profile", ""), labels.get("revision", ""))
            found.append(Steady(instance, *facts, load, first, last))
    return sorted(found, key=lambda one: one.start)


def _levels(prometheus: Prometheus, metric: Metric, start: float, end: float, step: float) -> dict[str, dict[float, float]]:
    found = prometheus.query_range(f"max by (instance) ({metric.name})", start, end, step)
    return {
        one.labels.get("instance", ""): {
            at: float(f"{value:.{_RATE_DIGITS}g}") for at, value in one.points if math.isfinite(value)
        }
        for one in found
    }


Level = tuple[float, float | None]


def _stretches(points: Sequence[tuple[float, Level]], step: float) -> Iterator[tuple[Level, float, float]]:
    """The spans without a gap in which the level stayed."""
    first = 0
    for i, (at, level) in enumerate(points):
        following = points[i + 1] if i + 1 < len(points) else None
        if following is None or following[1] != level or following[0] - at > _GAP * step:
            yield level, points[first][0], at
            first = i + 1


def saturated(prometheus: Prometheus, one: Steady) -> bool:
    """Whether a generator of the run was the bottleneck itself for a while."""
    selected = Selection(("instance", "=", one.instance)).of(LOAD_SATURATED)
    lasting = duration(LIVE.saturated_seconds)
    expression = f"min_over_time({selected}[{lasting}])"
    found = prometheus.query_range(expression, one.start + LIVE.saturated_seconds, one.end, LIVE.scrape_seconds)
    return any(value == 1 for series in found for _, value in series.points)


def loaded(prometheus: Prometheus, stretches: Iterable[Steady]) -> Mapping[Key, Loaded]:
    """All operations' windows in stretches of one profile under one load; those of several runs count together."""
    found: dict[Key, Loaded] = {}
    for one in stretches:
        windows = runs.runs(prometheus, LIVE.load_run_seconds, one.window_ends, one.matchers)
        for key, every in windows.items():
            before = found.get(key) or Loaded(*key, one.profile, one.load, (), 0)
            counted = [run for run in every if run.successes >= LIVE.minimum_samples and run.mean_seconds > 0]
            found[key] = replace(
                before,
                run_means=[*before.run_means, *(run.mean_seconds for run in counted)],
                samples=before.samples + round(sum(run.successes for run in counted)),
                failed=before.failed + round(sum(run.failures for run in every)),
            )
    return found


def histogram(prometheus: Prometheus, key: Key, stretches: Sequence[Steady]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The last stretch's edges, and what all counted by them; no counts where one had other edges."""
    found = [runs.histogram(prometheus, key, one.start, one.end, one.matchers) for one in stretches]
    edges = found[-1][0]
    if any(one != edges for one, _ in found):
        return edges, ()
    return edges, tuple(map(sum, zip(*(counts for _, counts in found), strict=True)))
