"""`steadyline regress`: what it refuses, and that it leaves nothing behind when it is stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import tenacity
from typer.testing import CliRunner, Result

from alerts.record import runs, slowed
from steadyline.cli.main import build
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.settings import Ports
from steadyline.state import State

SCRAPES = (
    "scrape_configs: [{{job_name: exporter, scrape_interval: 1s, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]\n"
)
PROGRAMS = ("targets.trace", "exporters")


def _ports(free_port: Callable[[], int]) -> dict[str, str]:
    return {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in Ports.model_fields}


@pytest.fixture
def nothing_runs(free_port: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of a stack that was not started."""
    monkeypatch.chdir(tmp_path)
    return _ports(free_port) | {"STEADYLINE_STATE_DIR": str(tmp_path / "state")}


def _steadyline(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(build(["regress"]), ["regress", *arguments], env=environment)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trace.item_reate"], "no operation 'trace.item_reate'"),
        (["sql.item_create"], "inside the exporter's own process"),
        (["trace.item_create", "--factor", "-1"], "give a multiple above 1"),
        (["trace.item_create", "--factor", "nan"], "give a multiple above 1"),
        (["trace.item_create", "--for", "3x"], "is no duration"),
        (["trace.item_create", "--for", "25h"], "for at most 86370s; ask for less"),
        (["trace.item_create", "--target", "main"], "no such target of trace"),
    ],
    ids=["unknown", "in process", "negative", "no number", "no duration", "too long", "unknown target"],
)
def test_a_wrong_question_is_answered_in_one_sentence(nothing_runs: dict[str, str], arguments: list[str], words: str) -> None:
    """Before anything is asked of the network."""
    done = _steadyline(nothing_runs, *arguments)
    assert isinstance(done.exception, ConfigurationError)
    assert words in str(done.exception)


def test_where_the_stack_does_not_run_it_says_to_start_it(nothing_runs: dict[str, str]) -> None:
    """The host, and the command; no journal is begun."""
    done = _steadyline(nothing_runs, "trace.item_create")
    assert isinstance(done.exception, UnreachableError)
    assert f"127.0.0.1:{nothing_runs['STEADYLINE_PORTS_TRACE']}" in str(done.exception)
    assert "run steadyline up" in str(done.exception)
    assert not State(Path(nothing_runs["STEADYLINE_STATE_DIR"])).regressions.exists()


@pytest.fixture
def stack(free_port: Callable[[], int], start_prometheus: Callable[..., str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """A real target with fault control, a real exporter that probes it, a real Prometheus that has scraped it."""
    environment = _ports(free_port) | {"STEADYLINE_STATE_DIR": str(tmp_path / "state")}
    state = State(tmp_path / "state")
    for backend in ("trace", "sql"):
        state.data(backend).mkdir(parents=True)
    target = ["--url", f"sqlite:///{state.data('trace') / 'trace.db'}", "--port", environment["STEADYLINE_PORTS_TRACE"]]
    started = []
    for module, arguments in zip(PROGRAMS, ([*target, "--allow-faults"], []), strict=True):
        with (tmp_path / module).open("wb") as log:
            command = [sys.executable, "-m", module, *arguments]
            started.append(subprocess.Popen(command, env=os.environ | environment, cwd=tmp_path, stdout=log, stderr=log))
    try:
        url = start_prometheus(config=SCRAPES.format(port=environment["STEADYLINE_PORTS_EXPORTER"]))
        environment["STEADYLINE_PORTS_PROMETHEUS"] = url.rpartition(":")[2]
        _eventually(lambda: _assert_measured(url))
        yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=60)


def _eventually(holds: Callable[[], None]) -> None:
    tenacity.Retrying(stop=tenacity.stop_after_delay(90), wait=tenacity.wait_fixed(0.2), reraise=True)(holds)


def _assert_measured(url: str) -> None:
    prometheus = Prometheus(url)
    now = prometheus.query("time()")[0].value
    found = runs.runs(prometheus, 30, [now]).get(("trace.item_create", "embedded"), [])
    assert [run for run in found if run.mean_seconds > 0]


def _faults(environment: dict[str, str]) -> list[str]:
    answer = httpx.get(f"http://127.0.0.1:{environment['STEADYLINE_PORTS_TRACE']}/-/faults", trust_env=False)
    return [found["value"] for found in answer.json()["faults"]]


def _assert_slowed(environment: dict[str, str]) -> None:
    assert _faults(environment) == ["trace.item_create"]


@pytest.mark.stack
def test_stopped_by_sigterm_it_leaves_nothing_slow(stack: dict[str, str], tmp_path: Path) -> None:
    """The fault is gone, the span that was slowed is noted with its true end, and a second one may begin."""
    command = [sys.executable, "-c", "from steadyline.cli.main import main; main()", "regress", "trace.item_create"]
    arguments = ["--factor", "20", "--for", "10m"]
    environ = os.environ | stack
    process = subprocess.Popen([*command, *arguments], env=environ, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        _eventually(lambda: _assert_slowed(stack))
        refused = _steadyline(stack, "trace.item_create")
        assert "is being slowed already" in str(refused.exception)
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "is as quick as before again" in told
    assert _faults(stack) == []
    (span,) = slowed.noted(State(tmp_path / "state").regressions)
    assert span.end - span.start < 600
