"""Baselines of a load profile, from the windows of the result files of load runs under one load."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from rich.table import Table

from alerts.judgement.judged import budget_z
from alerts.judgement.limits import Rule, limits_of
from alerts.record import slowed
from alerts.record.baseline import Circumstances, Slowed, tolerance
from alerts.record.load import Loaded
from steadyline import catalogue, provenance
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import default_tolerance, known_baselines, load_sourced
from steadyline.cli import baseline_rows, cells, load_result
from steadyline.cli.baseline_place import Place, place
from steadyline.cli.baseline_screen import tell
from steadyline.cli.load_result import Counted, Result
from steadyline.cli.operation_table import terminal
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.operation_version import version_of
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

LIST = "steadyline baseline list --driver load"


@dataclass(frozen=True, slots=True)
class Made:
    """What comes of some runs.

    Attributes:
        new: baselines.
        refused: a sentence for each operation that gets none.
    """

    new: tuple[Baseline, ...]
    refused: tuple[str, ...]


def record(
    settings: Settings, results: Sequence[Result], pattern: str = "*", target: str | None = None, out: Path | None = None
) -> None:
    """Keep what the runs give, show it, and make the rules anew.

    Args:
        settings: the settings.
        results: of runs under one load.
        pattern: name or glob of operations.
        target: alias; every one where not given.
        out: the file to keep them in; None for the state folder's.

    Raises:
        ConfigurationError: the runs were of several loads, of none that has a profile, or nothing fits.
        NoDataError: none got a baseline; who is seldom asked may get none beside the others.
    """
    kept = place(settings, out)
    show(settings, kept, make(results, slowed.noted(settings.state.regressions), pattern, target))


def show(settings: Settings, kept: Place, made: Made) -> None:
    """Show what was made, keep it, and make the rules anew.

    Raises:
        NoDataError: none got a baseline.
    """
    known = known_baselines(settings.state)
    if made.new:
        console = terminal()
        console.print(_table(made.new, known))
        console.print(baseline_rows.TOLERANCE, style="dim", soft_wrap=True)
        console.print(_remark(settings, made.new), style="dim", soft_wrap=True, end="")
        faults = kept.keep(made.new)
        console.print(kept.remark, style="dim", soft_wrap=True, end="\n" if kept.remark else "")
        tell(faults)
    refused = [f"not recorded: {why}" for why in made.refused]
    if not made.new:
        raise NoDataError("\n".join(refused))
    tell(refused)


def make(results: Sequence[Result], spans: Sequence[Slowed], pattern: str = "*", target: str | None = None) -> Made:
    """The baselines that the runs give; flows and names of the user's own have no place among them."""
    last = load_result.alike(results)
    if not last.profile:
        raise ConfigurationError(f"run {last.run} had no profile; steadyline load --profile low|medium|high has one")
    if not last.has_one_level:
        raise ConfigurationError(f"run {last.run} was of the shape {last.shape}, which holds several levels of load")
    operations = catalogue.operations()
    measured = sorted(
        {(one.operation, one.target) for run in results for one in run.operations if one.operation in operations}
    )
    chosen = [key for key in measured if fnmatchcase(key[0], pattern) and target in (None, key[1])]
    if not chosen:
        there = ", ".join(f"{operation} on {alias}" for operation, alias in measured) or "nothing"
        raise ConfigurationError(f"{pattern}{f' on {target}' if target else ''} was not measured; there is {there}")
    new, refused = [], []
    for operation, alias in chosen:
        loaded = _loaded(operation, alias, results, last)
        why = _on_purpose(operation, alias, results, spans) or _saturated(results) or loaded.refusal
        if why:
            refused.append(why)
        else:
            new.append(_baseline(loaded, operations[operation], results))
    return Made(tuple(new), tuple(dict.fromkeys(refused)))


def _loaded(operation: str, target: str, results: Sequence[Result], last: Result) -> Loaded:
    windows = [window for run in results for window in run.windows_of(operation, target)]
    counted = [one for run in results for one in run.operations if (one.operation, one.target) == (operation, target)]
    return Loaded(
        operation=operation,
        target=target,
        profile=last.profile,
        load=last.load,
        run_means=[mean for mean, _ in windows],
        samples=sum(samples for _, samples in windows),
        failed=sum(one.failed for one in counted),
    )


