"""Recording from the exporter's schedule as one sees it: the wait with the time left, and what was recorded."""

import time
from collections import Counter
from collections.abc import Iterable

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from alerts.judgement.judged import budget_z
from alerts.judgement.limits import Rule, limits_of
from alerts.record.runs import Scheduled
from deploy.native.interruption import INTERRUPTED, interruptible
from steadyline import catalogue, durations
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import known_baselines
from steadyline.cli import baseline_record, baseline_rows, cells
from steadyline.cli.baseline_place import Place
from steadyline.cli.baseline_record import Recording, Taken
from steadyline.cli.operation_table import terminal
from steadyline.errors import NoDataError
from steadyline.live import LIVE
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import Driver

LOOK_SECONDS = 1.0


def waited(recorder: Recording, selected: list[Scheduled], wanted_runs: int) -> list[Taken]:
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


def keep(settings: Settings, kept: Place, taken: list[Taken]) -> None:
    """Show what was recorded, keep and apply it, and raise what was refused."""
    new = [one.baseline for one in taken if one.baseline]
    if new:
        known = known_baselines(settings.state)
        console = terminal()
        console.print(_table(settings, taken, known))
        console.print(_remarks(settings, new), style="dim")
        faults = kept.keep(new)
        console.print(kept.remark, style="dim", soft_wrap=True, end="\n" if kept.remark else "")
        tell(faults)
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
    if any(one.runs and one.runs < LIVE.recommended_baseline_runs for one in new):
        told.append(
            f"fewer than {LIVE.recommended_baseline_runs} runs know the spread badly, and false warnings may be more than the "
            f"budget has (docs/judgement.md): --runs {LIVE.recommended_baseline_runs}"
        )
    return "; ".join(told) + "."


def _replaced(old: Baseline | None) -> str:
    if old is None:
        return "its budget alone"
    return f"{cells.seconds(seconds_of(old))} {'sourced' if old.is_sourced else 'recorded'}"


def seconds_of(baseline: Baseline) -> float:
    """The baseline per call."""
    return baseline.seconds_per_call(catalogue.operations()[baseline.operation].items)


def tell(faults: Iterable[str]) -> None:
    """Say what did not take the new baselines."""
    console = Console(stderr=True, highlight=False)
    for fault in faults:
        console.print(f"[yellow]steadyline:[/] {fault}", soft_wrap=True)
