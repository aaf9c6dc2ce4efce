"""`steadyline operations`: what the catalogue holds, and what of it runs against which target."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import known_baselines
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.vocabulary import Driver


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one target, as `--json` prints it."""

    operation: str
    backend: str
    target: str
    suite: str
    tells: str
    items: int
    writes: bool
    runs: bool
    phases: tuple[str, ...]
    probe_every_seconds: float | None
    budget_seconds: float
    baseline_seconds: float | None
    tolerance: float | None
    source: str


def rows(settings: Settings) -> list[Row]:
    """The catalogue over the settings' targets."""
    baselines = known_baselines(settings.state)
    return [
        _row(operation, alias, target.allow_writes, most_specific(baselines, operation.name, alias, Driver.PROBE))
        for backend in catalogue.backends()
        for alias, target in settings.targets_of(backend).items()
        for operation in catalogue.operations([backend]).values()
    ]


def _row(operation: Operation, alias: str, allow_writes: bool, baseline: Baseline | None) -> Row:
    return Row(
        operation=operation.name,
        backend=operation.backend,
        target=alias,
        suite=operation.suite,
        tells=operation.tells,
        items=operation.items,
        writes=operation.writes,
        runs=allow_writes or not operation.writes,
        phases=tuple(catalogue.MODULES[operation.backend].phases),
        probe_every_seconds=operation.probe_every_seconds,
        budget_seconds=operation.budget_seconds,
        baseline_seconds=baseline.seconds_per_call(operation.items) if baseline else None,
        tolerance=baseline.tolerance if baseline else None,
        source=baseline.source if baseline else "none: judged by its budget alone",
    )


def _table(found: list[Row]) -> Table:
    table = Table(title="Operations", expand=True)
    for heading in ("operation", "target", "every", "writes", "phases", "baseline", "budget", "what it tells you"):
        table.add_column(heading, no_wrap=heading in ("operation", "writes"))
    for row in found:
        every = f"{row.probe_every_seconds:g} s" if row.probe_every_seconds else "-"
        baseline = f"{row.baseline_seconds * 1000:g} ms ±{row.tolerance or 0:.0%}" if row.baseline_seconds else "-"
        facts = (row.operation, row.target, every, _guard(row), _phases(row), baseline, f"{row.budget_seconds:g} s", row.tells)
        table.add_row(*facts, style=None if row.runs else "dim")
    return table


def _guard(row: Row) -> str:
    """What the write guard says of it."""
    if not row.writes:
        return "no"
    return "yes" if row.runs else "[yellow]left out[/]"


def _phases(row: Row) -> str:
    return ", ".join(phase.replace("_", " ") for phase in row.phases) or "-"


def operations(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """List every operation: how often it is probed, its baseline and budget, and what its number tells you.

    A writing operation is left out where the target is read-only; give the target allow_writes to run it. Phases are the
    parts of a call that the client shows: connect, first byte, transfer.
    """
    found = rows(settings_module.load(os.environ))
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2))
    else:
        Console().print(_table(found))
