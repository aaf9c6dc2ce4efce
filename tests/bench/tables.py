"""The benchmarks' figures as a table for the terminal and as one on a page, between its two marks."""

import os
import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from paired import Figure
from rich.table import Table


def shown(rows: Iterable[Figure]) -> Table:
    """For the terminal."""
    table = Table("what", "asked", "measured", "", title="Steadyline: measured against what was asked")
    for row in rows:
        table.add_row(row.what, row.asked, row.measured, "[green]reached[/]" if row.reached else "[red]missed[/]")
    return table


def markdown(rows: Iterable[Figure]) -> str:
    """For the page."""
    lines = ["| what | asked | measured | |", "|---|---|---|---|"]
    lines += [f"| {r.what} | {r.asked} | {r.measured} | {'reached' if r.reached else 'missed'} |" for r in rows]
    return "\n".join(lines)


def measured_on() -> str:
    """The day and the machine, one sentence."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine}."


def keep(page: Path, name: str, block: str) -> None:
    """Put one subject's block between its two marks on the page."""
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = f"{begin}\n{block}\n{end}"
    page.write_text(re.sub(f"{begin}.*{end}", lambda _: whole, text, flags=re.DOTALL), encoding="utf-8")
