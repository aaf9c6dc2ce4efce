"""`steadyline trend`: one line an operation, one operation in full, and what a program reads."""

import json
import math
import shutil
import sqlite3
import sys
import time
from dataclasses import replace
from pathlib import Path

import kept_runs
import pytest
import typer
from command_line import beginning, ended
from typer.testing import CliRunner

from alerts.history.changes import Change
from alerts.history.series import series_of
from alerts.history.store import History
from steadyline.cli.main import build
from steadyline.cli.sparkline import BARS, sparkline
from steadyline.cli.trend_picture import HEIGHT, picture
from steadyline.errors import SteadylineError
from steadyline.settings import Settings

needs_ruptures = pytest.mark.skipif(sys.version_info >= (3, 14), reason="ruptures has no wheel for this Python yet")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that it is asked in; nothing of the environment's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEADYLINE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "state"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty days at one level and twenty at another, and beside them some on another host."""
    folder = tmp_path_factory.mktemp("history")
    history = History(Settings(state_dir=folder))
    steps, elsewhere = kept_runs.daily([0.1] * 20 + [0.12] * 20, 0.02), kept_runs.daily([0.3] * 3, 0.02, host="B")
    for run in (*steps, *elsewhere, *(replace(run, id=f"{run.id} load", driver="load") for run in elsewhere)):
        history.keep(run)
    return folder


@pytest.fixture
def _stepped(here: Path, kept: Path) -> None:
    """These runs are the history."""
    here.mkdir()
    shutil.copy(kept / "history.db", here)


def ask(*arguments: str) -> tuple[int, str, str]:
    """The exit code, what it wrote, and its complaint."""
    done = CliRunner().invoke(build(["trend"]), ["trend", *arguments])
    if isinstance(done.exception, SteadylineError):
        return done.exception.exit_code, done.stdout, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit | typer.Exit), done.exception
    return done.exit_code, done.stdout, done.stderr


@needs_ruptures
@pytest.mark.usefixtures("_stepped")
def test_an_operation_is_a_line_with_its_change_points() -> None:
    """Bars from the oldest to the newest run, the latest, the step with its day and revisions; what is told apart."""
    code, out, err = ask("--driver", "bench")
    assert (code, err) == (0, "")
    _, line, *apart = out.splitlines()
    assert line.split()[:4] == ["sql.x", "main", "bench", "40"]
    assert "% on 2026-10-11, rev0019..rev0020" in line
    assert [mark in line for mark in BARS].count(True) > 2
    assert apart == ["told apart: sql.x on main, 3 runs: host B"]


@needs_ruptures
@pytest.mark.usefixtures("_stepped")
def test_one_operation_is_shown_in_full() -> None:
    """A picture of each series, and each change with both levels."""
    code, out, _ = ask("sql.x", "--target", "main")
    assert code == 0
    assert "sql.x on main, bench, version ab12cd34\n40 runs on A processor, 4 cores, 8 GiB" in out
    assert "% on 2026-10-11, rev0019..rev0020: " in out
    assert "sql.x on main, load, version ab12cd34\n3 runs on B" in out
    assert "change points: 3 of at least 6 runs" in out


@needs_ruptures
@pytest.mark.usefixtures("_stepped")
def test_programs_read_every_point() -> None:
    """The series' key, its runs and its change points."""
    code, out, _ = ask("sql.x", "--driver", "bench", "--json")
    document = json.loads(out)
    assert (code, document["format"]) == (0, 1)
    one = next(one for one in document["series"] if one["key"]["host"] == kept_runs.HOST)
    assert len(one["points"]) == 40
    (change,) = one["change_points"]
    assert change["size"] == pytest.approx(0.2, abs=0.03)
    assert (change["last"]["revision"], change["first"]["revision"]) == ("rev0019", "rev0020")


