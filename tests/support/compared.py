"""Results of a comparison, as `compare` makes them of rows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import run_results

from alerts.judgement.gate import Family
from steadyline.baseline import GATE_MOST_RUNS
from steadyline.cli import run_result
from steadyline.cli.conclude import ended
from steadyline.cli.run_result import Judging, Results
from steadyline.cli.run_rows import Row, worst_first
from steadyline.severity import Severity

OK = run_results.row("sql.ok")
CRITICAL = run_results.row("sql.critical", 1.6)
FAILING = run_results.row("sql.failing", failures=2)
SUSPECT = run_results.row("sql.suspect", 1.17)
OPEN_AT_THE_BOUND = run_results.row("sql.bound", means=(0.083, 0.15) * (GATE_MOST_RUNS // 2))
FEW = run_results.row("sql.few", means=(0.1, 0.1))
IMPROVED = run_results.row("sql.improved", 0.5)
BARE = run_results.row("sql.bare", baseline=None)
SLIGHT = run_results.row("sql.slight", 1.12, means=(0.1, 0.101) * 10)
EVERY = (OK, CRITICAL, FAILING, SUSPECT, OPEN_AT_THE_BOUND, FEW, IMPROVED, BARE, SLIGHT)
"""One row of each kind, in no order."""


def compared(
    *rows: dict[str, Any], fail_on: Severity = Severity.WARNING, judging: dict[str, Any] | None = None, **facts: Any
) -> Results:
    """What a comparison of these rows came to.

    Args:
        rows: of `run_results.row`.
        fail_on: exit code 1 from there on.
        judging: more of `Judging`.
        facts: more of `Results`.
    """
    held = {"against": "the recorded baselines", "seconds_more": 60.0, **(judging or {})}
    found = run_result.read(run_results.text(*rows, exit_code=None), Path("results.json"))
    judged = replace(found, judging=Judging(fail_on, Family(len(rows)), **held), rows=worst_first(found.rows))
    return ended(replace(judged, **facts))


def named(found: Results, **texts: Any) -> Results:
    """The same with other texts in each row, such as a name that is markup."""
    rows: tuple[Row, ...] = tuple(replace(row, **texts) for row in found.rows)
    return replace(found, rows=rows)
