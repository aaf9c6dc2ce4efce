"""A comparison for a terminal: the outcome, a table worst first, and what it is worth."""

from rich.console import Console

from steadyline.cli import columns
from steadyline.cli.run_result import Results
from steadyline.cli.verdicts import about
from steadyline.cli.verdicts.outcome import ending, outcome
from steadyline.cli.verdicts.table import COLUMNS


def draw(results: Results, out: Console) -> None:
    """All of it, as wide as the console."""
    _, told = outcome(results)
    out.print(told, style="bold", soft_wrap=True, markup=False)
    if results.rows:
        out.print(columns.table(COLUMNS, results.rows, out.width))
    for line in (*about.lines(results), ending(results)):
        out.print(line, soft_wrap=True, markup=False)
