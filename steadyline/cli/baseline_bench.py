"""`steadyline baseline record --rounds`: baselines of the gate, from the suite runner's own rounds."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from alerts.record import bench, slowed
from alerts.record.baseline import Circumstances, replacing, tolerance
from runner.choice import Wanted, choose
from runner.effort import THOROUGH
from runner.measured import Measured
from steadyline import catalogue, provenance
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import default_tolerance, known_baselines, load_recorded, load_sourced, save_recorded
from steadyline.cli import cells
from steadyline.cli.measuring import Order, Ran, measure, new_seed
from steadyline.cli.operation_table import terminal
from steadyline.cli.run import SIGNALLED
from steadyline.cli.run_screen import Screen
from steadyline.edges import own_edges, with_ladder
from steadyline.errors import NoDataError
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

QUANTILES = (0.5, 0.95, 0.99)


def record(settings: Settings, wanted: Wanted, rounds: int) -> None:
    """Measure, and keep what came of it; broken off it records nothing.

    Raises:
        NoDataError: some got no baseline; the others are kept.
    """
    before = load_recorded(settings.state.baselines)
    known = known_baselines(settings.state)
    choice = choose(catalogue.operations(), settings, wanted)
    order = Order(choice, replace(THOROUGH, rounds=rounds), new_seed(), known)
    console = Console(stderr=True, highlight=False)
    ran = measure(settings, order, Screen(console))
    if ran.signal:
        console.print("Stopped: nothing was recorded.")
        raise typer.Exit(SIGNALLED + ran.signal)
    refused = [f"no answer: {sentence}" for sentence in ran.unreachable]
    new: list[Baseline] = []
    spans = slowed.noted(settings.state.regressions)
    on_purpose = {(one.operation, one.target) for one in spans if one.start < ran.ended and ran.started < one.end}
    for measured in ran.measured:
        name, alias = measured.chosen.key
        why = bench.refusal(name, alias, measured.run_means, measured.failed)
        if measured.chosen.key in on_purpose:
            why = f"{name} on {alias} was being slowed by steadyline regress; record it when that is over"
        if why:
            refused.append(f"not recorded: {why}")
        else:
            new.append(_baseline(measured, ran))
    if new:
        save_recorded(settings.state.baselines, replacing(before, new))
        terminal().print(_table(new, known))
    if refused:
        raise NoDataError("\n".join(refused))


def _baseline(measured: Measured, ran: Ran) -> Baseline:
    operation, alias = measured.chosen.operation, measured.chosen.alias
    tolerated = tolerance(measured.chosen.key, load_sourced(), default_tolerance(), Driver.BENCH)
    quantiles = {f"{fraction:g}": value for fraction in QUANTILES if (value := measured.quantile(fraction))}
    facts = Circumstances(
        at=datetime.fromtimestamp(ran.ended, UTC).isoformat(timespec="seconds"),
        host=provenance.host(),
        revision=provenance.revision(Path.cwd()),
        quantiles=quantiles,
        edges=with_ladder(own_edges(measured.mean_seconds, tolerated[0], (operation.budget_seconds,))),
        versions=provenance.versions(operation.backend),
    )
    return bench.baseline(operation.name, alias, measured.run_means, len(measured.seconds), tolerated, facts)


def _table(new: list[Baseline], known: tuple[Baseline, ...]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "target", "mean", "spread", "instead of", "rounds"):
        shown.add_column(heading, no_wrap=heading == "operation")
    for one in new:
        old = most_specific(known, one.operation, one.target, Driver.BENCH)
        items = catalogue.operations()[one.operation].items
        shown.add_row(
            one.operation,
            one.target,
            f"{cells.seconds(one.value)} ±{one.tolerance:.0%}{'*' if one.tolerance_is_default else ''}",
            f"{one.spread:.1%}",
            cells.seconds(old.seconds_per_call(items)) if old else "its budget alone",
            str(one.runs),
        )
    return shown
