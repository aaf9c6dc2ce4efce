"""What is said of a load run in the end: a row an operation, criteria, the knee, the verdict in words."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from load.verdict import Exit
from steadyline.boards import Board
from steadyline.cli import cells, columns, run_table
from steadyline.cli.load_result import Result
from steadyline.cli.load_rows import Judged, LoadRow
from steadyline.criterion import parse
from steadyline.durations import spoken
from steadyline.settings import Settings

MILLISECONDS = 1000
_STANDING = {1: ("met", "green"), 0: ("BROKEN", "bold red"), None: ("no data", "magenta")}
_WORDS = {
    Exit.PASSED: ("passed", "bold green"),
    Exit.FAILED: ("failed", "bold red"),
    Exit.USAGE: ("was not made", "bold red"),
    Exit.INCONCLUSIVE: ("says nothing for certain", "bold magenta"),
    Exit.UNREACHABLE: ("reached nobody", "bold red"),
}


def _style(row: LoadRow) -> str:
    return "bold red" if row.failed else cells.STYLES.get(row.severity or row.verdict or "", "")


RESPONSE: columns.Column[LoadRow] = columns.Column("response p95", lambda row: cells.seconds(row.response_p95))
BASELINE: tuple[columns.Column[LoadRow], ...] = (
    columns.Column("baseline", lambda row: cells.toleranced(row.baseline, row.tolerance), 110),
    columns.Column("ratio", lambda row: cells.factor(row.ratio)),
)
COLUMNS: tuple[columns.Column[LoadRow], ...] = (
    columns.Column("operation", lambda row: row.operation, numeric=False),
    columns.Column("target", lambda row: row.target, 130, numeric=False),
    columns.Column("attempts", lambda row: str(row.attempts)),
    columns.Column("per s", lambda row: run_table.count(row.rate), 90),
    columns.Column("mean", lambda row: cells.seconds(row.mean), 100),
    columns.Column("p50", lambda row: cells.seconds(row.p50)),
    columns.Column("p95", lambda row: cells.seconds(row.p95)),
    columns.Column("p99", lambda row: cells.seconds(row.p99), 80),
    RESPONSE,
    *BASELINE,
    columns.Column("state", lambda row: row.state, numeric=False, style=_style),
)


def _columns(rows: Sequence[LoadRow]) -> list[columns.Column[LoadRow]]:
    has_response = any(row.response_p95 is not None for row in rows)
    has_baseline = any(row.baseline is not None for row in rows)
    return [
        column for column in COLUMNS if (has_response or column is not RESPONSE) and (has_baseline or column not in BASELINE)
    ]


def table(rows: Sequence[LoadRow], width: int) -> Table:
    """The rows, with the columns of the open model and of baselines where there are such."""
    return columns.table(_columns(rows), rows, width)


def show(out: Console, result: Result, found: Judged, code: int) -> None:
    """All that was measured, and what it comes to."""
    out.print(Text(heading(result), "bold"), soft_wrap=True)
    if found.rows:
        out.print(table(found.rows, out.width))
    for text, style in lines(result, found, code):
        out.print(Text(text, style), soft_wrap=True)
    word, style = _WORDS[Exit(code)] if code in list(Exit) else ("was ended early", "bold yellow")
    out.print(Text(f"The run {word} (exit code {code})", style), soft_wrap=True)


def markdown(rows: Sequence[LoadRow]) -> str:
    """The same rows for a pull request."""
    return "\n".join(columns.markdown(_columns(rows), rows))


def heading(result: Result) -> str:
    """Which run it was, in one line."""
    steady = (
        "none of it steady" if result.steady is None else f"{spoken(result.end - result.steady)} of it from when it was steady"
    )
    profile = f"profile {result.profile}, " if result.profile else ""
    return f"Run {result.run}: {profile}{result.shape}, {result.load.words}, {spoken(result.end - result.start)}, {steady}"


def lines(result: Result, found: Judged, code: int) -> Iterator[tuple[str, str]]:
    """What neither the table nor the verdict says, each with its style."""
    for one in result.criteria:
        if any(one.criterion in reason for reason in result.reasons):
            continue  # it is among the reasons, with its worst value
        word, style = _STANDING[one.met]
        value = "" if one.value is None else f" (last {parse(one.criterion).written(one.value)})"
        yield f"{one.criterion}: {word}{value}", style
    if result.arrival_rate is not None:
        yield (f"{result.dropped} starts were dropped", "yellow") if result.dropped else ("no start was dropped", "")
    if result.knee:
        yield result.knee, ""
    if found.refused:
        yield found.refused, "magenta"
    for row in found.held:
        if row.severity is not None and row.ratio is not None:
            told = f"{row.operation} on {row.target}: {row.severity.upper()}, {row.ratio:.2f} x its baseline; {row.reason}"
            yield told, cells.STYLES[row.severity]
    for reason in result.reasons:
        yield reason, "red" if code else "yellow"


def links(result: Result, settings: Settings, file: Path) -> Iterator[str]:
    """Where there is more to see."""
    yield f"All figures: {file}"
    if settings.grafana_url or settings.grafana_token_file:
        span = f"from={result.start * MILLISECONDS:.0f}&to={result.end * MILLISECONDS:.0f}"
        yield f"Board: {settings.boards}{Board.LOAD.path}?{span}"
