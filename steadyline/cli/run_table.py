"""How a run's rows are shown: a table as wide as the terminal, growth curves, what was left out; and as Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from runner.growth import Growth
from steadyline.cli import cells, columns
from steadyline.cli.run_rows import Row
from steadyline.cli.sparkline import BARS

MEGA = 1_000_000


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


def _style(row: Row) -> str:
    return cells.STYLES.get(row.severity or row.verdict or "", "")


def _allocated(row: Row) -> str:
    return cells.NOTHING if row.allocated is None else f"{row.allocated / MEGA:.3g} MB"


ALLOCATED: columns.Column[Row] = columns.Column("allocated", _allocated)
COLUMNS: tuple[columns.Column[Row], ...] = (
    columns.Column("operation", lambda row: row.operation, numeric=False),
    columns.Column("target", lambda row: row.target, 150, numeric=False),
    columns.Column("n", lambda row: str(row.n), 60),
    columns.Column("mean", lambda row: cells.seconds(row.mean)),
    columns.Column("p50", lambda row: cells.seconds(row.p50), 110),
    columns.Column("p95", lambda row: cells.seconds(row.p95), 90),
    columns.Column("p99", lambda row: cells.seconds(row.p99), 120),
    columns.Column("items/s", lambda row: count(row.items_per_second), 100),
    columns.Column("peak memory", lambda row: memory(row.peak_memory, row.memory_growth), 80),
    ALLOCATED,
    columns.Column("baseline", lambda row: cells.toleranced(row.baseline, row.tolerance), 130),
    columns.Column("ratio", lambda row: cells.factor(row.ratio)),
    columns.Column("severity", lambda row: row.state, numeric=False, style=_style),
)


def _columns(rows: Sequence[Row]) -> list[columns.Column[Row]]:
    """With a column for allocations where those were asked for."""
    asked = any(row.allocated is not None for row in rows)
    return [column for column in COLUMNS if asked or column is not ALLOCATED]


def table(rows: Sequence[Row], width: int) -> Table:
    """The rows for people."""
    return columns.table(_columns(rows), rows, width)


def markdown(rows: Sequence[Row]) -> str:
    """The same for a pull request."""
    return "\n".join(columns.markdown(_columns(rows), rows))


def curve(growth: Growth) -> str:
    """The means as bars, the highest at the largest."""
    highest = max(seconds for _, seconds in growth.points)
    return "".join(BARS[round(seconds / highest * (len(BARS) - 1))] for _, seconds in growth.points)


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
