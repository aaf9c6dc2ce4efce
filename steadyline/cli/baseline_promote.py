"""`steadyline baseline promote`: what a reviewed file holds, or what was measured last, becomes what judges."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from alerts.record import bench, slowed
from alerts.record.baseline import Circumstances, Slowed, tolerance
from steadyline import catalogue, provenance
from steadyline import settings as settings_module
from steadyline.baseline import GATE_RUNS, Baseline
from steadyline.baselines import default_tolerance, known_baselines, load_sourced
from steadyline.cli import run_options as options
from steadyline.cli import run_result
from steadyline.cli.baseline_diff import against_present
from steadyline.cli.baseline_place import named, place
from steadyline.cli.baseline_screen import tell
from steadyline.cli.compare_ab import DRIVER as PAIRS
from steadyline.cli.operation_table import terminal
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Row
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

PREVIOUS = ".previous"
"""After the name of the file of recorded baselines: what it was before the last promotion."""
LAST_RUN = "the last run"
_NOT_THE_RUNNERS = {
    PAIRS: "of compare --ab, two sides of which neither judges here; measure what shall: steadyline run, then promote",
    Driver.PROBE: "of compare --against live, the exporter's runs; steadyline baseline record --from-prometheus 2h takes them",
}
"""Results that `promote` does not take, by what asked."""
Key = tuple[str, str, str, str]
_LEAST_RUNS = {Driver.PROBE: LIVE.minimum_baseline_runs, Driver.BENCH: GATE_RUNS, Driver.LOAD: GATE_RUNS}


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to promote.

    Attributes:
        new: baselines.
        refused: a sentence for each operation that gives none.
        failing: what was worse than it was held to, and how, by the key of the baseline.
    """

    new: Sequence[Baseline]
    refused: Sequence[str] = ()
    failing: Mapping[Key, str] = field(default_factory=dict)


def promote(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Default: what run or compare measured last.")] = None,
    operation: options.Pattern = options.EVERYTHING,
    other_host: options.OtherHost = False,
) -> None:
    """Let the baselines of a file take the place of the recorded ones of the same operation, target, driver and profile.

    Shown is first how they differ from what judges now; what the file does not name stays. The rules are made anew, as after
    record. The file that judged until now is kept beside the new one, with .previous after its name.
    """
    settings = settings_module.load(os.environ)
    kept = place(settings, None)
    found = Found(named(file)) if file else _of_last_run(settings)
    new = [one for one in found.new if fnmatchcase(one.operation, operation)]
    if not new:
        what = "" if operation == options.EVERYTHING else f" of {operation}"
        raise NoDataError("\n".join(found.refused) or f"{file or LAST_RUN}: no baseline{what} to promote")
    if file:
        _refuse(file, new, other_host=other_host)
    if failing := [f"{one.operation} on {one.target} {found.failing[one.key]}" for one in new if one.key in found.failing]:
        tell([f"{LAST_RUN} failed: {', '.join(failing)}; what is promoted is held to these times, as if they were right"])
    against_present(known_baselines(settings.state), str(file or LAST_RUN), new).of_second.print(terminal())
    judging = settings.state.baselines
    faults = kept.keep(new, previous=judging.with_name(judging.name + PREVIOUS))
    Console(highlight=False).print(f"{_counted(len(new))} from now on.", soft_wrap=True)
    tell([*faults, *found.refused])


def _counted(baselines: int) -> str:
    return "1 baseline judges" if baselines == 1 else f"{baselines} baselines judge"


def _refuse(file: Path, new: Sequence[Baseline], *, other_host: bool) -> None:
    """What cannot judge, or not here.

    Raises:
        ConfigurationError: some were recorded elsewhere, and nobody said that this is meant; or over too few runs.
    """
    faults = [
        f"{file}: {one.operation} on {one.target}, driver {one.driver}: {one.runs} runs, and it needs {least}; record more"
        for one in new
        if (one.runs or 0) < (least := _LEAST_RUNS[one.driver])
    ]
    here = provenance.host()
    elsewhere = [one for one in new if one.recorded and one.recorded.host != here]
    if elsewhere and not other_host:
        host = elsewhere[0].recorded.host if elsewhere[0].recorded else provenance.UNKNOWN
        faults.append(
            f"{file}: {len(elsewhere)} of {len(new)} baselines were recorded on another host ({elsewhere[0].operation}: "
            f"{host}; this is {here}); record them here, or say --other-host"
        )
    if faults:
        raise ConfigurationError(faults)


def _of_last_run(settings: Settings) -> Found:
    """The baselines of what the suite runner measured last.

    Raises:
        NoDataError: nothing was measured yet.
        ConfigurationError: its file is broken, of another host, or of what the runner did not measure by itself.
    """
    results = _last_results(settings.state.results)
    spans = slowed.noted(settings.state.regressions)
    fail_on = results.judging.fail_on if results.judging else Severity.WARNING
    new, refused, failing = [], [], {}
    for row in results.rows:
        why = _why_not(row, results, spans)
        if why:
            refused.append(f"not promoted: {why}")
            continue
        new.append(_baseline(row, results))
        if row.fails(fail_on):
            failing[new[-1].key] = f"is {row.severity}"
    return Found(new, refused, failing)


def _last_results(path: Path) -> Results:
    try:
        results = run_result.read(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise NoDataError("nothing was measured yet: steadyline run, or name a file") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 (byte {error.start})") from None
    if why := _NOT_THE_RUNNERS.get(results.made.driver):
        raise ConfigurationError(f"{path}: {why}")
    if results.made.host != provenance.host():
        raise ConfigurationError(f"{path}: measured on another host ({results.made.host}); measure here: steadyline run")
    return results


def _why_not(row: Row, results: Results, spans: Sequence[Slowed]) -> str:
    if row.operation not in catalogue.operations():
        return f"{row.operation} on {row.target}: there is no such operation any more"
    if any(_overlaps(span, results) for span in spans if (span.operation, span.target) == (row.operation, row.target)):
        return f"{row.operation} on {row.target} was being slowed by steadyline regress"
    return bench.refusal(row.operation, row.target, row.run_means, row.failures)


def _overlaps(span: Slowed, results: Results) -> bool:
    began = datetime.fromisoformat(results.made.started).timestamp()
    ended = datetime.fromisoformat(results.made.ended or results.made.started).timestamp()
    return span.start < ended and began < span.end


def _baseline(row: Row, results: Results) -> Baseline:
    key = (row.operation, row.target)
    return bench.baseline(
        *key, row.run_means, row.n, tolerance(key, load_sourced(), default_tolerance(), Driver.BENCH), _facts(row, results)
    )


def _facts(row: Row, results: Results) -> Circumstances:
    made = results.made
    return Circumstances(
        at=made.ended or made.started,
        host=made.host,
        revision=made.revision,
        quantiles=dict(_quantiles(row)),
        edges=(),
        versions=made.versions,
        operation_version=row.operation_version,
    )


def _quantiles(row: Row) -> Iterator[tuple[str, float]]:
    for name, value in (("0.5", row.p50), ("0.95", row.p95), ("0.99", row.p99)):
        if value is not None:
            yield name, value
