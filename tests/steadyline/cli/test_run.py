"""`steadyline run`, `compare`, `report` and the recording of the runner's baselines, on targets that they serve themselves."""

import json
import re
import signal
import sqlite3
import time
from dataclasses import replace

import psutil
import pytest
import tenacity
from command_line import beginning, ended
from rich.console import Console

from runner.choice import Wanted, choose
from runner.effort import Effort
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baselines import load_recorded
from steadyline.cli import measuring, run_rows
from steadyline.cli import run as running
from steadyline.cli.run_screen import Screen

QUICK = ("--operation", "sql.item_*", "--rounds", "5")


@pytest.fixture
def begin(tmp_path):
    """`begin(*arguments, **environment)` starts steadyline in an empty folder."""
    with beginning(tmp_path) as begin:
        yield begin


@pytest.fixture
def steadyline(begin):
    """`steadyline(*arguments)` runs it to its end; answers exit code, standard output and standard error."""

    def run(*arguments, **environ):
        code, out, err = ended(begin(*arguments, **environ), 240)
        assert "Traceback" not in err, err
        return code, out, err

    return run


def test_table(steadyline, tmp_path):
    """A run prints a line an operation with its numbers against the baseline, and keeps all of it for programs."""
    code, out, err = steadyline("run", *QUICK, "--json", "out.json", "--metrics", "bench.prom")
    assert code == 0, err
    heading, *lines = out.splitlines()
    assert heading.split() == (
        ["operation", "target", "n", "mean", "p50", "p95", "p99", "items/s", "peak", "memory", "baseline", "ratio", "severity"]
    )
    assert {line.split()[0] for line in lines} == {
        f"sql.item_{what}" for what in ("create", "read", "update", "delete", "browse")
    }
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["exit_code"], found["run"]["rounds"], found["run"]["targets"]) == (0, 5, "this run's own")
    assert (found["run"]["driver"], set(found["run"]["versions"])) == (
        "bench",
        {"python", "steadyline", "sqlalchemy", "psycopg"},
    )
    assert found["run"]["command"] == (
        f"steadyline run --operation 'sql.item_*' --rounds 5 --fail-on warning --seed {found['run']['seed']}"
    )
    assert all(len(row["run_means"]) >= 5 and row["n"] >= 5 and row["peak_memory"] > 10_000_000 for row in found["operations"])
    assert found == json.loads((tmp_path / ".steadyline/results.json").read_text())
    page = (tmp_path / "bench.prom").read_text()
    assert re.search(r'_count\{backend="sql",driver="bench",operation="sql.item_read",target="embedded"\} [1-9]', page)
    assert "round 5 of 5" in err


def test_json_on_standard_output(steadyline):
    """`--json -` prints the document and nothing else."""
    _, out, _ = steadyline("run", "--operation", "sql.item_read", "--rounds", "1", "--json", "-")
    assert json.loads(out)["operations"][0]["operation"] == "sql.item_read"


def test_file_that_cannot_be_written(steadyline, tmp_path):
    """It is one message and another exit code; what was measured is shown and kept all the same."""
    code, out, err = steadyline("run", "--operation", "sql.item_read", "--rounds", "1", "--json", "/proc/x/out.json")
    assert code == 2
    assert "sql.item_read" in out
    assert err.splitlines()[-1].startswith("steadyline: /proc/x/out.json: cannot be written")
    assert (tmp_path / ".steadyline/results.json").exists()


def test_what_is_no_file_is_written_to(steadyline, tmp_path):
    """A link, as /dev/stdout is one, stays what it is, and what it leads to is written."""
    (tmp_path / "link").symlink_to(tmp_path / "real")
    steadyline("run", "--operation", "sql.item_read", "--rounds", "1", "--json", "link")
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text())["operations"]


