"""The columns of a comparison, for the terminal and for Markdown."""

from steadyline.cli import cells
from steadyline.cli.columns import Column
from steadyline.cli.run_rows import Row
from steadyline.cli.verdicts import words


def _style(row: Row) -> str:
    return cells.STYLES.get(row.severity or row.verdict or "", "")


COLUMNS: tuple[Column[Row], ...] = (
    Column("operation", lambda row: row.operation, numeric=False),
    Column("target", lambda row: row.target, 120, numeric=False),
    Column("verdict", words.verdict, numeric=False, style=_style),
    Column("ratio", lambda row: cells.factor(row.ratio)),
    Column("surely above", lambda row: cells.factor(row.lower99)),
    Column("90 % limits", words.limits, 100),
    Column("mean", lambda row: cells.seconds(row.mean), 140),
    Column("baseline", lambda row: cells.toleranced(row.baseline, row.tolerance), 150),
    Column("n", lambda row: str(row.n), 110),
    Column("runs", words.runs, 90),
    Column("reason", words.reason, numeric=False, style=lambda _row: ""),
)
"""`surely above` is the limit at the level that detects; runs are those of now and the baseline's."""
