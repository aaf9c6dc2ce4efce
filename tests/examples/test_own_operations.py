"""The example of operations of one's own, as its README has it: listed, probed, recorded, judged and shown."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import yaml
from trace_target import trace_api

from dashboards.shipped import shipped
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.state import State
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_INTERVAL, AlertName

pytestmark = pytest.mark.stack

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_operations"
CADENCES = {"sql.open_tasks": 10, "trace.task_close": 2}
HISTORY_SECONDS = 20 * 60
MEAN_SECONDS = 0.004

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's files, where a user would have them."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns(".steadyline")))


@pytest.fixture
def steadyline(folder: Path, free_port: Callable[[], int]) -> Iterator[Run]:
    """`steadyline(*arguments)` runs the command in that folder; a Trace API and its database are there."""
    database = f"sqlite:///{folder / 'trace.db'}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    with trace_api(database) as url:
        environ = inherited | {
            "STEADYLINE_TRACE_URL": url,
            "STEADYLINE_TRACE_ALLOW_WRITES": "1",
            "STEADYLINE_SQL_URL": database,
            "STEADYLINE_PORTS_EXPORTER": str(free_port()),
        }

        def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
            command = [sys.executable, "-c", "from steadyline.cli.main import main; main()", *arguments]
            return subprocess.run(
                command, cwd=folder, env=environ | settings, capture_output=True, text=True, timeout=120, check=False
            )

        yield run


def test_both_are_listed(steadyline: Run) -> None:
    """With the file that they are written in; the one that only reads runs on a read-only target."""
    done = steadyline("operations", "--json")
    rows = {row["operation"]: row for row in json.loads(done.stdout)}
    assert {name: rows[name]["probe_every_seconds"] for name in CADENCES} == CADENCES
    assert {rows[name]["defined_in"] for name in CADENCES} == {"own_operations.py"}
    assert [rows[name]["runs"] for name in CADENCES] == [True, True]
    assert not rows["sql.item_create"]["runs"]


def test_each_can_be_probed(steadyline: Run, folder: Path) -> None:
    """One attempt each: verified, and nothing is left."""
    for name in CADENCES:
        done = steadyline("probe", name, "--json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["operation"], said["ok"], said["verified"]) == (name, True, True)
    with closing(sqlite3.connect(folder / "trace.db")) as database:
        assert database.execute("select count(*) from items").fetchone() == (0,)


def test_a_wrong_answer_is_seen(steadyline: Run, folder: Path) -> None:
    """Where the database does not do what it was told, verification says so."""
    steadyline("probe", "trace.task_close")
    with closing(sqlite3.connect(folder / "trace.db")) as database:
        database.execute(
            "create trigger reopen after update of status on items "
            "begin update items set status = 'todo' where id = new.id; end"
        )
    done = steadyline("probe", "trace.task_close")
    assert done.returncode == 1
    assert "trace.task_close on target trace-main: integrity" in done.stdout


def _history(now: float) -> str:
    """What Prometheus would have scraped while both were asked."""
    lines = []
    for name, cadence in CADENCES.items():
        backend = name.partition(".")[0]
        labels = f'operation="{name}",backend="{backend}",target="{backend}-main",driver="probe"'
        for step in range(int(HISTORY_SECONDS / LIVE.scrape_seconds)):
            at, count = now - HISTORY_SECONDS + step * LIVE.scrape_seconds, step * LIVE.scrape_seconds / cadence
            lines += [
                f"{SCHEDULE_INTERVAL.name}{{{labels}}} {cadence} {at}",
                f"{OPERATION_DURATION.name}_count{{{labels}}} {count} {at}",
                f"{OPERATION_DURATION.name}_sum{{{labels}}} {count * MEAN_SECONDS} {at}",
                f'{OPERATION_DURATION.name}_bucket{{{labels},le="+Inf"}} {count} {at}',
            ]
    return "\n".join([*lines, "# EOF", ""])


def test_a_recorded_baseline_brings_its_rules_and_the_board_has_its_row(
    steadyline: Run, folder: Path, start_prometheus: Callable[..., str]
) -> None:
    """The rules hold it to what was recorded; the board's rows are what Prometheus has, without generating anything."""
    prometheus = start_prometheus(history=_history(time.time()))
    done = steadyline(
        "baseline",
        "record",
        "--operation",
        "trace.task_close",
        "--from-prometheus",
        "15m",
        STEADYLINE_PORTS_PROMETHEUS=prometheus.rpartition(":")[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "trace.task_close" in done.stdout
    groups = yaml.safe_load(State(folder / ".steadyline").rules.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"] if 'operation="trace.task_close"' in rule["expr"]]
    assert any(rule.get("alert") == AlertName.REGRESSION and 'target="trace-main"' in rule["expr"] for rule in rules)

    board = shipped()[Board.OPERATION]
    query = next(one["query"] for one in board["templating"]["list"] if one["name"] == "operation")
    series = query.removeprefix("label_values(").partition(",")[0]
    found = httpx.get(f"{prometheus}/api/v1/label/operation/values", params={"match[]": series}, trust_env=False)
    assert set(CADENCES) <= set(found.json()["data"])
