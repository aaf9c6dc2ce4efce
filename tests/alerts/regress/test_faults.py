"""Fault control from outside, over a real Trace target."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest
import tenacity

from alerts.regress.faults import FaultControl
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.outcome import OPERATION_HEADER

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def start_target(free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """`start(*arguments)` serves the Trace API and answers its base URL."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> str:
        port, folder = free_port(), tmp_path_factory.mktemp("trace")
        command = [sys.executable, "-m", "targets.trace", "--url", f"sqlite:///{folder / 'trace.db'}", "--port", str(port)]
        with (folder / "log").open("wb") as log:
            started.append(subprocess.Popen([*command, *arguments], stdout=log, stderr=log))
        url = f"http://127.0.0.1:{port}"
        waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
        waiting(lambda: httpx.get(f"{url}/-/ready", trust_env=False).raise_for_status())
        return url

    yield start
    for process in started:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def target(start_target: Callable[..., str]) -> str:
    """One with fault control."""
    return start_target("--allow-faults")


def test_a_fault_begins_is_listed_and_ends(target: str) -> None:
    """While it is there it names its operation and holds its requests; ending it twice is no error."""
    control = FaultControl(target)
    assert control.slowed() == {}
    control.slow("regress-x", "trace.item_create", 0.02, 60)
    assert control.slowed().keys() == {"trace.item_create"}
    assert 0 < control.slowed()["trace.item_create"] <= 60
    answer = httpx.get(f"{target}/projects", headers={OPERATION_HEADER: "trace.item_create"}, trust_env=False)
    assert answer.elapsed.total_seconds() >= 0.02
    control.end("regress-x")
    control.end("regress-x")
    assert control.slowed() == {}


def test_a_time_that_cannot_be_is_refused_by_the_target(target: str) -> None:
    """Its words reach the reader."""
    with pytest.raises(UnreachableError, match="refused the fault: HTTP 4"):
        FaultControl(target).slow("regress-x", "trace.item_create", -1, 60)


def test_without_fault_control_the_cure_is_named(start_target: Callable[..., str]) -> None:
    """A target that was not started for it says so before anything is done."""
    with pytest.raises(ConfigurationError, match="start it with --allow-faults"):
        FaultControl(start_target()).slowed()


def test_where_no_target_answers_the_host_is_named(free_port: Callable[[], int]) -> None:
    """And what to do."""
    port = free_port()
    with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}.*steadyline up"):
        FaultControl(f"http://127.0.0.1:{port}").slowed()
