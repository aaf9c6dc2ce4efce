"""Real programs that several tests share; each fixture starts what is asked for on a free port and ends it."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import tenacity

NO_SCRAPES = "global:\n  scrape_interval: 5s\n"

StartPrometheus = Callable[..., str]


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A port of the loopback address that nothing listens on now."""

    def find() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return int(listener.getsockname()[1])

    return find


@pytest.fixture(scope="session")
def start_prometheus(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartPrometheus]:
    """`start(config=..., history=..., folder=...)` starts a real Prometheus, ready, and answers its base URL.

    config is its configuration; history is OpenMetrics text with timestamps, backfilled before it starts; folder is where
    it finds its rules (a new one where not given).
    """
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip("prometheus and promtool are not on PATH")
    started: list[subprocess.Popen[bytes]] = []

    def start(config: str = NO_SCRAPES, history: str = "", folder: Path | None = None) -> str:
        place = folder or tmp_path_factory.mktemp("prometheus")
        (place / "prometheus.yml").write_text(config)
        if history:
            _backfill(place, history)
        port = free_port()
        started.append(_prometheus(place, port))
        url = f"http://127.0.0.1:{port}"
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
    ]
    with (place / "prometheus.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


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
