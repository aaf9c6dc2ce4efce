"""Real programs that several tests share; each fixture starts what is asked for on a free port and ends it."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import free_ports
import httpx
import postgresql
import pytest
import tenacity
import versitygw as gateway
from by_file import ByFile

from steadyline import catalogue, heap
from steadyline.own_operations import OwnOperations

NO_SCRAPES = "global:\n  scrape_interval: 5s\n"

StartPrometheus = Callable[..., str]
StartAlertmanager = Callable[..., str]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Ours for `--dist loadfile`."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def _unsettled() -> Iterator[None]:
    """A process of thousands of tests is no exporter: what one test left out of collections would stay for all others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heap, "settle", lambda: None)
        yield


@pytest.fixture
def forgotten_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue that knows none of a user's own operations at first, and forgets those of the test's settings."""
    monkeypatch.setattr(catalogue, "_OWN", OwnOperations(catalogue.shipped))


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port of the loopback address that nothing listens on now, and that no test of this process was given lately."""
    return free_ports.free_port


@pytest.fixture(scope="session")
def start_prometheus(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPrometheus]:
    """`start(config=..., history=..., folder=...)` starts a real Prometheus, ready, and answers its base URL.

    config is its configuration; history is OpenMetrics text with timestamps, backfilled before it starts; folder is where
    it finds its rules (a new one where not given); port is for a test that asks before it is there.
    """
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip("prometheus and promtool are not on PATH")
    started: list[subprocess.Popen[bytes]] = []

    def start(config: str = NO_SCRAPES, history: str = "", folder: Path | None = None, port: int | None = None) -> str:
        place = folder or tmp_path_factory.mktemp("prometheus")
        (place / "prometheus.yml").write_text(config)
        if history:
            _backfill(place, history)
        listens = port or free_port()
        started.append(_prometheus(place, listens))
        url = f"http://127.0.0.1:{listens}"
        _wait_until_ready(f"{url}/-/ready", place / "prometheus.log")
        return url

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=30)


def _backfill(place: Path, history: str) -> None:
    """Put series into Prometheus' storage as they would have been scraped."""
    text = place / "history.txt"
    text.write_text(history)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(place / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def _prometheus(place: Path, port: int) -> "subprocess.Popen[bytes]":
    command = [
        "prometheus",
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'data'}",
        "--storage.tsdb.retention.time=50y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        "--storage.remote.flush-deadline=1s",  # a storage that a test has ended already is waited for that long
    ]
    with (place / "prometheus.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture(scope="session")
def start_alertmanager(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartAlertmanager]:
    """`start(config)` starts a real Alertmanager with this configuration, ready, and answers its base URL.

    place is where its configuration, its templates and its log are (a new one where not given).
    """
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not program:
        pytest.skip("Alertmanager is not on PATH")
    started: list[subprocess.Popen[bytes]] = []

    def start(config: str, place: Path | None = None) -> str:
        folder = place or tmp_path_factory.mktemp("alertmanager")
        (folder / "alertmanager.yml").write_text(config)
        port = free_port()
        command = [
            program,
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]
        with (folder / "log").open("wb") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(f"{url}/-/ready", folder / "log")
        return url

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=30)


def _wait_until_ready(url: str, log: Path) -> None:
    waiting = tenacity.Retrying(
        stop=tenacity.stop_after_delay(60),
        wait=tenacity.wait_fixed(0.1),
        retry=tenacity.retry_if_exception_type((httpx.HTTPError, AssertionError)),
        reraise=True,
    )
    for attempt in waiting:
        with attempt:
            assert httpx.get(url, trust_env=False).is_success, log.read_text()


@pytest.fixture(scope="session")
def versitygw(free_port: Callable[[], int]) -> Iterator[gateway.VersityGw]:
    """A real S3 on a free port; built first where Go is there and needed. Mark what asks for it with its MARKS."""
    with gateway.running(free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def postgres(free_port: Callable[[], int]) -> Iterator[postgresql.PostgreSql]:
    """A real PostgreSQL on a free port, run by an unprivileged user; installed first where that is possible and needed."""
    with postgresql.running(free_port()) as server:
        yield server
