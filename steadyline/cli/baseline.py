"""`steadyline baseline`: record, list and remove the lines that the operations are held to."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from alerts.judgement.gate import MINIMUM_RUNS
from alerts.judgement.judged import budget_z
from alerts.judgement.limits import Rule, limits_of
from alerts.prometheus import Prometheus
from alerts.record import baseline as recording
from alerts.record.runs import Scheduled
from deploy.native.interruption import interruptible
from steadyline import catalogue, durations
from steadyline import settings as settings_module
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import known_baselines, load_recorded, load_sourced, save_recorded
from steadyline.cli import baseline_bench, baseline_record, baseline_rows, cells
from steadyline.cli import run_options as options
from steadyline.cli.applied import apply, spread
from steadyline.cli.baseline_record import Recording, Taken
from steadyline.cli.operation_table import terminal
from steadyline.errors import ConfigurationError, NoDataError, UnreachableError
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import RUN_MEAN, Driver

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
MOST_RUNS = LIVE.recommended_baseline_runs
LOOK_SECONDS = 1.0

app = typer.Typer(help="The lines that the operations are held to.", no_args_is_help=True)

Target = Annotated[str | None, typer.Option("--target", help="Alias of a target. Default: every one.")]


@app.command()
def record(  # noqa: PLR0917 - Typer calls it by name
    operation: Annotated[str, typer.Option(help="Name or glob, such as 'sql.*'.")] = "*",
    target: Target = None,
    runs: Annotated[
        int | None, typer.Option(min=LIVE.minimum_baseline_runs, max=MOST_RUNS, help="Runs to wait for. Default: 20.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=MINIMUM_RUNS, help="Measure now, in so many rounds of the suite runner, for compare.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="With --rounds: stress and scalability too.")] = False,
    from_prometheus: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Take what Prometheus holds of the last SPAN (1h) instead of waiting.")
    ] = None,
) -> None:
    """Give operations a baseline of their own: from the exporter's own schedule, or with --rounds from the suite runner.

    Those of the schedule are for the alerts, those of the runner for `compare` and `run`; neither judges the other.

    A run is 15 attempts: 30 s at a cadence of 2 s, 150 s at 10 s; all operations run side by side. Runs with too few
    attempts, with failures or slowed by `steadyline regress` do not count. 120 runs see far smaller slowdowns than 20.
    The rules are made anew, Prometheus and the exporter read them at once. Ctrl-C records nothing; what ran until then
    stays in Prometheus, for --from-prometheus.
    """
    if sum(one is not None for one in (runs, rounds, from_prometheus)) > 1:
        raise ConfigurationError(
            "--runs waits for the exporter's runs, --from-prometheus takes those there were, --rounds measures now; give one"
        )
    settings = settings_module.load(os.environ)
    if rounds is not None:
        baseline_bench.record(settings, options.wanted(False, False, False, every, operation, None, target), rounds)
        return
    recorder = Recording(settings, Prometheus(settings.prometheus))
    before = load_recorded(settings.state.baselines)
    selected = recorder.select(operation, target)
    recorder.look_for_faults()
    if from_prometheus is None:
        recorder.refuse_slowed(selected)
        taken = _waited(recorder, selected, runs or LIVE.minimum_baseline_runs)
    else:
        span = durations.parse(from_prometheus)
        taken = recorder.take(selected, recorder.now() - span, recorder.now(), past=True)
    _keep(settings, before, taken)


@app.command("list")
def listed(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """Every operation and target: what judges it, where that is from, and how small a slowdown it shows."""
    settings = settings_module.load(os.environ)
    found = baseline_rows.rows(settings, known_baselines(settings.state), _present(Prometheus(settings.prometheus)))
    if as_json:
        typer.echo(json.dumps(baseline_rows.as_json(found), indent=2))
        return
    console = terminal()
    console.print(baseline_rows.table(found, console.width))
    console.print(baseline_rows.LEGEND, style="dim")


@app.command()
def remove(
    operation: Annotated[str, typer.Argument(help="Its full name.")],
    target: Target = None,
) -> None:
    """Forget a recorded baseline: the sourced one judges again, or the budget alone."""
    settings = settings_module.load(os.environ)
    before = load_recorded(settings.state.baselines, unknown_too=True)
    gone = [one for one in before if one.operation == operation and target in (None, one.target)]
    if not gone:
        there = ", ".join(sorted({f"{one.operation} on {one.target}" for one in before})) or "none"
        raise ConfigurationError(f"{operation}{f' on {target}' if target else ''}: no recorded baseline; there is {there}")
    kept = [one for one in before if one not in gone]
    save_recorded(settings.state.baselines, kept)
    left = (*load_sourced(), *kept)
    out = Console(highlight=False)
    for one in gone:
        now = most_specific(left, one.operation, one.target, Driver.PROBE)
        known = "its budget alone" if operation in catalogue.operations() else "nothing: there is no such operation any more"
        judge = f"{cells.seconds(_seconds(now))} ({now.source})" if now else known
        out.print(
            f"{one.operation} on {one.target}: removed {cells.seconds(one.value)}; now judged by {judge}", soft_wrap=True
        )
    _tell(spread(settings))


def _waited(recorder: Recording, selected: list[Scheduled], wanted_runs: int) -> list[Taken]:
    """Wait for the runs from now on, with the time left; Ctrl-C records nothing."""
    console = Console(stderr=True, highlight=False)
    start = recorder.now()
    with interruptible():
        try:
            console.print(_announced(selected, wanted_runs), soft_wrap=True)
            _wait(recorder, selected, start, wanted_runs, console)
        except KeyboardInterrupt:
            elapsed = max(1, int((recorder.now() - start) // 60))
            console.print(
                f"Stopped: nothing was recorded. What ran is in Prometheus: "
                f"steadyline baseline record --from-prometheus {elapsed}m",
                soft_wrap=True,
            )
            raise typer.Exit(INTERRUPTED) from None
    recorder.look_for_faults()
    return recorder.take(selected, start, recorder.now(), past=False)


def _announced(selected: list[Scheduled], wanted_runs: int) -> str:
    """How many operations and runs, and how long that takes."""
    lengths = sorted(Counter(one.run_seconds for one in selected).items())
    told = ", ".join(f"{count} with runs of {length:g} s" for length, count in lengths)
    needed = durations.spoken(baseline_record.seconds_needed(selected, wanted_runs))
    return f"Recording {len(selected)} operations ({told}): {wanted_runs} runs of each take {needed}."


def _wait(recorder: Recording, selected: list[Scheduled], start: float, wanted_runs: int, console: Console) -> None:
    needed = baseline_record.seconds_needed(selected, wanted_runs)
    at_most = baseline_record.seconds_at_most(selected, wanted_runs)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True), TextColumn("left"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("recording", total=needed)
        while (elapsed := recorder.now() - start) < at_most:
            progress.update(task, completed=elapsed)
            if elapsed >= needed:
                if recorder.enough(selected, start, wanted_runs):
                    break
                progress.update(task, total=at_most, description="waiting for runs that did not count")
                time.sleep(LIVE.scrape_seconds)
            time.sleep(LOOK_SECONDS)


def _keep(settings: Settings, before: tuple[Baseline, ...], taken: list[Taken]) -> None:
    """Keep and apply what was recorded, show it, and raise what was refused."""
    new = [one.baseline for one in taken if one.baseline]
    if new:
        known = known_baselines(settings.state)
        faults = apply(settings, recording.replacing(before, new))
        console = terminal()
        console.print(_table(settings, taken, known))
        console.print(_remarks(settings, new), style="dim")
        _tell(faults)
    refused = [one.refused for one in taken if one.refused]
    if refused:
        raise NoDataError("\n".join(f"not recorded: {why}" for why in refused))


def _table(settings: Settings, taken: Iterable[Taken], known: tuple[Baseline, ...]) -> Table:
    z = budget_z(catalogue.operations(), settings)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "target", "mean", "spread", "shows (fast / slow)", "instead of", "runs"):
        shown.add_column(heading, no_wrap=heading == "operation")
    for one in taken:
        if one.baseline is None:
            continue
        shown.add_row(
            one.of.operation,
            one.of.target,
            f"{cells.seconds(one.baseline.value)} ±{one.baseline.tolerance:.0%}"
            + ("*" if one.baseline.tolerance_is_default else ""),
            f"{one.baseline.spread:.1%}",
            baseline_rows.limits_steps(limits_of(one.baseline, z)),
            _replaced(most_specific(known, one.of.operation, one.of.target, Driver.PROBE)),
            f"{len(one.sifted.kept)}" + (f" ({one.sifted.note})" if one.sifted.note else ""),
        )
    return shown


def _remarks(settings: Settings, new: list[Baseline]) -> str:
    """What the columns mean, and what is to be known of spreads that are very small or very large."""
    z = budget_z(catalogue.operations(), settings)
    told = [baseline_rows.SHOWS]
    if any(one.spread < LIVE.spread_floor for one in new):
        told.append(f"a spread under {LIVE.spread_floor:.0%} is kept as measured and judged as {LIVE.spread_floor:.0%}")
    if any(limits_of(one, z).threshold(Severity.WARNING, Rule.SLOW) > LIVE.blind_factor for one in new):
        told.append(
            f"a baseline that shows nothing under {LIVE.blind_factor:g}x was recorded while the machine was busy: "
            "record it again when it is quiet"
        )
    return "; ".join(told) + "."


def _replaced(old: Baseline | None) -> str:
    if old is None:
        return "its budget alone"
    return f"{cells.seconds(_seconds(old))} {'sourced' if old.is_sourced else 'recorded'}"


def _seconds(baseline: Baseline) -> float:
    return baseline.seconds_per_call(catalogue.operations()[baseline.operation].items)


def _present(prometheus: Prometheus) -> dict[tuple[str, str], float]:
    """The mean of each operation's last run; none where Prometheus does not answer: the list is of use without it."""
    try:
        found = prometheus.query(f'{RUN_MEAN.name}{{driver="{Driver.PROBE}"}}')
    except UnreachableError:
        return {}
    return {(one.labels["operation"], one.labels["target"]): one.value for one in found if one.value > 0}


def _tell(faults: Iterable[str]) -> None:
    console = Console(stderr=True, highlight=False)
    for fault in faults:
        console.print(f"[yellow]steadyline:[/] {fault}", soft_wrap=True)