def test_few_rounds_are_no_judgement(steadyline):
    """Under five rounds the numbers are shown and the exit code says that nothing can be judged."""
    code, out, err = steadyline("run", "--operation", "sql.item_[rb]*", "--rounds", "2")
    assert code == 3
    assert "NO_DATA" in out
    assert err.splitlines()[-2:] == [
        "not judged: 1 of 2, a judgement needs 5 rounds (--rounds)",
        "no baseline: 1 of 2, held to their budgets alone; steadyline baseline record --rounds 10 gives them one",
    ]


def test_over_http(steadyline):
    """What asks an API is served with its own data, and everything of the run's own is gone afterwards."""
    code, out, err = steadyline("run", "--operation", "trace.item_read", "--allocations")
    assert code == 0, err
    assert "trace.item_read" in out
    assert "allocated" in out


def test_growth(steadyline, tmp_path):
    """A family's growth is told with its exponent and its points."""
    code, out, err = steadyline("run", "--operation", "sql.scale_*", "--rounds", "5", "--json", "out.json")
    assert code == 0, err
    told = [line for line in out.splitlines() if "size^" in line]
    growth = json.loads((tmp_path / "out.json").read_text())["growth"]
    assert growth
    assert [line.split()[0] for line in told] == [one["family"] for one in growth]
    assert all(len(one["points"]) >= 3 for one in growth)


def doctored(path, factor):
    """Let every recorded baseline be another multiple of what was measured."""
    document = json.loads(path.read_text())
    for one in document["baselines"]:
        one["value"] *= factor
    path.write_text(json.dumps(document))


def test_record_and_compare(steadyline, tmp_path):
    """What was recorded judges what is measured again: slower than it is a regression, faster a stale baseline."""
    code, out, err = steadyline("baseline", "record", "--rounds", "5", "--operation", "sql.item_read")
    assert code == 0, err
    assert "20 ms" in out
    assert re.search(r"shows \(5 / 30 runs\)", out)
    path = tmp_path / ".steadyline/baselines.json"
    (baseline,) = load_recorded(path)
    assert (baseline.driver, baseline.target) == ("bench", "embedded")
    assert baseline.runs in range(5, 31)  # what spreads much is recorded longer
    assert sum(baseline.recorded.histogram) == baseline.recorded.samples
    assert re.fullmatch("[0-9a-f]{8}", baseline.recorded.operation_version)
    doctored(path, 1 / 50)
    code, out, _ = steadyline("compare", "--verbose")
    assert code == 1
    assert re.search(r"sql\.item_read .* CRITICAL", out)
    assert steadyline("compare", "--rounds", "6")[0] == 1
    doctored(path, 2500)
    code, out, _ = steadyline("compare", "--operation", "sql.*")
    assert code == 0
    assert "IMPROVED" in out
    code, out, _ = steadyline("compare", "--operation", "trace.*")
    assert code == 3
    code, out, _ = steadyline("baseline", "list", "--driver", "bench")
    assert re.search(rf"sql\.item_read +embedded .* recorded +{baseline.runs} ", out)
    code, out, err = steadyline("baseline", "remove", "sql.item_read")
    assert (code, "no recorded baseline" in err) == (2, True)
    code, out, _ = steadyline("baseline", "remove", "sql.item_read", "--driver", "bench")
    assert (code, "now judged by 20 ms" in out) == (0, True)
    assert load_recorded(path) == ()


def test_recorded_elsewhere(steadyline, tmp_path):
    """What was recorded on another host does not judge a run: a line says so, the numbers are shown, and it is exit code 0."""
    steadyline("baseline", "record", "--rounds", "5", "--operation", "sql.item_read")
    path = tmp_path / ".steadyline/baselines.json"
    document = json.loads(path.read_text())
    document["baselines"][0]["recorded"]["host"] = "PDP-11"
    document["baselines"][0]["value"] /= 50
    path.write_text(json.dumps(document))
    code, out, err = steadyline("run", "--operation", "sql.item_read")
    assert code == 0, err
    assert "not comparable" in out
    told = err.splitlines()[-1]
    assert told.startswith("not judged: 1 of 1, held to their budgets alone (sql.item_read: recorded on another host (PDP-11;")
    assert told.endswith("records them here, and steadyline compare --other-host compares all the same")


