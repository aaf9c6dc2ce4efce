"""The embedded targets of one run: served for it alone, and gone with it."""

import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest
import tenacity

from deploy.native import own_targets, process_identity
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError, UnreachableError

BEGIN = """
import sys
from deploy.native.own_targets import served
from steadyline import settings
with served(settings.load({"STEADYLINE_STATE_DIR": sys.argv[1]}), ["sql", "trace"]) as own:
    print(own.ports.trace, flush=True)
    sys.stdin.read()
"""


def settings_in(folder, **more):
    """Settings with their state there."""
    return settings_module.load({"STEADYLINE_STATE_DIR": str(folder), **more})


def answers(port):
    """Whether the Trace API answers there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/-/ready", trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def test_served_and_gone(tmp_path):
    """What is embedded is served on free ports with a state folder of the run's own; afterwards nothing of it is left."""
    settings = settings_in(tmp_path)
    with own_targets.served(settings, ["sql", "trace", "s3", "vast", "tams"]) as own:
        assert own.state.root.parent == settings.state.runs
        assert len({port for _, port in own.ports}) == len(type(own.ports).model_fields)
        with httpx.Client(trust_env=False) as http:
            assert http.get(f"http://127.0.0.1:{own.ports.trace}/api/v1/projects").status_code == httpx.codes.OK
            assert http.get(f"http://127.0.0.1:{own.ports.tams}/service").status_code == httpx.codes.OK
    assert not answers(own.ports.trace)
    assert list(settings.state.runs.iterdir()) == []


def test_nothing_to_serve(tmp_path):
    """Where the user names a target, nothing is started for that backend, and the settings stay as they are."""
    settings = settings_in(tmp_path, STEADYLINE_TRACE_URL="http://trace.example")
    with own_targets.served(settings, ["trace"]) as own:
        assert own is settings
    assert not settings.state.runs.exists()


def test_gone_with_a_killed_run(tmp_path):
    """When the run is killed its targets end, and the next run deletes what it left."""
    command = [sys.executable, "-c", BEGIN, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        port = int(run.stdout.readline())
        assert answers(port)
        run.kill()
    for attempt in tenacity.Retrying(stop=tenacity.stop_after_delay(30), wait=tenacity.wait_fixed(0.1), reraise=True):
        with attempt:
            assert not answers(port)
    runs = settings_in(tmp_path).state.runs
    (left,) = runs.iterdir()
    with own_targets.served(settings_in(tmp_path), ["trace"]):
        assert not left.exists()


def test_folder_of_a_run_that_lives_stays(tmp_path):
    """A second run on the same state folder leaves the first one's alone."""
    settings = settings_in(tmp_path)
    process = psutil.Process(os.getppid())
    theirs = settings.state.runs / process_identity.name(process)
    theirs.mkdir(parents=True)
    with own_targets.served(settings, ["sql"]):
        assert theirs.exists()


def test_interrupt_is_the_runs_alone(tmp_path):
    """Ctrl-C in the terminal reaches the run and not its targets, with which it still has to clean up."""
    before = signal.getsignal(signal.SIGINT)
    with own_targets.served(settings_in(tmp_path), ["trace"]) as own:
        (child,) = [one for one in psutil.Process().children() if str(own.ports.trace) in one.cmdline()]
        assert os.getpgid(child.pid) != os.getpgid(0)
        assert child.is_running()
    assert signal.getsignal(signal.SIGINT) is before


def test_target_that_does_not_start(tmp_path, monkeypatch):
    """A target that ends while it starts is told with its log's last lines, and the others are ended."""
    monkeypatch.setattr(own_targets, "_leashed", lambda command: (command[0], "-c", "raise SystemExit('no such database')"))
    settings = settings_in(tmp_path)
    with (
        pytest.raises(UnreachableError, match=r"trace target ended.*\n.*no such database"),
        own_targets.served(settings, ["trace"]),
    ):
        pass
    assert list(settings.state.runs.iterdir()) == []


def test_state_folder_that_cannot_be_written(tmp_path):
    """A state folder that is a file is one message that names it."""
    (tmp_path / "runs").write_text("")
    told = "runs: cannot be written"
    with pytest.raises(ConfigurationError, match=told), own_targets.served(settings_in(tmp_path), ["trace"]):
        pass
