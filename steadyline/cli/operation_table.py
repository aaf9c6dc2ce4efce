"""The table of operations that `watch` and `status` draw: as many columns as the terminal has room for."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table

from alerts.view.rows import Row
from alerts.view.snapshot import FAILURES_SECONDS
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
        narrowest: characters that it keeps when the terminal is short of them; the operation's name gives way first.
    """

    heading: str
    cell: Callable[[Row], RenderableType]
    from_width: int = 0
    numeric: bool = True
    narrowest: int | None = None


COLUMNS = (
    Column("operation", lambda row: row.operation, numeric=False),
    Column("target", lambda row: row.target, 100, numeric=False),
    Column("driver", lambda row: row.driver, 170, numeric=False),
    Column("per s", lambda row: cells.factor(row.rate_per_second), 118, narrowest=5),
    Column("p50", lambda row: cells.seconds(row.p50_seconds), 112, narrowest=7),
    Column("p95", lambda row: cells.seconds(row.p95_seconds), 106, narrowest=7),
    Column("mean", lambda row: cells.seconds(row.mean_seconds), narrowest=7),
    Column("baseline", cells.baseline, 76, narrowest=19),
    Column("ratio", lambda row: cells.factor(row.ratio), narrowest=5),
    Column("at least", lambda row: cells.factor(row.lower99), 130, narrowest=8),
    Column(f"failed in {spoken(FAILURES_SECONDS)}", lambda row: f"{row.failures:.0f}", 155),
    Column("blind below", cells.blind, 90, narrowest=11),
    Column("state", cells.state, numeric=False, narrowest=8),
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
        side: JustifyMethod = "right" if column.numeric else "left"
        found.add_column(column.heading, justify=side, no_wrap=True, min_width=column.narrowest)
    for row in rows[: len(rows) - hidden]:
        found.add_row(*(column.cell(row) for column in shown))
    return found


def terminal() -> Console:
    """The console; wide where standard output is no terminal and nothing else is asked."""
    found = Console(highlight=False)
    return found if found.is_terminal or "COLUMNS" in os.environ else Console(highlight=False, width=WIDE)
