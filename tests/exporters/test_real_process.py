"""`python -m exporters` as supervisors meet it: started, reloaded, told to end, with its embedded SQLite."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import tenacity
from trace_target import trace_api

from steadyline import vocabulary as names
from steadyline.settings import Ports

pytestmark = pytest.mark.stack

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_operations"


@dataclass
class Running:
    """An exporter's process, its folder and its address."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    url: str

    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text()

    def get(self, path: str) -> httpx.Response:
        """Ask it."""
        return httpx.get(self.url + path, trust_env=False, timeout=30)

    def value(self, *parts: str) -> float:
        """The value of the one line of /metrics that has all these parts."""
        lines = [line for line in self.get("/metrics").text.splitlines() if line[0] != "#" and all(p in line for p in parts)]
        assert len(lines) == 1, lines
        return float(lines[0].rpartition(" ")[2])

    def rows(self) -> dict[str, int]:
        """How many rows each table of the embedded database has."""
        with closing(sqlite3.connect(self.folder / "state" / "data" / "sql" / "trace.db")) as database:
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            return {table: database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


def until(condition: Callable[[], object]) -> None:
    """Wait for another process."""
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert condition()


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Start]:
    """`start(**settings)` starts an exporter in a folder of its own."""
    started: list[Running] = []

    def starting(**settings: object) -> Running:
        ports = {f"STEADYLINE_PORTS_{name.upper()}": free_port() for name in Ports.model_fields}
        given = {"STEADYLINE_STATE_DIR": tmp_path / "state", **ports, **settings}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
        environ = inherited | {name: str(value) for name, value in given.items()}
        with (tmp_path / "log").open("ab") as log:
            command = [sys.executable, "-m", "exporters"]
            process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=log, stderr=log)
        started.append(Running(process, tmp_path, f"http://127.0.0.1:{given['STEADYLINE_PORTS_EXPORTER']}"))
        return started[-1]

    yield starting
    for running in started:
        running.process.kill()
        running.process.wait()


def ready(running: Running) -> Running:
    """The exporter, once it says that it is ready."""
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert running.get("/-/ready").status_code == 200, running.log()
    return running


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_drain_leaves_nothing(start, ending) -> None:
    """Told to end it exits 0, and no row of its own is left; nor a traceback."""
    running = ready(start())
    until(lambda: running.value(f"{names.OPERATION_DURATION.name}_count", "sql.item_create") > 0)
    assert running.rows()["items"] > 0
    running.process.send_signal(ending)
    assert running.process.wait(timeout=30) == 0, running.log()
    assert set(running.rows().values()) == {0}
    assert "Traceback" not in running.log()


def test_strangers_are_refused(start) -> None:
    """On an address beyond this host, with nobody asked who they are, it ends with code 2 and the reason."""
    running = start(STEADYLINE_LISTEN_ADDRESS="0.0.0.0")
    assert running.process.wait(timeout=60) == 2
    assert running.log().startswith("steadyline: listen_address: 0.0.0.0: whoever reaches it would be answered; ")
    assert running.log().count("\n") == 1


def test_unreachable_target_is_failures(start) -> None:
    """A target that is not there counts failures with its reason while the other one is measured."""
    running = ready(start())
    until(lambda: running.value(names.OPERATION_FAILURES.name, "trace.item_read", 'reason="connect"') > 0)
    until(lambda: running.value(f"{names.OPERATION_DURATION.name}_count", "sql.item_read") > 0)
    assert "trying on" in running.log()
    assert "Traceback" not in running.log()


def test_hup_reads_the_settings_anew(start) -> None:
    """SIGHUP takes good settings, refuses bad ones by name, and no count is lost by either."""
    running = ready(start())
    until(lambda: running.value(f"{names.OPERATION_DURATION.name}_count", "sql.item_read") > 0)
    before = running.value(f"{names.OPERATION_DURATION.name}_count", "sql.item_read")
    (running.folder / "steadyline.toml").write_text("nonsense = 1\n")
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.value(names.RELOAD_SUCCESS.name + " ") == 0)
    assert "reload refused, the earlier settings hold: steadyline.toml: nonsense: unknown key" in running.log()
    (running.folder / "steadyline.toml").write_text('[processes]\nmyself = "exporters"\n')
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.value(names.RELOAD_SUCCESS.name + " ") == 1)
    until(lambda: names.PROCESS_RESIDENT.name + '{process="myself"}' in running.get("/metrics").text)
    assert running.value(f"{names.OPERATION_DURATION.name}_count", "sql.item_read") >= before


def count(running: Running, operation: str) -> float:
    """How often an operation succeeded."""
    return running.value(f"{names.OPERATION_DURATION.name}_count", f'operation="{operation}"')


def test_example_of_own_operations_is_measured(start, tmp_path) -> None:
    """A file that the settings name is asked and counted; a changed one is taken by a reload, and a broken one refused."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".steadyline"))
    own = tmp_path / "own_operations.py"
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        running = ready(start(STEADYLINE_TRACE_URL=url, STEADYLINE_TRACE_ALLOW_WRITES=1))
        until(lambda: count(running, "trace.task_close") > 0 and count(running, "sql.open_tasks") > 0)
        before = count(running, "trace.task_close")
        good = own.read_text()
        own.write_text(good.replace("sql.open_tasks", "sql.urgent_tasks"))
        running.process.send_signal(signal.SIGHUP)
        until(lambda: "sql.urgent_tasks" in running.get("/metrics").text)
        assert "sql.open_tasks" not in running.get("/metrics").text
        assert count(running, "trace.task_close") >= before
        own.write_text(good + "def broken(:\n")
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.value(names.RELOAD_SUCCESS.name + " ") == 0)
        line = good.count("\n") + 1
        assert f"the earlier settings hold: own_operations.py:{line}: syntax error" in running.log()
        before = count(running, "trace.task_close")
        until(lambda: count(running, "trace.task_close") > before)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=30) == 0, running.log()
    with closing(sqlite3.connect(tmp_path / "trace.db")) as database:
        assert database.execute("select count(*) from items").fetchone() == (0,)
    assert "Traceback" not in running.log()


def test_busy_port_starts_nothing(start) -> None:
    """A port that is taken is one message and exit code 2, and no file is made."""
    first = ready(start())
    second = start(STEADYLINE_PORTS_EXPORTER=first.url.rpartition(":")[2], STEADYLINE_STATE_DIR=first.folder / "other")
    assert second.process.wait(timeout=60) == 2
    said = [line for line in second.log().splitlines() if line.startswith("steadyline: ")]
    assert len(said) == 1
    assert said[0].startswith("steadyline: ports.exporter: 127.0.0.1:")
    assert not (first.folder / "other").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"STEADYLINE_SQL_ULR": "x"}, "environment: STEADYLINE_SQL_ULR is not a setting", id="unknown setting"),
        pytest.param(
            {"STEADYLINE_SQL_URL": "postgresql://me@", "STEADYLINE_SQL_PASSWORD_FILE": "/nowhere"},
            "/nowhere",
            id="password file that is not there",
        ),
    ],
)
def test_configuration_fault_stops_the_start(start, settings, said) -> None:
    """What the user must mend is told without a traceback or a secret; exit code 2."""
    running = start(**settings)
    assert running.process.wait(timeout=60) == 2
    log = running.log()
    assert said in log
    assert "Traceback" not in log
    assert "topsecret" not in log
