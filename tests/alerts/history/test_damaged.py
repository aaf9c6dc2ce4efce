"""A history in which some rows are none of ours."""

import sqlite3
from pathlib import Path

import kept_runs

from alerts.history.store import History
from steadyline.settings import Settings


def test_a_damaged_row_may_be_left_out(tmp_path: Path) -> None:
    """Who says so gets all others, and a sentence for each that is none of ours, whatever of it is damaged."""
    history = History(Settings(state_dir=tmp_path))
    runs = [kept_runs.run(kept_runs.result("sql.x"), kept_runs.result("sql.y"), day=day, id=f"run{day}") for day in range(4)]
    for run in runs:
        history.keep(run)
    with sqlite3.connect(tmp_path / "history.db") as connection:
        of = "WHERE operation = 'sql.x' AND run = (SELECT number FROM steadyline_runs WHERE id = ?)"
        connection.execute(f"UPDATE steadyline_results SET run_means = x'0011' {of}", ("run0",))
        connection.execute(f"UPDATE steadyline_results SET run_means = 'text' {of}", ("run1",))
        connection.execute("UPDATE steadyline_runs SET versions = '{' WHERE id = 'run2'")
    connection.close()
    damaged: list[str] = []
    found = [(run.id, [one.operation for one in run.results]) for run in history.runs(damaged=damaged)]
    assert found == [("run0", ["sql.y"]), ("run1", ["sql.y"]), ("run3", ["sql.x", "sql.y"])]
    assert len(damaged) == 3
