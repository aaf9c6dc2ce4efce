"""`steadyline trend`: how operations went from run to run, and since which revision they take another time."""

import difflib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from alerts.history.changes import FEWEST, Change, changes_of, ruptures
from alerts.history.series import Series, current, series_of
from alerts.history.store import History
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.cli import cells, columns
from steadyline.cli.operation_table import terminal
from steadyline.cli.sparkline import sparkline
from steadyline.cli.trend_picture import picture
from steadyline.durations import parse
from steadyline.errors import ConfigurationError, NoDataError
from steadyline.printable import printable
from steadyline.vocabulary import Driver

FORMAT = 1
"""Version of what `--json` writes."""
BARS = 40
"""Characters of a line of bars at most."""


class By(StrEnum):
    """Which driver measured."""

    PROBE = Driver.PROBE
    LOAD = Driver.LOAD
    BENCH = Driver.BENCH


Changes = Mapping[Series, tuple[Change, ...] | None]
"""The change points of each series; None where nothing could look for them."""


def trend(
    operation: Annotated[
        str | None, typer.Argument(help="Its full name, for the detail; all, a line each, without it.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", help="On the target of this alias alone.")] = None,
    driver: Annotated[By | None, typer.Option("--driver", help="As this driver measured it.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="SPAN", help="Of runs not older than this, such as 30d.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show how operations went over all runs that were kept, with the change points and the revisions they lie between.

    Only runs of one host, driver, load and version of the operation are one series. Exit codes: 0 shown, 2 usage or settings,
    3 no such run was kept, 4 the history's database did not answer.
    """
    settings = settings_module.load(os.environ)
    history = History(settings)
    oldest = time.time() - parse(since) if since else None
    damaged: list[str] = []
    found = series_of(history.runs(operation=operation, target=target, driver=driver, since=oldest, damaged=damaged))
    if not found:
        nothing = _nothing(history.place, operation=operation, target=target, driver=driver, since=since)
        raise NoDataError("".join([nothing, _near(history, operation), *(f"; {one}" for one in _left_out(history, damaged))]))
    changes, missing = _changes(found)
    if as_json:
        document = {"format": FORMAT, "series": [_plain(one, changes[one]) for one in found]}
        typer.echo(json.dumps(document, indent=2, allow_nan=False))
    elif operation:
        _show_each(found, changes)
    else:
        _show_all(found, changes)
    for line in (missing, *_left_out(history, damaged)):
        if line:
            Console(stderr=True, highlight=False).print(printable(line), soft_wrap=True, markup=False)


def _left_out(history: History, damaged: Sequence[str]) -> list[str]:
    """How much of the history cannot be read, and the first reason; one bad row is no reason to show none."""
    rows = "row" if len(damaged) == 1 else "rows"
    return [f"left out: {len(damaged)} damaged {rows} of the history in {history.place} ({damaged[0]})"] if damaged else []


def _near(history: History, operation: str | None) -> str:
    """The nearest name that the history or the catalogue has, of one that neither has."""
    if operation is None:
        return ""
    kept = {one.operation for run in history.runs(damaged=[]) for one in run.results}
    known = sorted(kept.union(catalogue.operations()))
    near = [] if operation in known else difflib.get_close_matches(operation, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _nothing(place: str, **asked: str | None) -> str:
    words = [f"{name} {word}" for name, word in asked.items() if word]
    of = f" with {', '.join(words)}" if words else ""
    return f"no run{of} was kept in {place}; steadyline run measures and keeps one"


def _changes(found: Sequence[Series]) -> tuple[Changes, str]:
    """Each one's change points, and what is missing where they cannot be looked for."""
    try:
        ruptures()
    except ConfigurationError as error:
        return dict.fromkeys(found), str(error)
    return {one: changes_of(one) for one in found}, ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A series with its change points."""

    series: Series
    changes: tuple[Change, ...] | None

    @property
    def told(self) -> str:
        """Its change points in words, the last one first."""
        if self.changes is None:
            return "not looked for"
        if not self.changes:
            return quiet(len(self.series.points))
        return "; ".join(change.words for change in reversed(self.changes))


def quiet(runs: int) -> str:
    """What is said of a series without a change point."""
    return f"none in {runs} runs" if runs >= FEWEST else f"{runs} of at least {FEWEST} runs"


_COLUMNS: tuple[columns.Column[_Line], ...] = (
    columns.Column("operation", lambda line: line.series.key.operation, numeric=False),
    columns.Column("target", lambda line: line.series.key.target, 110, numeric=False),
    columns.Column("driver", lambda line: line.series.key.driver, 130, numeric=False),
    columns.Column("runs", lambda line: str(len(line.series.points)), 90),
    columns.Column("trend", lambda line: sparkline(line.series.seconds, BARS), numeric=False),
    columns.Column("latest", lambda line: cells.seconds(line.series.latest.seconds)),
    columns.Column(
        "change points", lambda line: line.told, numeric=False, style=lambda line: "bold" if line.changes else "dim"
    ),
)


def _show_all(found: Sequence[Series], changes: Changes) -> None:
    """One line an operation, target and driver: the series with the last run; what is told apart is said."""
    out = terminal()
    shown = current(found)
    out.print(columns.table(_COLUMNS, [_Line(one, changes[one]) for one in shown], out.width))
    for one, others in shown.items():
        for other in others:
            out.print(f"told apart: {_apart(one, other)}", soft_wrap=True, markup=False, style="dim")


def _apart(one: Series, other: Series) -> str:
    runs = len(other.points)
    return f"{one.key.operation} on {one.key.target}, {runs} run{'s' if runs > 1 else ''}: {other.key.differences(one.key)}"


def _show_each(found: Sequence[Series], changes: Changes) -> None:
    """Each series in full, the one with the last run last, as a terminal is read."""
    out = terminal()
    for one in found:
        key = one.key
        load = f" under {key.load.words}" if key.load else ""
        version = f", version {key.operation_version}" if key.operation_version else ""
        out.print(f"{key.operation} on {key.target}, {key.driver}{load}{version}", style="bold", markup=False)
        out.print(f"{len(one.points)} runs on {key.host}", style="dim", markup=False, soft_wrap=True)
        for line in picture(one, changes[one] or (), out.width):
            out.print(line, markup=False, soft_wrap=True)
        for change in changes[one] or ():
            levels = f"{cells.seconds(change.before)} to {cells.seconds(change.after)}"
            out.print(f"{change.words}: {levels}", soft_wrap=True, markup=False)
        if changes[one] == ():
            out.print(f"change points: {quiet(len(one.points))}", markup=False)


def _plain(series: Series, changes: tuple[Change, ...] | None) -> dict[str, Any]:
    """A series for programs."""
    told = None if changes is None else [{**asdict(one), "size": one.size} for one in changes]
    return {**asdict(series), "change_points": told}
