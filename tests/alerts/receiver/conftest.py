"""A real receiver process on a free port, and what Alertmanager posts to it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from tenacity import retry, stop_after_delay, wait_fixed

from steadyline.state import State

_ALERT: dict[str, object] = {
    "status": "firing",
    "labels": {
        "alertname": "SteadylineRegression",
        "severity": "critical",
        "operation": "trace.item_create",
        "backend": "trace",
        "target": "embedded",
        "driver": "probe",
    },
    "annotations": {
        "summary": "81 ms is 1.62x its baseline (50 ms ±10 %)",
        "runbook_url": "https://docs.example/runbook#regression",
    },
    "startsAt": "2026-01-05T12:00:00.25Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://127.0.0.1:9090/graph",
    "fingerprint": "9f3c",
}


def _webhook(alerts: list[dict[str, object]]) -> dict[str, object]:
    return {
        "version": "4",
        "groupKey": '{}:{alertname="SteadylineRegression"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "local",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
        "alerts": alerts,
    }


@dataclass(frozen=True)
class Running:
    """A receiver under test."""

    process: subprocess.Popen[bytes]
    url: str
    state: State
    out: Path
    client: httpx.Client

    def tell(self, *changes: dict[str, object]) -> httpx.Response:
        """Post the webhook with one alert for each change, as Alertmanager does."""
        return self.post(_webhook([_ALERT | change for change in changes]))

    def post(self, document: object, **headers: str) -> httpx.Response:
        """Post anything."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.client.post("/alerts", content=body, headers={"content-type": "application/json"} | headers)

    def shown(self) -> list[str]:
        """The lines on its standard output."""
        return self.out.read_text().splitlines()

    def kept(self) -> list[dict[str, str]]:
        """The lines in its file."""
        return [json.loads(line) for line in self.state.notifications.read_text().splitlines()]


def _environment(folder: Path, port: int) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("STEADYLINE_")}
    return ours | {"STEADYLINE_STATE_DIR": str(folder / "state"), "STEADYLINE_PORTS_RECEIVER": str(port)}


@contextmanager
def _started(folder: Path) -> Iterator[Running]:
    port, out = free_port(), folder / "out.txt"
    with out.open("wb") as stdout:
        command = [sys.executable, "-m", "alerts.receiver"]
        process = subprocess.Popen(command, stdout=stdout, stderr=stdout, env=_environment(folder, port))
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url) as client, process:
        try:
            retry(stop=stop_after_delay(20), wait=wait_fixed(0.05), reraise=True)(client.get)("/-/healthy")
            yield Running(process, url, State(folder / "state"), out, client)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with _started(tmp_path_factory.mktemp("receiver")) as running:
        yield running


@pytest.fixture
def receiver(_shared: Running) -> Running:
    """A receiver that has nothing kept; the process is the module's."""
    shutil.rmtree(_shared.state.root, ignore_errors=True)
    return _shared


@pytest.fixture
def own_receiver(tmp_path: Path) -> Iterator[Running]:
    """A receiver for one test alone, which may end it."""
    with _started(tmp_path) as running:
        yield running
