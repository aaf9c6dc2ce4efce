"""What the exporter says of itself and of what it holds operations to: baselines, build, run, reload."""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporters.job import Job
from steadyline.exposition import family
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    BUILD_INFO,
    RELOAD_SUCCESS,
    RELOAD_TIMESTAMP,
    RUN_INFO,
    RUN_START,
    Driver,
)
from steadyline.web.held import Held

CONTINUOUS = "continuous"
"""The shape of the exporter's run: it has no profile and no end."""


@dataclass(slots=True)
class Baselines(Collector):
    """The baseline and budget of each scheduled operation; where there is no baseline only the budget stands.

    Attributes:
        jobs: what is scheduled now; replaced whole by a reload.
    """

    jobs: Sequence[Job] = ()

    def collect(self) -> Iterator[Family]:
        """The four families; the id is what the rules were generated from, so that drift shows."""
        value, tolerance, budget, info = map(family, (BASELINE_VALUE, BASELINE_TOLERANCE, BASELINE_BUDGET, BASELINE_INFO))
        for job in self.jobs:
            operation, baseline = job.operation, job.baseline
            labels = (operation.name, operation.backend, job.alias, Driver.PROBE)
            budget.add_metric(labels, operation.budget_seconds)
            if baseline is not None:
                value.add_metric(labels, baseline.seconds_per_call(operation.items))
                tolerance.add_metric(labels, baseline.tolerance)
                info.add_metric((*labels, baseline.id, baseline.source, baseline.quantity.value), 1)
        yield from (value, tolerance, budget, info)


@dataclass(slots=True)
class Run(Collector):
    """The exporter's own run: one from start to end, over all reloads.

    Attributes:
        run: id of the run.
        started: Unix time of its start.
        revision: git revision of the folder it was started in.
        wall_clock: Unix time.
        reload_successful: whether the last reload was taken; the start counts as one.
        reloaded: Unix time of the last one that was.
        web: the web config, which is read again by itself.
    """

    run: str
    started: float
    revision: str
    wall_clock: Callable[[], float]
    reload_successful: bool = True
    reloaded: float = 0.0
    web: Held = field(default_factory=lambda: Held(None))

    def taken(self) -> None:
        """Settings and baselines were taken."""
        self.reload_successful, self.reloaded = True, self.wall_clock()

    def refused(self) -> None:
        """They were not; the earlier ones hold."""
        self.reload_successful = False

    def collect(self) -> Iterator[Family]:
        """Build, run and reload."""
        build, info, start = family(BUILD_INFO), family(RUN_INFO), family(RUN_START)
        success, timestamp = family(RELOAD_SUCCESS), family(RELOAD_TIMESTAMP)
        build.add_metric((version("steadyline"), platform.python_version()), 1)
        info.add_metric((Driver.PROBE, self.run, "", CONTINUOUS, self.revision), 1)
        start.add_metric((Driver.PROBE, self.run), self.started)
        success.add_metric((), float(self.reload_successful and self.web.is_good))
        timestamp.add_metric((), self.reloaded)
        yield from (build, info, start, success, timestamp)
