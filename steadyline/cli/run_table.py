"""How a run's rows are shown: a table as wide as the terminal, growth curves, what was left out; and as Markdown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from runner.growth import Growth
from steadyline.cli import cells
from steadyline.cli.run_rows import Row

MEGA = 1_000_000
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        heading: what it is called.
        cell: a row's text.
        from_width: it is shown in terminals at least so wide, in characters.
        numeric: set to the right.
    """

    heading: str
    cell: Callable[[Row], str]
    from_width: int = 0
    numeric: bool = True


def count(value: float | None) -> str:
    """Items in a second, at three digits and with thousands apart."""
    if value is None:
        return cells.NOTHING
    return f"{value / MEGA:.3g} M" if value >= MEGA else f"{float(f'{value:.3g}'):,g}".replace(",", " ")


def memory(peak: int | None, growth: int | None) -> str:
    """Peak, and by how much it grew where that is a megabyte or more."""
    if peak is None:
        return cells.NOTHING
    grown = f" +{growth / MEGA:.0f}" if growth and growth >= MEGA else ""
    return f"{peak / MEGA:.0f} MB{grown}"


def _baseline(row: Row) -> str:
    return f"{cells.seconds(row.baseline)} ±{row.tolerance or 0:.0%}" if row.baseline else cells.NOTHING


def _allocated(row: Row) -> str:
    return cells.NOTHING if row.allocated is None else f"{row.allocated / MEGA:.3g} MB"


ALLOCATED = Column("allocated", _allocated)
COLUMNS = (
    Column("operation", lambda row: row.operation, numeric=False),
    Column("target", lambda row: row.target, 150, numeric=False),
    Column("n", lambda row: str(row.n), 60),
    Column("mean", lambda row: cells.seconds(row.mean)),
    Column("p50", lambda row: cells.seconds(row.p50), 110),
    Column("p95", lambda row: cells.seconds(row.p95), 90),
    Column("p99", lambda row: cells.seconds(row.p99), 120),
    Column("items/s", lambda row: count(row.items_per_second), 100),
    Column("peak memory", lambda row: memory(row.peak_memory, row.memory_growth), 80),
    ALLOCATED,
    Column("baseline", _baseline, 130),
    Column("ratio", lambda row: cells.factor(row.ratio)),
    Column("severity", lambda row: row.state, numeric=False),
)


def _columns(rows: Sequence[Row]) -> list[Column]:
    """With a column for allocations where those were asked for."""
    asked = any(row.allocated is not None for row in rows)
    return [column for column in COLUMNS if asked or column is not ALLOCATED]


def table(rows: Sequence[Row], width: int) -> Table:
    """The rows for people."""
    shown = [column for column in _columns(rows) if width >= column.from_width]
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in shown:
        drawn.add_column(column.heading, justify="right" if column.numeric else "left", no_wrap=column.heading != "severity")
    for row in rows:
        style = cells.STYLES.get(row.severity or row.verdict or "", "")
        texts = [Text(column.cell(row), style if column.heading == "severity" else "") for column in shown]
        drawn.add_row(*texts)
    return drawn


def markdown(rows: Sequence[Row]) -> str:
    """The same for a pull request."""
    shown = _columns(rows)
    lines = [
        f"| {' | '.join(column.heading for column in shown)} |",
        f"|{'|'.join('---:' if column.numeric else '---' for column in shown)}|",
        *(f"| {' | '.join(column.cell(row).replace('|', '/') for column in shown)} |" for row in rows),
    ]
    return "\n".join(lines)


def curve(growth: Growth) -> str:
    """The means as bars, the highest at the largest."""
    highest = max(seconds for _, seconds in growth.points)
    return "".join(_BARS[round(seconds / highest * (len(_BARS) - 1))] for _, seconds in growth.points)


def growth_line(growth: Growth) -> str:
    """One family in a line: exponent, what it means, and its points."""
    points = ", ".join(f"{size}: {cells.seconds(seconds)}" for size, seconds in growth.points)
    return f"{growth.family} {curve(growth)} ~ size^{growth.exponent:.2f}, {growth.words} ({points})"


def failures(rows: Iterable[Row]) -> Iterator[str]:
    """The cause of each operation's last failure."""
    for row in rows:
        if row.failures:
            failed = sum(row.failures.values())
            yield f"{row.operation} on {row.target}: {failed} of {row.n + failed} failed: {row.detail or row.state}"