def _on_purpose(operation: str, target: str, results: Sequence[Result], spans: Sequence[Slowed]) -> str:
    own = [span for span in spans if (span.operation, span.target) == (operation, target)]
    if any(span.start < run.end and run.start < span.end for span in own for run in results):
        return f"{operation} on {target} was being slowed by steadyline regress; record it when that is over"
    return ""


def _saturated(results: Sequence[Result]) -> str:
    """A generator that was the bottleneck measured itself."""
    for run in results:
        if run.saturated:
            return f"in run {run.run} {', '.join(run.saturated)} was the bottleneck itself; add workers or cores"
    return ""


def _baseline(loaded: Loaded, operation: Operation, results: Sequence[Result]) -> Baseline:
    last = load_result.alike(results)
    key = (loaded.operation, loaded.target)
    counted = {run.start: one for run in results for one in run.operations if (one.operation, one.target) == key}
    latest = counted[max(counted)]
    facts = Circumstances(
        at=datetime.fromtimestamp(last.end, UTC).isoformat(timespec="seconds"),
        host=provenance.host(),
        revision=last.revision,
        quantiles=load_result.quantiles(latest.service),
        edges=latest.edges,
        versions=provenance.versions(operation.backend),
        operation_version=version_of(operation),
        histogram=_histogram(list(counted.values()), latest.edges),
        load_running=True,
    )
    return loaded.baseline(tolerance(key, load_sourced(), default_tolerance(), Driver.LOAD), facts)


def _histogram(counted: Sequence[Counted], edges: tuple[float, ...]) -> tuple[int, ...]:
    """What all runs counted; nothing where one counted by other edges, or does not say."""
    if any(one.edges != edges or len(one.histogram) != len(edges) + 1 for one in counted):
        return ()
    return tuple(map(sum, zip(*(one.histogram for one in counted), strict=True)))


def _table(new: Sequence[Baseline], known: Sequence[Baseline]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "target", "profile", "load", "mean", "spread", "instead of", "windows"):
        shown.add_column(heading, no_wrap=heading == "operation")
    for one in new:
        old = most_specific(known, one.operation, one.target, Driver.LOAD, one.profile)
        load = one.recorded.load if one.recorded else None
        shown.add_row(
            one.operation,
            one.target,
            one.profile,
            load.words if load else cells.NOTHING,
            f"{cells.seconds(one.value)} ±{one.tolerance:.0%}{'*' if one.tolerance_is_default else ''}",
            f"{one.spread:.1%}",
            cells.seconds(old.value) if old else "its budget alone",
            str(one.runs),
        )
    return shown


def _remark(settings: Settings, new: Sequence[Baseline]) -> str:
    """That alerts see little by windows that are few or spread; empty where they see enough."""
    z = budget_z(catalogue.operations(), settings)
    blind = [one for one in new if limits_of(one, z).threshold(Severity.WARNING, Rule.FAST) > LIVE.blind_factor]
    if not blind:
        return ""
    return (
        f"{len(blind)} of {len(new)} are for the verdicts of runs; an alert, of one window, sees nothing under "
        f"{LIVE.blind_factor:g}x by them ({LIST}). More windows, of a longer run (--duration) or of several (--result), on a "
        "quiet machine, show less.\n"
    )


def results_of(settings: Settings, profile: str | None, files: Sequence[Path]) -> list[Result]:
    """The runs in the files that were named, else the last one of the profile.

    Raises:
        ConfigurationError: a file is none, is of another profile, or neither was named.
        NoDataError: the profile has had no run.
    """
    if not files:
        if profile is None:
            raise ConfigurationError("name the profile whose last run it is (--profile low), or result files (--result FILE)")
        return [load_result.read(load_result.latest(settings.state.load_results, profile))]
    found = {run.run: run for run in map(load_result.read, files)}
    others = [run for run in found.values() if profile not in (None, run.profile)]
    if others:
        raise ConfigurationError(f"run {others[0].run} is of profile {others[0].profile or 'none'}, not of {profile}")
    return list(found.values())