def test_slowed_on_purpose_is_no_baseline(steadyline, tmp_path):
    """What `regress` makes slow meanwhile is not recorded, and said."""
    now = time.time()
    span = {"operation": "sql.item_read", "target": "embedded", "start": now - 60, "end": now + 600}
    (tmp_path / ".steadyline").mkdir()
    (tmp_path / ".steadyline/regressions.jsonl").write_text(json.dumps(span) + "\n")
    code, out, err = steadyline("baseline", "record", "--rounds", "5", "--operation", "sql.item_[rb]*")
    assert code == 3
    assert "sql.item_browse" in out
    assert "not recorded: sql.item_read on embedded was being slowed by steadyline regress" in err
    assert [one.operation for one in load_recorded(tmp_path / ".steadyline/baselines.json")] == ["sql.item_browse"]


def test_nothing_recorded(steadyline):
    """Comparing before recording says what to do."""
    code, _, err = steadyline("compare")
    assert (code, err.splitlines()) == (
        3,
        ["steadyline: nothing has a baseline of the runner's yet; steadyline baseline record --rounds 10 records them"],
    )


def test_report(steadyline):
    """The last run is shown again as text, and as Markdown for a pull request."""
    code, _, err = steadyline("report")
    assert (code, err) == (3, "steadyline: no run was made here yet; steadyline run measures\n")
    steadyline("run", "--operation", "sql.item_read")
    code, out, _ = steadyline("report")
    assert code == 0
    assert out.startswith("Run of 20")
    assert "sql.item_read" in out
    code, out, _ = steadyline("report", "--format", "markdown")
    assert code == 0
    assert re.search(r"^\| sql\.item_read \| embedded \| \d+ \|", out, re.MULTILINE)
    code, out, _ = steadyline("report", "--format", "json")
    assert json.loads(out)["operations"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("run", "--operation", "zz*"), "--operation zz*: no operation fits; there are", id="a glob"),
        pytest.param(("run", "--backend", "zz"), "--backend zz: no such backend; there are sql,", id="a backend"),
        pytest.param(("compare", "--target", "zz"), "--target zz: no such target here; there are embedded", id="a target"),
        pytest.param(("report", "none.json"), "none.json: no such file", id="a report"),
        pytest.param(("baseline", "record", "--rounds", "5", "--runs", "20"), "--runs waits for", id="two ways to record"),
        pytest.param(("baseline", "record", "--all"), "--all is for --rounds", id="all of the schedule"),
    ],
)
def test_bad_input(steadyline, arguments, message):
    """A wrong argument is one message that says what there is, before anything is measured."""
    code, _, err = steadyline(*arguments)
    assert code == 2
    told = [line for line in err.splitlines() if line.startswith("steadyline: ")]
    assert len(told) == 1
    assert told[0].startswith(f"steadyline: {message}")


def test_severity_that_no_operation_has(steadyline):
    """Operations are never `none`, which is the watchdog's; it is refused before anything is measured."""
    code, out, err = steadyline("run", "--operation", "sql.item_read", "--fail-on", "none")
    assert (code, out) == (2, "")
    assert "'none' is not one of 'critical', 'warning', 'info'" in err


def test_target_that_does_not_answer(steadyline):
    """Others are measured all the same, and the exit code says that one did not answer."""
    environ = {"STEADYLINE_TRACE_URL": "http://127.0.0.1:9"}
    code, out, err = steadyline("run", "--operation", "*.item_browse", **environ)
    assert code == 4, err
    assert "sql.item_browse" in out
    assert "127.0.0.1:9" in err
    code, _, err = steadyline("run", "--operation", "trace.item_browse", **environ)
    assert code == 4
    assert "127.0.0.1:9" in err


