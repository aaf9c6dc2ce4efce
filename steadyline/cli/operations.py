"""`steadyline operations`: what the catalogue holds, and what of it runs against which target."""

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baseline import Baseline, most_specific
from steadyline.baselines import known_baselines
from steadyline.cli import cells
from steadyline.cli.operation_table import terminal
from steadyline.durations import spoken
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation
from steadyline.settings import Settings
from steadyline.vocabulary import Driver

WITH_TELLS = 150
"""Characters of a terminal in which a sentence or two stand beside each operation."""
COLUMNS = (("operation", 26), ("every", 6), ("writes", 8), ("baseline", 12), ("budget", 6))
"""Headings, and characters that each keeps: so the tables stand under each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one target, as `--json` prints it; `source` is the baseline's, `defined_in` the operation's."""

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
    defined_in: str


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
        defined_in=catalogue.defined_in(operation),
    )


def _heading(row: Row) -> Text:
    """What holds for all operations of a backend on a target."""
    phases = ", ".join(phase.replace("_", " ") for phase in row.phases)
    facts = f"phases {phases}" if phases else "its client shows no phases"
    return Text.assemble((f"{row.backend} on {row.target}", "bold"), f"  {facts}")


def _table(group: list[Row], *, with_tells: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, narrowest in COLUMNS:
        table.add_column(heading, no_wrap=True, min_width=narrowest)
    if with_tells:
        table.add_column("what it tells you")
    for row in group:
        tells = [row.tells] if with_tells else []
        table.add_row(*_facts(row), *tells, style=None if row.runs else "dim")
    return table


def _facts(row: Row) -> tuple[str, ...]:
    every = spoken(row.probe_every_seconds) if row.probe_every_seconds else "-"
    baseline = f"{cells.seconds(row.baseline_seconds)} ±{row.tolerance or 0:.0%}" if row.baseline_seconds else "-"
    budget = cells.seconds(row.budget_seconds) if row.budget_seconds < 1 else spoken(row.budget_seconds)
    return row.operation, every, _guard(row), baseline, budget


def _guard(row: Row) -> str:
    """What the write guard says of it."""
    if not row.writes:
        return "no"
    return "yes" if row.runs else "[yellow]left out[/]"


def _shown(found: list[Row], width: int) -> Iterator[RenderableType]:
    """A table for each backend and target; words on each operation where there is room, or where one alone is asked for."""
    for _, rows_there in itertools.groupby(found, key=lambda row: (row.backend, row.target)):
        group = list(rows_there)
        yield _heading(group[0])
        yield _table(group, with_tells=width >= WITH_TELLS)
        if width < WITH_TELLS and len(found) == 1:
            yield Text(found[0].tells)
        if len(found) == 1:
            yield Text(f"written in {found[0].defined_in}", "dim")
        yield Text("")
    if width < WITH_TELLS and len(found) > 1:
        yield Text(f"What one of them tells you: steadyline operations {found[0].operation}", "dim")


def _fitting(found: list[Row], pattern: str) -> list[Row]:
    if not found:
        raise ConfigurationError(
            "no target is named: embedded is false, and nothing stands under targets; "
            "name yours in steadyline.toml (docs/your-own-system.md), or leave embedded out"
        )
    fitting = [row for row in found if fnmatchcase(row.operation, pattern)]
    if not fitting:
        raise ConfigurationError(f"no operation is called {pattern}; steadyline operations lists all")
    return fitting


def operations(
    operation: Annotated[str, typer.Argument(help="Its name or a glob, such as 's3.*'.")] = "*",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, for programs.")] = False,
) -> None:
    """List every operation: how often it is probed, its baseline and budget, and what its number tells you.

    A writing operation is left out where the target is read-only; give the target allow_writes to run it. Phases are the
    parts of a call that the client shows: connect, first byte, transfer.
    """
    found = _fitting(rows(settings_module.load(os.environ)), operation)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2))
        return
    console = terminal()
    console.print(Group(*_shown(found, console.width)))
