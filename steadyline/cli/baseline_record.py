"""`steadyline baseline record`: the exporter's own runs, waited for or taken from what Prometheus holds."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from alerts.record import baseline as record
from alerts.record import runs, slowed
from alerts.record.baseline import Circumstances, Sifted, Slowed
from alerts.record.runs import Scheduled
from alerts.record.under_load import under_load
from alerts.regress.faults import FaultControl
from alerts.regress.plan import WAITING_BACKENDS
from steadyline import catalogue, provenance
from steadyline.baseline import Baseline
from steadyline.baselines import default_tolerance, load_sourced
from steadyline.errors import ConfigurationError, NoDataError, SteadylineError
from steadyline.live import LIVE
from steadyline.operation_version import version_of
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings

SETTLE_SECONDS = 2 * LIVE.scrape_seconds
"""After the last run Prometheus still has to scrape it."""
EXTRA_SHARE = 0.25
"""Runs that did not count are waited for again, up to this share of what was asked."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One operation's outcome: a baseline, or the sentence why not.

    Attributes:
        of: the operation as it was scheduled.
        sifted: its runs.
        baseline: what was recorded; None where it was refused.
        refused: why; empty where it was not.
    """

    of: Scheduled
    sifted: Sifted
    baseline: Baseline | None = None
    refused: str = ""


@dataclass(slots=True)
class Recording:
    """Recording from one Prometheus; host, revision and versions are those of here, where the exporter runs, too.

    Attributes:
        settings: the settings.
        prometheus: what to ask.
        now: Unix time.
        slowed: what `regress` slows, or slowed; filled by `look_for_faults`.
    """

    settings: Settings
    prometheus: Prometheus
    now: Callable[[], float] = time.time
    slowed: list[Slowed] = field(default_factory=list)

    def select(self, pattern: str, target: str | None) -> list[Scheduled]:
        """What the exporter schedules of the operations and targets that were asked for.

        Raises:
            ConfigurationError: no operation is called so, or none that is scheduled; the text says what there is.
            NoDataError: Prometheus has scraped no exporter.
        """
        if not any(fnmatchcase(name, pattern) for name in catalogue.operations()):
            raise ConfigurationError(_no_such(pattern))
        every = runs.scheduled(self.prometheus, self.now())
        if not every:
            raise NoDataError(
                f"Prometheus at {self.prometheus.host} has scraped no schedule of an exporter; run steadyline up, "
                f"and wait {LIVE.scrape_seconds:g} s"
            )
        found = [one for one in every if fnmatchcase(one.operation, pattern) and target in (None, one.target)]
        if not found:
            raise ConfigurationError(_nothing_fits(every, pattern, target))
        return found

    def look_for_faults(self) -> None:
        """Learn what `regress` slows, or slowed: no such run becomes a baseline."""
        self.slowed = slowed.noted(self.settings.state.regressions)
        for backend in WAITING_BACKENDS:
            for alias, target in self.settings.targets_of(backend).items():
                if target.embedded:
                    self.slowed += _active(FaultControl(target.url.get_secret_value()), alias, self.now())

    def refuse_slowed(self, selected: Iterable[Scheduled]) -> None:
        """Nobody waits for runs that will not count.

        Raises:
            NoDataError: something is being slowed on purpose now.
        """
        for one in selected:
            until = record.slowed_until(one, self.slowed)
            if until > self.now():
                raise NoDataError(record.being_slowed(one, until - self.now()))

    def take(self, selected: Iterable[Scheduled], start: float, end: float, *, past: bool) -> list[Taken]:
        """The baselines of the runs between two moments, or why there is none."""
        found = list(selected)
        held = {
            length: runs.runs(self.prometheus, length, runs.window_ends(length, start, end, aligned_to_end=past))
            for length in {one.run_seconds for one in found}
        }
        sifted = {one: record.sift(one, held[one.run_seconds].get(one.key, []), self.slowed) for one in found}
        return [self._taken(one, sifted[one], start, end) for one in found]

    def enough(self, selected: Iterable[Scheduled], start: float, wanted_runs: int) -> bool:
        """Whether every operation has as many usable runs since a moment as are wanted."""
        taken = self.take(selected, start, self.now(), past=False)
        return all(len(one.sifted.kept) >= wanted_runs for one in taken)

    def _taken(self, of: Scheduled, sifted: Sifted, start: float, end: float) -> Taken:
        refused = record.refusal(of, sifted, self.slowed, self.now())
        if refused:
            return Taken(of, sifted, refused=refused)
        tolerated = record.tolerance(of.key, load_sourced(), default_tolerance())
        facts = self._circumstances(of, start, end)
        return Taken(of, sifted, record.baseline(of, sifted.kept, tolerated, facts))

    def _circumstances(self, of: Scheduled, start: float, end: float) -> Circumstances:
        backend = of.operation.partition(".")[0]
        edges, counts = runs.histogram(self.prometheus, of.key, start, end)
        operation = catalogue.operations().get(of.operation)  # the exporter may have others than are known here
        return Circumstances(
            at=datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="seconds"),
            host=provenance.host(),
            revision=provenance.revision(Path.cwd()),
            quantiles=runs.quantiles(self.prometheus, of.key, start, end),
            edges=edges,
            versions={**provenance.versions(backend), "prometheus": self.prometheus.version()},
            operation_version=version_of(operation) if operation else None,
            histogram=counts,
            load_running=under_load(self.prometheus, start, end),
        )


def seconds_needed(selected: Iterable[Scheduled], wanted_runs: int) -> float:
    """How long it takes until every operation has its runs, all of them running side by side."""
    return max(one.run_seconds for one in selected) * wanted_runs + SETTLE_SECONDS


def seconds_at_most(selected: Iterable[Scheduled], wanted_runs: int) -> float:
    """How long runs that did not count are waited for again."""
    longest = max(one.run_seconds for one in selected)
    return seconds_needed(selected, wanted_runs) + longest * max(2.0, wanted_runs * EXTRA_SHARE)


def _active(control: FaultControl, target: str, now: float) -> list[Slowed]:
    """The faults under way, whoever began them; a target that cannot tell has none."""
    try:
        return [Slowed(operation, target, now, now + left) for operation, left in control.slowed().items()]
    except SteadylineError:
        return []


def _nothing_fits(every: list[Scheduled], pattern: str, target: str | None) -> str:
    named = [one for one in every if fnmatchcase(one.operation, pattern)]
    if named:
        targets = ", ".join(sorted({one.target for one in named}))
        return f"--target {target}: the exporter runs {pattern} on {targets}"
    known = [name for name in catalogue.operations() if fnmatchcase(name, pattern)]
    if known:
        return f"{', '.join(known[:3])}: not on the exporter's schedule, so there are no runs of it (steadyline operations)"
    return _no_such(pattern)


def _no_such(pattern: str) -> str:
    return f"--operation {pattern}: no operation fits; steadyline operations lists them"