def test_only_the_last_time_is_asked_for(here: Path) -> None:
    """Older runs are not read."""
    now = time.time()
    for days in (40, 20, 1):
        run = kept_runs.run(day=0)
        History(Settings(state_dir=here)).keep(replace(run, started=now - days * kept_runs.DAY))
    assert len(json.loads(ask("--since", "30d", "--json")[1])["series"][0]["points"]) == 2


@pytest.mark.usefixtures("_stepped")
def test_without_ruptures_the_lines_are_shown_and_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence on standard error; for a program there are no change points, not none."""
    monkeypatch.setitem(sys.modules, "ruptures", None)
    code, out, err = ask()
    assert (code, out.count("not looked for"), err.count("pip install 'steadyline[trend]'")) == (0, 2, 1)
    assert {one["change_points"] for one in json.loads(ask("--json")[1])["series"]} == {None}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 3, "no run was kept in SQLite file "),
        (["sql.nope", "--target", "b"], 3, "no run with operation sql.nope, target b was kept in SQLite file "),
        (["--since", "soon"], 2, "'soon' is no duration"),
    ],
)
def test_what_cannot_be_shown_is_told(arguments: list[str], code: int, said: str) -> None:
    """With the exit code of the command line."""
    assert (ask(*arguments)[0], said in ask(*arguments)[2]) == (code, True)


def test_a_damaged_history_is_one_message(here: Path) -> None:
    """With what to do."""
    here.mkdir()
    (here / "history.db").write_bytes(b"not a database" * 100)
    with beginning(here.parent) as begin:
        code, out, err = ended(begin("trend", STEADYLINE_STATE_DIR=str(here)), 120)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "restore it, or move it away and a new one is begun" in err


def test_bars_span_at_least_a_critical_degradation() -> None:
    """So that noise does not look like mountains; many runs share a bar."""
    assert sparkline([0.1, 0.101, 0.1], 10) == "▁▁▁"
    assert sparkline([0.1, 0.13, 0.1], 10) == "▁█▁"
    assert sparkline([0.1] * 50 + [0.2] * 50, 10) == "▁" * 5 + "█" * 5
    assert sparkline([], 10) == ""


def test_a_picture_fits_its_width_and_marks_the_step() -> None:
    """However many runs there are."""
    (one,) = series_of(kept_runs.daily([0.1] * 100 + [0.2] * 100, 0.01))
    change = Change(100, one.points[99], one.points[100], 0.1, 0.2)
    lines = picture(one, [change], 60)
    assert len(lines) == HEIGHT + 2
    assert max(map(len, lines)) <= 60
    assert any("┆" in line for line in lines)
    assert lines[-1].split() == ["2026-09-21", "2027-04-08"]
    assert math.isclose(one.latest.seconds, 0.2, rel_tol=0.05)


@pytest.mark.usefixtures("_stepped")
def test_a_damaged_row_is_left_out_and_told(here: Path) -> None:
    """All else is shown; how many are left out, why, and of which history stands beside it."""
    with sqlite3.connect(here / "history.db") as connection:
        connection.execute("UPDATE steadyline_results SET run_means = x'0011' WHERE run = 1")
    connection.close()
    code, out, err = ask("sql.x", "--driver", "bench")
    assert code == 0
    assert "39 runs on" in out
    assert err.endswith("history.db (sql.x on main: its run means are cut off)\n")
    assert err.splitlines()[-1].startswith("left out: 1 damaged row of the history in SQLite file ")


@pytest.mark.usefixtures("_stepped")
@pytest.mark.parametrize(
    ("asked", "near"),
    [("sql.item_raed", "sql.item_read"), ("sql.xx", "sql.x"), ("sql.item_read", None), ("qqqq", None)],
    ids=["of the catalogue", "of the history", "without a run", "none near"],
)
def test_a_name_that_nothing_has(asked: str, near: str | None) -> None:
    """The nearest one is named."""
    code, _, err = ask(asked)
    assert code == 3
    assert err.startswith(f"no run with operation {asked} was kept in ")
    assert err.endswith(f"; did you mean {near}?" if near else "measures and keeps one")
