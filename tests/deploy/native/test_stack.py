"""The whole native stack, for real: on free ports, in a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import tenacity

from deploy.native import record, stack
from steadyline import settings as settings_module
from steadyline.settings import Ports, Settings

pytestmark = pytest.mark.stack
NAMES = ["trace", "s3", "vast", "receiver", "alertmanager", "tams", "exporter", "prometheus"]
ALERT = {
    "version": "4",
    "status": "firing",
    "receiver": "steadyline",
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://127.0.0.1",
    "groupKey": "{}",
    "truncatedAlerts": 0,
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "SteadylineRegression", "severity": "critical", "operation": "trace.item_create"},
            "annotations": {"summary": "made up by a test"},
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://127.0.0.1/",
            "fingerprint": "0123456789abcdef",
        }
    ],
}


@dataclass(frozen=True)
class Place:
    """A folder to run the stack in, with ports of its own."""

    folder: Path
    environ: dict[str, str]

    @property
    def settings(self) -> Settings:
        """As the commands read them."""
        return settings_module.load(self.environ)

    def run(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run `steadyline` to its end."""
        command = [str(Path(sys.executable).with_name("steadyline")), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environ | environ, capture_output=True, text=True, timeout=150, check=False
        )

    def listening(self) -> set[int]:
        """Which of our ports are taken."""
        ours = set(dict(self.settings.ports).values())
        taken = {c.laddr.port for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
        return ours & taken

    def processes(self) -> list[str]:
        """The command lines of our processes."""
        lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
        return [line for line in lines if str(self.folder) in line]


@pytest.fixture
def place(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Place]:
    """A fresh folder; whatever a failed test leaves in it is stopped."""
    ports = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in Ports.model_fields}
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("STEADYLINE_")}
    here = Place(tmp_path, inherited | ports | {"STEADYLINE_STATE_DIR": str(tmp_path / "state")})
    yield here
    stack.stop(here.settings)


def test_up_and_down(place: Place) -> None:
    """`up --detach` returns when everything is ready; `down` leaves no process, no port and no socket."""
    up = place.run("up", "--native", "--detach")
    assert up.returncode == 0, up.stderr
    assert re.findall(r"✓ (\w+)$", up.stderr, re.MULTILINE)[-len(NAMES) :] == NAMES
    programs = stack.running(place.settings)
    assert [(program.name, program.state) for program in programs] == [(name, "RUNNING") for name in NAMES]
    for program in programs:
        assert program.url in up.stdout
        assert httpx.get(program.url, trust_env=False).status_code == 200
    assert len(place.listening()) == len(NAMES)
    known = record.read(place.settings.state)
    assert known is not None

    again = place.run("up", "--native", "--detach")
    assert (again.returncode, "runs already" in again.stderr) == (0, True)

    down = place.run("down")
    assert down.returncode == 0, down.stderr
    assert re.findall(r"✓ stop (\w+)", down.stderr) == NAMES[::-1]
    assert (place.listening(), place.processes(), Path(known.socket).parent.exists()) == (set(), [], False)
    assert "Nothing runs" in place.run("down").stderr


def test_recovers_after_its_supervisor_was_killed(place: Place) -> None:
    """After kill -9 of the supervisor `up` ends the orphans and starts anew."""
    assert place.run("up", "--native", "--detach").returncode == 0
    known = record.read(place.settings.state)
    assert known is not None
    assert known.pid is not None
    psutil.Process(known.pid).kill()
    before = {program.name: program.pid for program in stack.running(place.settings)}
    assert {program.state for program in stack.running(place.settings)} == {stack.ORPHANED}

    up = place.run("up", "--native", "--detach")
    assert up.returncode == 0, up.stderr
    after = {program.name: program.pid for program in stack.running(place.settings)}
    assert set(before) == set(after) == set(NAMES)
    assert not set(before.values()) & set(after.values())
    assert place.run("down").returncode == 0
    assert (place.listening(), place.processes()) == (set(), [])


def test_foreground_shows_notifications_and_stops_on_ctrl_c(place: Place) -> None:
    """In the foreground `up` prints a notification as it comes; Ctrl-C stops everything and is a success."""
    command = [str(Path(sys.executable).with_name("steadyline")), "up", "--native"]
    out, err = place.folder / "out", place.folder / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=place.folder, env=place.environ, stdout=stdout, stderr=stderr, start_new_session=True
        )
    with process:
        until = tenacity.Retrying(stop=tenacity.stop_after_delay(100), wait=tenacity.wait_fixed(0.1), reraise=True)
        until(_contains, err, "Notifications appear here")
        httpx.post(f"http://127.0.0.1:{place.settings.ports.receiver}/alerts", json=ALERT, trust_env=False).raise_for_status()
        until(_contains, out, "made up by a test")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=100) == 0
    assert re.findall(r"✓ stop (\w+)", err.read_text()) == NAMES[::-1]
    assert (place.listening(), place.processes()) == (set(), [])


def test_a_program_that_dies_is_named_and_nothing_stays(place: Place) -> None:
    """A program that ends while it starts is named with its log's last lines, and what had started is stopped again."""
    fake = place.folder / "bin/prometheus"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "prometheus, version 9.9.9" || echo "disk is on fire"\nexit 0\n')
    fake.chmod(0o755)
    up = place.run("up", "--native", "--detach", PATH=f"{fake.parent}:{place.environ['PATH']}")
    assert up.returncode == 4
    log = place.settings.state.logs / "prometheus.log"
    assert f"its log is {log}; its last lines:" in up.stderr
    assert "prometheus ended while it started" in up.stderr
    assert up.stderr.rstrip().endswith("disk is on fire")
    assert "Traceback" not in up.stderr
    assert (place.listening(), place.processes(), stack.running(place.settings)) == (set(), [], [])


def test_a_busy_port_starts_nothing(place: Place) -> None:
    """A busy port is found before anything starts: exit code 2, and no program has a log."""
    port = place.settings.ports.alertmanager
    with subprocess.Popen([sys.executable, "-c", LISTEN, str(port)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        up = place.run("up", "--native", "--detach")
        other.terminate()
    assert up.returncode == 2
    assert f"port {port} (alertmanager) is taken by" in up.stderr
    assert f"(pid {other.pid})" in up.stderr
    assert "STEADYLINE_PORTS_ALERTMANAGER" in up.stderr
    assert not place.settings.state.logs.exists()


LISTEN = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
time.sleep(60)
"""


def _contains(path: Path, text: str) -> None:
    assert text in path.read_text(), json.dumps(path.read_text())
