"""Tables of rows, whatever is in them: as many columns as the terminal has room for, or all of them as Markdown."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.table import Table
from rich.text import Text

from steadyline.printable import printable

Row = TypeVar("Row")
_MARKS = re.compile(r"[\\`*|\[\]]|<(?=[a-zA-Z/!?])|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown reads as more than itself: no `<` of a criterion, and no underscore within a name."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        heading: what it is called.
        cell: a row's text.
        from_width: it is shown in terminals at least so wide, in characters.
        numeric: set to the right.
        style: of a row's text, for the column that tells how the row stands; its texts may take several lines.
    """

    heading: str
    cell: Callable[[Row], str]
    from_width: int = 0
    numeric: bool = True
    style: Callable[[Row], str] | None = None


def table(columns: Iterable[Column[Row]], rows: Iterable[Row], width: int) -> Table:
    """The rows for people.

    Args:
        columns: those that there are, in order.
        rows: in order.
        width: of the terminal, in characters.
    """
    shown = [column for column in columns if width >= column.from_width]
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in shown:
        drawn.add_column(column.heading, justify="right" if column.numeric else "left", no_wrap=column.style is None)
    for row in rows:
        drawn.add_row(*(Text(printable(column.cell(row)), column.style(row) if column.style else "") for column in shown))
    return drawn


def escaped(text: str) -> str:
    """A text as Markdown shows it as it is, on one line: a name that a file holds is no markup."""
    return _MARKS.sub(r"\\\g<0>", printable(" ".join(text.split())))


def markdown(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> list[str]:
    """The lines of the same table for a pull request."""
    return [
        f"| {' | '.join(column.heading for column in columns)} |",
        f"|{'|'.join('---:' if column.numeric else '---' for column in columns)}|",
        *(f"| {' | '.join(escaped(column.cell(row)) for column in columns)} |" for row in rows),
    ]
