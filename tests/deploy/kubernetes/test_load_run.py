"""A load run as its Jobs start it: the same commands, as processes on this machine."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import manifests
import pytest
import tenacity

from deploy.kubernetes import cluster
from steadyline.environment import PREFIX

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
STEADYLINE = Path(sys.executable).with_name("steadyline")
WORKERS = 2
RUN_SECONDS = 6


@pytest.fixture
def trace(free_port: Callable[[], int], tmp_path: Path) -> Iterator[str]:
    """A Trace API."""
    port = free_port()
    command = [sys.executable, "-m", "targets.trace", "--port", str(port), "--url", f"sqlite:///{tmp_path / 'trace.db'}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for attempt in tenacity.Retrying(
                stop=tenacity.stop_after_delay(60),
                wait=tenacity.wait_fixed(0.1),
                retry=tenacity.retry_if_exception_type(httpx.HTTPError),
                reraise=True,
            ):
                with attempt:
                    httpx.get(f"http://127.0.0.1:{port}/-/ready", trust_env=False).raise_for_status()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def command_of(workload: str, documents: list[manifests.Document]) -> list[str]:
    """What its container runs, `$(NAME)` replaced as Kubernetes does."""
    container = dict(manifests.pods(documents))[workload]["spec"]["containers"][0]
    variables = {one["name"]: one["value"] for one in container.get("env", [])}
    words = [*container["command"], *container["args"]]
    assert words[0] == "steadyline"
    return [re.sub(r"\$\((\w+)\)", lambda found: variables[found[1]], word) for word in words[1:]]


def test_a_run_ends_with_its_workers_and_leaves_a_report(
    trace: str, free_port: Callable[[], int], built: Callable[[str], list[manifests.Document]], tmp_path: Path
) -> None:
    """Exit code 0 of the master and of each worker; what follows the first brace of its log is what `report` reads."""
    documents = built("runs/demo")
    host = cluster.SETTINGS.url_of("trace")
    port = free_port()
    lead = [trace if word == host else word for word in command_of("load-run", documents)]
    ask = [
        word.replace(f"load-run:{cluster.MASTER_PORT}", f"127.0.0.1:{port}")
        for word in command_of("load-run-worker", documents)
    ]
    assert trace in lead
    assert f"127.0.0.1:{port}" in ask
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ = clean | {
        "STEADYLINE_PORTS_LOAD": str(free_port()),
        "STEADYLINE_PROMETHEUS_URL": f"http://127.0.0.1:{free_port()}",
    }

    def started(arguments: list[str], log: Path) -> "subprocess.Popen[bytes]":
        folder = tempfile.mkdtemp(dir=tmp_path)
        with log.open("wb") as file:
            return subprocess.Popen([str(STEADYLINE), *arguments], cwd=folder, env=environ, stdout=file, stderr=file)

    log = tmp_path / "run.log"
    shortened = ["--duration", f"{RUN_SECONDS}s", "--", f"--master-bind-port={port}"]
    processes = [started([*lead, *shortened], log)]
    processes += [started(ask, tmp_path / f"worker-{number}.log") for number in range(WORKERS)]
    try:
        codes = [process.wait(120) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()

    assert codes == [0] * (1 + WORKERS), log.read_text()
    result = tmp_path / "result.json"
    text = log.read_text()
    result.write_text(text[text.index("\n{") + 1 :])
    assert json.loads(result.read_text())["exit_code"] == 0
    shown = subprocess.run([str(STEADYLINE), "report", str(result)], capture_output=True, text=True, check=False, env=clean)
    assert "trace.item_read" in shown.stdout, shown.stderr
