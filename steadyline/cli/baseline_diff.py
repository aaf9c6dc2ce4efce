"""`steadyline baseline diff`: what is between two sets of baselines, worst first."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.table import Table

from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baseline import ANY, Baseline, most_specific
from steadyline.baselines import known_baselines, load_recorded, load_sourced
from steadyline.cli import cells
from steadyline.cli.baseline_place import named
from steadyline.cli.operation_table import terminal
from steadyline.errors import NoDataError

SOURCED = "sourced"
GONE = "gone"
KEPT = "kept"
"""What a file lacks that is compared with what judges here: promoting it leaves that alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key; None where one side has it not.

    Attributes:
        operation: its full name.
        target: the target's alias.
        driver: probe, load or bench.
        profile: of load, or `*`.
        before_seconds: per call.
        after_seconds: per call.
        ratio: after to before: above 1 the later baseline is slower.
        before_spread: between runs.
        after_spread: likewise.
        other_version: both are known, and of different versions of the operation.
    """

    operation: str
    target: str
    driver: str
    profile: str
    before_seconds: float | None
    after_seconds: float | None
    ratio: float | None
    before_spread: float | None
    after_spread: float | None
    other_version: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sets of baselines.

    Attributes:
        before: what the first is, with its hosts and revisions.
        after: likewise the second.
        rows: worst first; those that one side lacks last.
        lacking: the word for those that the second lacks.
    """

    before: str
    after: str
    rows: tuple[Row, ...]
    lacking: str = GONE

    @property
    def of_second(self) -> Self:
        """Without what the second lacks."""
        return replace(self, rows=tuple(row for row in self.rows if row.after_seconds is not None))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    def print(self, console: Console) -> None:
        """For people."""
        for name, words in (("before", self.before), ("after", self.after)):
            console.print(f"{name}: {words}", soft_wrap=True, markup=False)
        console.print(_table(self.rows, self.lacking))
        if any(row.other_version for row in self.rows):
            console.print("! another version of the operation: the two do not compare", style="dim")


def diff(
    first: Annotated[Path | None, typer.Argument(metavar="[FILE_A]", help="Default: what the seeds say.")] = None,
    second: Annotated[Path | None, typer.Argument(metavar="[FILE_B]", help="Default: what is recorded here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """How two sets of baselines differ, operation by operation, worst first; a ratio above 1 is slower in the second.

    One file alone is compared with what judges here now; two files with each other; without any it is told how what was
    recorded here differs from the numbers that ship.
    """
    state = settings_module.load(os.environ).state
    if second is not None and first is not None:
        before, after = named(first, unknown_too=True), named(second, unknown_too=True)
        found = difference(str(first), before, str(second), after)
    elif first is not None:
        found = against_present(known_baselines(state), str(first), named(first, unknown_too=True))
    else:
        found = difference(SOURCED, load_sourced(), "recorded here", load_recorded(state.baselines))
    if not found.rows:
        raise NoDataError("nothing to compare: no baseline was recorded yet (steadyline baseline record)")
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        found.print(terminal())


def against_present(known: Sequence[Baseline], name: str, after: Iterable[Baseline]) -> Difference:
    """How baselines differ from what judges their operations now."""
    return replace(difference("what judges here now", known, name, after), lacking=KEPT)


def difference(before_name: str, before: Iterable[Baseline], after_name: str, after: Iterable[Baseline]) -> Difference:
    """What is between two sets: each of the second with what judged its key in the first, and what only the first recorded."""
    old, new = list(before), list(after)
    keys = {one.key for one in new} | {one.key for one in old if one.recorded and one.target != ANY}
    held = {one.key: one for one in new}
    pairs = [(key, most_specific(old, *key), held.get(key)) for key in keys]
    used = [one for _, one, _ in pairs if one]
    rows = sorted((_row(*pair) for pair in pairs), key=lambda row: (-(row.ratio or 0), row.operation, row.target, row.driver))
    return Difference(_told(before_name, used), _told(after_name, new), tuple(rows))


def _row(key: tuple[str, str, str, str], before: Baseline | None, after: Baseline | None) -> Row:
    operation = catalogue.operations().get(key[0])
    items = operation.items if operation else 1
    old, new = (one.seconds_per_call(items) if one else None for one in (before, after))
    versions = {one.recorded.operation_version for one in (before, after) if one and one.recorded} - {None}
    return Row(
        *key,
        before_seconds=old,
        after_seconds=new,
        ratio=new / old if old and new else None,
        before_spread=before.spread if before else None,
        after_spread=after.spread if after else None,
        other_version=len(versions) > 1,
    )


def _told(name: str, baselines: Iterable[Baseline]) -> str:
    facts = [one.recorded for one in baselines]
    recorded = [one for one in facts if one]
    if not recorded:
        return name
    hosts = ", ".join(sorted({one.host for one in recorded}))
    revisions = ", ".join(sorted({one.revision for one in recorded}))
    sourced = f", {len(facts) - len(recorded)} sourced" if len(facts) > len(recorded) else ""
    return f"{name}: {len(recorded)} recorded of revision {revisions} on {hosts}{sourced}"


def _table(rows: Iterable[Row], lacking: str) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "target", "driver", "before", "after", "ratio", "spread"):
        shown.add_column(heading, no_wrap=heading == "operation")
    for row in rows:
        shown.add_row(
            row.operation,
            row.target,
            row.driver if row.profile == ANY else f"{row.driver} {row.profile}",
            cells.seconds(row.before_seconds),
            cells.seconds(row.after_seconds),
            _verdict(row, lacking),
            " / ".join(cells.NOTHING if one is None else f"{one:.1%}" for one in (row.before_spread, row.after_spread)),
        )
    return shown


def _verdict(row: Row, lacking: str) -> str:
    if row.ratio is None:
        return "new" if row.before_seconds is None else lacking
    return cells.factor(row.ratio) + (" !" if row.other_version else "")