def wait_until(condition):
    """Wait for it."""
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.05), reraise=True):
        with attempt:
            assert condition()


def rows_there(database):
    """How many rows the tables of a SQLite file have."""
    with sqlite3.connect(database) as connection:
        return sum(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("projects", "items", "links")
        )


@pytest.mark.parametrize("ask", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(begin, tmp_path, ask):
    """Asked to stop, it shows what was measured until then, leaves nothing, and its exit code names the signal."""
    database = tmp_path / "trace.db"
    environ = {"STEADYLINE_SQL_URL": f"sqlite:///{database}", "STEADYLINE_SQL_ALLOW_WRITES": "true"}
    process = begin("run", "--operation", "sql.item_*", "--rounds", "1000", **environ)
    seen = [process.stderr.readline() for _ in range(4)]
    assert any("round" in line for line in seen), seen
    assert rows_there(database) > 0
    process.send_signal(ask)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + ask, err
    assert "sql.item_read" in out
    assert "Ended early" in err
    assert rows_there(database) == 0
    assert json.loads((tmp_path / ".steadyline/results.json").read_text())["run"]["interrupted"] is True


def test_interrupted_before_the_first_round(begin, tmp_path):
    """Nothing is shown where nothing was measured, and the last run's results stay."""
    kept = tmp_path / ".steadyline/results.json"
    kept.parent.mkdir()
    kept.write_text("of the last run")
    process = begin("run", "--backend", "sql", "--rounds", "1000")
    assert [process.stderr.readline() for _ in range(2)][1] == "warm-up\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "nothing was measured yet" in err
    assert kept.read_text() == "of the last run"


def test_broken_off_while_cleaning_up(monkeypatch, tmp_path):
    """Asked once more while it deletes, what was measured stands, and nobody says that all is deleted."""

    def broken_off(*_arguments):
        raise KeyboardInterrupt

    settings = settings_module.load({"STEADYLINE_STATE_DIR": str(tmp_path)})
    choice = choose(catalogue.operations(), settings, Wanted(pattern="sql.item_browse"))
    monkeypatch.setattr(measuring, "close_all", broken_off)
    order = measuring.Order(choice, Effort(rounds=1), 1, ())
    ran = measuring.measure(settings, order, Screen(Console(stderr=True)))
    assert (len(ran.measured[0].runs), ran.is_clean) == (1, False)
    told = running.remarks(choice, replace(ran, signal=2), (run_rows.row(ran.measured[0], None),))
    assert told == [
        "Ended early; what was measured until then is above, and some of what was written may be left on the target."
    ]


def test_sweeps(steadyline, tmp_path):
    """What a run that was killed hours ago left in a target of the user's own goes with the next run, which says so."""
    database = tmp_path / "trace.db"
    environ = {"STEADYLINE_SQL_URL": f"sqlite:///{database}", "STEADYLINE_SQL_ALLOW_WRITES": "true"}
    steadyline("run", "--operation", "sql.item_read", "--rounds", "1", **environ)
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO projects VALUES ('p', 'steadyline-sql-working-p', '2020-01-01 00:00:00')")
        connection.execute("INSERT INTO projects VALUES ('q', 'ours', '2020-01-01 00:00:00')")
    _, _, err = steadyline("run", "--operation", "sql.item_read", "--rounds", "1", **environ)
    assert "sql-main: deleted 1 artefacts that crashed runs had left" in err
    assert rows_there(database) == 1


def test_killed(begin, tmp_path):
    """A run that is killed takes its own targets with it, and the next one clears the folder that it left."""
    process = begin("run", "--operation", "trace.item_*", "--rounds", "1000")
    for line in process.stderr:
        if "round" in line:
            break
    children = psutil.Process(process.pid).children()
    assert children
    process.kill()
    wait_until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    (left,) = (tmp_path / ".steadyline/runs").iterdir()
    begin("run", "--operation", "trace.item_read", "--rounds", "1").communicate(timeout=120)
    assert not left.exists()
