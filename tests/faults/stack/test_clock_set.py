"""The machine's clock is set on and back: the schedule and the open model keep their pace, and what is kept can be read."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from fault_alerts import until
from fault_clock import MachineClock
from load_runs import Runs, answering
from native_stack import STEADYLINE

from steadyline.environment import PREFIX
from steadyline.errors import NoDataError
from steadyline.settings import Ports
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, RUNS_SKIPPED

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(900)]

AWAY_SECONDS = 3 * 3600
"""More than what ages by the clock: a run's project, a baseline's window."""
LOOKED_SECONDS = 8.0
CADENCE_SECONDS = 2.0
STARTS_OFF = 4
"""Of a machine that catches up; three hours would be five thousand."""
OPERATION = "sql.item_read"
OWN = Path(__file__).parents[2] / "support" / "own_locustfile.py"
RATE, RUN_SECONDS = 20, 14


@pytest.fixture
def clock(tmp_path) -> MachineClock:
    """Right until it is set."""
    return MachineClock(tmp_path / "clock")


def _environ(clock, folder, free_port):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ports = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in Ports.model_fields}
    own = {
        "STEADYLINE_STATE_DIR": str(folder / "state"),
        "STEADYLINE_EMBEDDED": "false",
        "STEADYLINE_SQL_URL": f"sqlite:///{folder / 'trace.db'}",
        "STEADYLINE_SQL_ALLOW_WRITES": "true",
    }
    return clean | ports | own | clock.environ()


def _counted(url, metric, suffix=""):
    lines = httpx.get(f"{url}/metrics", trust_env=False, timeout=30).text.splitlines()
    ours = [line for line in lines if line.startswith(f"{metric.name}{suffix}{{") and f'"{OPERATION}"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in ours)


def test_the_exporter_keeps_its_pace(clock, tmp_path, free_port, figures) -> None:
    """Set three hours on, and six back: as many attempts as ever, none left out, none failed."""
    environ = _environ(clock, tmp_path, free_port)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "exporters"], cwd=tmp_path, env=environ, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{environ['STEADYLINE_PORTS_EXPORTER']}"
    try:
        until("it measures", lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, (tmp_path / "log").read_text()
        for name, seconds in (("forward", AWAY_SECONDS), ("back", -AWAY_SECONDS)):
            before, skipped, since = (*_starts(url), time.monotonic())
            clock.set(seconds)
            until("some attempts later", lambda began=since: time.monotonic() > began + LOOKED_SECONDS)
            attempts, left_out = (after - then for after, then in zip(_starts(url), (before, skipped), strict=True))
            lasted = time.monotonic() - since
            expected = lasted / CADENCE_SECONDS
            figures.say(
                f"exporter, clock set {name}",
                told=f"{attempts:.0f} attempts and {left_out:.0f} left out, of {expected:.1f} starts",
            )
            assert abs(attempts + left_out - expected) <= STARTS_OFF
            assert _counted(url, OPERATION_FAILURES) == 0
        process.terminate()
        assert process.wait(60) == 0
        assert "Traceback" not in (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()


def _starts(url):
    """Attempts, and starts left out."""
    return _counted(url, OPERATION_DURATION, "_count"), _counted(url, RUNS_SKIPPED)


def _answers(url):
    try:
        return _counted(url, OPERATION_DURATION, "_count") > 0
    except httpx.HTTPError:
        return False


def test_the_open_model_keeps_its_pace(clock, tmp_path, free_port, figures) -> None:
    """Set on and back in the middle of a run, on master and worker alike: as many starts as asked for, to its end."""
    runs = Runs(tmp_path, free_port)
    open_model = ("-u", "8", "-r", "100", "-t", f"{RUN_SECONDS}s", "--arrival-rate", f"{RATE}")
    with answering() as url:
        try:
            master, _ = runs.distributed(1, "--host", url, *open_model, locustfile=OWN, **clock.environ())
            page = f"http://127.0.0.1:{runs.metrics_port}/metrics"
            until("it is steady", lambda: _shows(page, 'steadyline_load_phase{phase="steady"} 1.0'))
            clock.set(AWAY_SECONDS)
            time.sleep(RUN_SECONDS / 4)
            clock.set(-AWAY_SECONDS)
            code = master.end()
            assert code == 0, master.said
            result = master.came_to
        finally:
            runs.end()
    (operation,) = result["operations"]
    scheduled = RATE * (result["end"] - result["steady"])
    figures.say(
        "load, clock set on and back", told=f"{operation['attempts']} of {scheduled:.0f} starts, {result['dropped']} dropped"
    )
    assert RUN_SECONDS / 2 < result["end"] - result["steady"] < 2 * RUN_SECONDS
    assert operation["attempts"] + result["dropped"] == pytest.approx(scheduled, rel=0.15)


def _shows(page, line):
    try:
        return line in httpx.get(page, trust_env=False, timeout=5).text
    except httpx.HTTPError:
        return False


def test_what_was_kept_can_be_read(clock, tmp_path, free_port, figures) -> None:
    """A baseline recorded while the clock is ahead judges a run after it was set back, and both are in the history."""
    environ = _environ(clock, tmp_path, free_port)
    asked = ("--operation", OPERATION)

    def steadyline(*arguments):
        command = [str(STEADYLINE), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=200, check=False)

    clock.set(AWAY_SECONDS)
    recorded = steadyline("baseline", "record", *asked, "--rounds", "5")
    clock.set(-AWAY_SECONDS)
    compared = steadyline("compare", *asked)
    trend = steadyline("trend", OPERATION)
    figures.say("record, then the clock set back", told=f"record {recorded.returncode}, compare {compared.returncode}")
    assert recorded.returncode == 0, recorded.stderr
    assert compared.returncode in (0, 1, 3), compared.stderr
    assert "Traceback" not in recorded.stderr + compared.stderr + trend.stderr
    assert trend.returncode in (0, NoDataError.exit_code), trend.stderr
