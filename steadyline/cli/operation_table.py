"""The table of operations that `watch` and `status` draw: as many columns as the terminal has room for."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.table import Table

from alerts.snapshot import FAILURES_SECONDS
from alerts.view import Row
from steadyline.cli import cells
from steadyline.durations import spoken

WIDE = 200
"""Columns when nothing tells how wide the reader is: piped to a file or a program."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        heading: what it is called.
        cell: a row's cell.
        from_width: it is shown in terminals at least so wide, in characters.
        numeric: set to the right.
    """

    heading: str
    cell: Callable[[Row], RenderableType]
    from_width: int = 0
    numeric: bool = True


COLUMNS = (
    Column("operation", lambda row: row.operation, numeric=False),
    Column("target", lambda row: row.target, 90, numeric=False),
    Column("driver", lambda row: row.driver, 170, numeric=False),
    Column("per s", lambda row: cells.factor(row.rate_per_second), 140),
    Column("p50", lambda row: cells.seconds(row.p50_seconds), 130),
    Column("p95", lambda row: cells.seconds(row.p95_seconds), 100),
    Column("mean", lambda row: cells.seconds(row.mean_seconds)),
    Column("baseline", cells.baseline, 72),
    Column("ratio", lambda row: cells.factor(row.ratio)),
    Column("at least", lambda row: cells.factor(row.lower99), 120),
    Column(f"failed in {spoken(FAILURES_SECONDS)}", lambda row: f"{row.failures:.0f}", 150),
    Column("state", cells.state, numeric=False),
)


def table(rows: Sequence[Row], width: int, most: int | None = None) -> Table:
    """The rows in their order.

    Args:
        rows: worst first.
        width: of the terminal, in characters.
        most: rows that fit; how many more there are is said.
    """
    shown = [column for column in COLUMNS if width >= column.from_width]
    hidden = len(rows) - most if most is not None and most < len(rows) else 0
    caption = f"… and {hidden} more, none worse than these" if hidden else None
    found = Table(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    for column in shown:
        found.add_column(column.heading, justify="right" if column.numeric else "left", no_wrap=column.heading != "state")
    for row in rows[: len(rows) - hidden]:
        found.add_row(*(column.cell(row) for column in shown))
    return found


def terminal() -> Console:
    """The console; wide where standard output is no terminal and nothing else is asked."""
    found = Console(highlight=False)
    return found if found.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=WIDE)
