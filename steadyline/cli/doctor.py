"""`steadyline doctor`: what is wrong with a stack, and what to do about it."""

import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.doctor.asking import SECONDS, Patience
from deploy.doctor.examination import Examination, examine
from deploy.doctor.finding import WORST_FIRST, Finding, Health
from deploy.doctor.scene import look
from steadyline.cli.operation_table import terminal

SIGNS = {
    Health.FAULT: ("✗", "bold red"),
    Health.WARNING: ("!", "yellow"),
    Health.UNKNOWN: ("?", "dim"),
    Health.OK: ("✓", "green"),
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs (docs/doctor.md).")] = False,
    fix_hints: Annotated[
        bool, typer.Option("--fix-hints", help="Only what to do, the worst first: a list to work through.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=0.1, metavar="SECONDS", help="How long all checks may wait, side by side."),
    ] = SECONDS,
) -> None:
    """Find what is wrong with a stack, and say how to mend it; it changes nothing, and ends within ten seconds.

    Settings, versions, processes, ports, clocks, who can be reached, scrapes, rules, whether alerts reach somebody,
    baselines, operations, the exporter, disk and secrets. It can be asked when nothing runs, and when settings are broken.

    Exit code 0: all well, warnings are said; 1: a fault; 2: the settings cannot be read; 3: nothing runs; 4: the only
    faults are hosts that do not answer.
    """
    console = terminal()
    with Console(stderr=True).status("examining …"):
        scene = look(os.environ, Path.cwd(), Patience(timeout))
        found = examine(scene)
    if as_json:
        typer.echo(json.dumps(found.document(), indent=2))
    else:
        for part in _hints(found) if fix_hints else _shown(found):
            console.print(part)
    raise typer.Exit(found.exit_code)


def _shown(found: Examination) -> Iterator[RenderableType]:
    """A table for each subject, the cure under what needs one; then what it comes to."""
    for subject, checked in groupby(found.checked, key=lambda one: one.subject):
        table = Table(box=None, pad_edge=False, show_header=False, title=subject, title_justify="left", title_style="bold")
        table.add_column(width=1)
        table.add_column(no_wrap=True, style="dim", min_width=18)
        table.add_column(overflow="fold")
        for one in checked:
            sign, style = SIGNS[one.finding.health]
            table.add_row(Text(sign, style), one.check, _told(one.finding, style))
        yield table
    yield Text(", ".join(f"{count} {word}" for word, count in found.counts.items() if count), SIGNS[found.health][1])
    if found.nothing_runs:
        yield Text("Nothing runs: steadyline up starts the stack.", "bold")


def _told(finding: Finding, style: str) -> Text:
    text = Text(finding.found, style if finding.health in (Health.FAULT, Health.WARNING) else "")
    return text.append(f"\n→ {finding.cure}", "not bold default") if finding.cure else text


def _hints(found: Examination) -> Iterator[RenderableType]:
    """What to do, numbered, the worst first."""
    ill = [one for one in found.checked if one.finding.cure]
    ill.sort(key=lambda one: WORST_FIRST.index(one.finding.health))
    for number, one in enumerate(ill, start=1):
        sign, style = SIGNS[one.finding.health]
        text = Text(f"{number}. ").append(f"{sign} {one.subject}: {one.finding.found}\n", style)
        yield text.append(f"   → {one.finding.cure}", "not bold default")
    if not ill:
        yield Text("Nothing to mend.", "green")
