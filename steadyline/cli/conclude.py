"""How every command that judges ends: results in, shown in the format that was asked for, kept, and an exit code out.

A command that measured or read something in its own way makes one `Row` an operation (`run_rows.row`, or a `Row` of its own
with a verdict, limits and reason of `alerts.judgement.gate`), puts them into `Results`, and hands over::

    results = Results(
        made=ran.made(versions, again),  # or a Made of its own
        rows=worst_first(rows),
        unreachable=tuple(ran.unreachable),
        judging=Judging(fail_on, family, against="URL A", again=3, seconds_more=60.0),
    )
    conclude(settings, results, Outlet(form=form, out=out, as_json=as_json), told=["left out: ..."])

It does not come back. `judging.against` makes it a comparison: its text, its heading and its footer speak of what it was
held to. Where the exit code does not follow from the rows (a signal ended it), it stands in `results.exit_code` already.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from steadyline.baselines import write_whole
from steadyline.cli import informed, keeping, run_table
from steadyline.cli.operation_table import WIDE, terminal
from steadyline.cli.run_result import Results
from steadyline.cli.run_rows import Table
from steadyline.cli.verdicts import document, slow_machine
from steadyline.cli.verdicts import text as comparison
from steadyline.cli.verdicts.form import WRITERS, Form
from steadyline.errors import ConfigurationError
from steadyline.printable import printable
from steadyline.settings import Settings
from steadyline.severity import Severity

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where results go, beside the state folder.

    Attributes:
        form: how they are written.
        out: the file for that format; the text is shown then. None: it is shown on standard output itself.
        as_json: where all figures are written as well; `-` is standard output, and nothing else is shown there.
        also: further files' texts.
        verbose: show every judgement's reason.
    """

    form: Form = Form.TEXT
    out: Path | None = None
    as_json: Path | None = None
    also: Mapping[Path, str] = field(default_factory=dict)
    verbose: bool = False


def conclude(settings: Settings, results: Results, outlet: Outlet, *, told: Sequence[str] = ()) -> NoReturn:
    """Show, keep and exit.

    Args:
        settings: whose state folder keeps them.
        results: rows in the order that they are shown in.
        outlet: where they go.
        told: what no table says, a line each, for standard error.

    Raises:
        typer.Exit: always, with the exit code of DESIGN.md.
        ConfigurationError: a file could not be written; all was shown all the same.
    """
    results = informed.informed(settings, ended(results))
    faults = keep(settings, results) if results.rows else []
    faults += _files(results, outlet)
    show(results, outlet)
    said = Console(stderr=True, highlight=False)
    machine = slow_machine.told(results)
    beside = [f"{machine}."] if machine and not results.is_comparison else []
    for line in (*told, *beside, *informed.told(results), *keeping.kept(settings, results)):
        said.print(printable(line), soft_wrap=True, markup=False)
    if faults:
        raise ConfigurationError(faults)
    raise typer.Exit(results.exit_code or 0)


def ended(results: Results) -> Results:
    """With the exit code that follows from the rows, where none is said yet."""
    if results.exit_code is not None:
        return results
    fail_on = results.judging.fail_on if results.judging else Severity.WARNING
    return replace(results, exit_code=Table(results.rows, results.unreachable).exit_code(fail_on))


def keep(settings: Settings, results: Results) -> list[str]:
    """Put the results where `report` finds them: the one place where anything that was judged is kept.

    Returns:
        Why it could not be.
    """
    return written(settings.state.results, document.write(results))


def show(results: Results, outlet: Outlet) -> None:
    """On standard output: the format, unless it goes to a file; a table for people otherwise."""
    if outlet.as_json == STANDARD_OUTPUT:
        typer.echo(document.write(results), nl=False)
    elif outlet.form is not Form.TEXT and outlet.out is None:
        typer.echo(WRITERS[outlet.form](results), nl=False)
    else:
        draw(results, terminal(), verbose=outlet.verbose)


def draw(results: Results, out: Console, *, verbose: bool = False) -> None:
    """The text: of a comparison its verdicts; of a run its numbers, and how costs grow."""
    if results.is_comparison:
        comparison.draw(results, out)
    elif results.rows:
        out.print(run_table.table(results.rows, out.width))
    for growth in results.growths:
        out.print(run_table.growth_line(growth), soft_wrap=True, markup=False)
    if verbose:
        for row in results.rows:
            out.print(printable(f"{row.operation}: {row.source}; {row.reason}"), soft_wrap=True, markup=False, style="dim")


def _files(results: Results, outlet: Outlet) -> list[str]:
    files = dict(outlet.also)
    if outlet.as_json not in (None, STANDARD_OUTPUT):
        files[outlet.as_json] = document.write(results)
    if outlet.out is not None:
        files[outlet.out] = _drawn(results) if outlet.form is Form.TEXT else WRITERS[outlet.form](results)
    return [fault for path, text in files.items() for fault in written(path, text)]


def _drawn(results: Results) -> str:
    """The text for a file: wide, and without colours."""
    out = Console(width=WIDE, highlight=False, color_system=None)
    with out.capture() as captured:
        draw(results, out)
    return captured.get()


def can_be_files(*paths: Path | None) -> None:
    """See it before anything is measured for them; whether there is room shows when they are written.

    Raises:
        ConfigurationError: a folder lies in such a place, or something that is none on the way there.
    """
    faults = []
    for path in paths:
        if path is None or path == STANDARD_OUTPUT:
            continue
        way = next((one for one in path.parents if os.path.lexists(one)), path)
        if path.is_dir():
            faults.append(f"{path}: cannot be written: Is a directory")
        elif way != path and not way.is_dir():
            faults.append(f"{path}: cannot be written: Not a directory")
    if faults:
        raise ConfigurationError(faults)


def written(path: Path, text: str) -> list[str]:
    """Write a file: in one step where it is a file; a device, a pipe and what a link leads to are written to, not replaced.

    Returns:
        Why it could not be; what was measured is shown all the same.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text)
    except OSError as error:
        return [f"{path}: cannot be written: {error.strerror}"]
    return []
