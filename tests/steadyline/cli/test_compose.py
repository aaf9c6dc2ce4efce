"""`up`, `down` and `status` with docker compose, over a stand-in of the program `docker`."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from command_line import Begin, beginning, ended
from fake_docker import FakeDocker, config, container, said

UP = "compose --progress plain up"
SECONDS = 60
NOTIFICATION = {
    "received_at": "2099-01-01T00:00:00.000+00:00",
    "status": "firing",
    "alertname": "SteadylineRegression",
    "severity": "critical",
    "operation": "trace.item_create",
    "target": "embedded",
    "driver": "probe",
    "starts_at": "2099-01-01T00:00:00+00:00",
    "ends_at": "",
    "value": "81 ms, baseline 50 ms",
    "summary": "made up by a test",
    "description": "",
    "runbook_url": "",
    "dashboard_url": "",
    "fingerprint": "0123456789abcdef",
}


@pytest.fixture
def fake(tmp_path: Path) -> FakeDocker:
    """An engine that answers, has all images and runs nothing, until told otherwise."""
    return FakeDocker(tmp_path)


@pytest.fixture
def begin(fake: FakeDocker, free_port: Callable[[], int]) -> Iterator[Begin]:
    """Start a command in the checkout, with the stand-in on PATH."""
    ports = {name: str(free_port()) for name in ("STEADYLINE_PORTS_PROMETHEUS", "STEADYLINE_PORTS_RECEIVER")}
    fake.say("compose config", said(config({"prometheus": free_port(), "receiver": free_port()})))
    with beginning(fake.folder, lambda: {**fake.environ, **ports}) as started:
        yield started


class _Receiver(BaseHTTPRequestHandler):
    """Has one notification for who asks since an earlier time, and a later one for who has seen it."""

    def do_GET(self) -> None:
        """Each once."""
        later = NOTIFICATION | {"received_at": "2100-01-01T00:00:00.000+00:00", "value": "the later one"}
        found = [] if "2100" in self.path else [later] if "2099" in self.path else [NOTIFICATION]
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@contextmanager
def _receiver() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_up_with_compose(fake: FakeDocker, begin: Begin) -> None:
    """The choice in one line, then what got ready, then what to open, and how to reach the stack's commands."""
    code, output, error = ended(begin("up", "--detach"), SECONDS)
    assert code == 0, error
    lines = [line for line in error.splitlines() if line.strip()]
    assert lines[0].startswith("Docker 28.2.2 has all images: starting with docker compose")
    assert lines[1:] == ["✓ init", "✓ load-worker"]
    assert "/alerts" in output
    assert "docker compose exec exporter steadyline watch" in output
    assert [asked for asked in fake.asked if asked.startswith(UP)]


def test_foreground_shows_notifications_and_stops_on_ctrl_c(fake: FakeDocker, begin: Begin) -> None:
    """It prints what the receiver was told, each once; Ctrl-C takes the containers down and is a success."""
    with _receiver() as port:
        fake.say("compose config", said(config({"receiver": port})))
        fake.say("compose ps", said(container("receiver").replace("null", f'[{{"PublishedPort": {port}}}]')))
        process = begin("up")
        shown = _until(process, "the later one")
        process.send_signal(2)
        code, rest, error = ended(process, SECONDS)
    assert code == 0, error
    assert (shown + rest).count("81 ms, baseline 50 ms") == 1
    assert fake.asked[-1] == "compose --profile * down --remove-orphans"
    assert error.rstrip().endswith("Stopped.")


def _until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    shown = ""
    for line in process.stdout:
        shown += line
        if words in line:
            return shown
    raise AssertionError(shown)


@pytest.mark.parametrize(
    ("command", "answer", "why"),
    [
        pytest.param(
            "version", said(errors="no daemon", code=1), "no Docker engine answers (no daemon); start it", id="engine"
        ),
        pytest.param("compose version", said(code=1), "docker has no compose plugin; install", id="plugin"),
        pytest.param(UP, said(errors="no space left on device\n", code=1), "no space left on device", id="up"),
    ],
)
def test_what_docker_lacks_is_an_error_with_docker(
    fake: FakeDocker, begin: Begin, command: str, answer: list[object], why: str
) -> None:
    """`--docker` is never answered by a native stack: one message, and the exit code of its kind."""
    fake.say(command, answer)
    code, output, error = ended(begin("up", "--docker", "--detach"), SECONDS)
    assert (code, output) == (2 if command == "compose version" else 4, "")
    assert why in error
    assert "Traceback" not in error


def test_docker_elsewhere(fake: FakeDocker, begin: Begin) -> None:
    """`--docker` without our docker-compose.yml says what is missing."""
    (fake.folder / "docker-compose.yml").unlink()
    code, _, error = ended(begin("up", "--docker"), SECONDS)
    assert (code, "go to a checkout of it" in error) == (2, True)


def test_both_ways(begin: Begin) -> None:
    """`--native --docker` is refused."""
    code, _, error = ended(begin("up", "--native", "--docker"), SECONDS)
    assert (code, "exclude each other" in error) == (2, True)


def test_down(fake: FakeDocker, begin: Begin) -> None:
    """It takes down what runs from this folder; `--volumes` the data too; where nothing runs it says so."""
    assert "Nothing runs." in ended(begin("down"), SECONDS)[2]
    assert not any(asked.startswith("compose --profile * down") for asked in fake.asked)
    fake.say("compose ps", said(container("prometheus")))
    assert "Stopped." in ended(begin("down"), SECONDS)[2]
    assert fake.asked[-1] == "compose --profile * down --remove-orphans"
    ended(begin("down", "--volumes"), SECONDS)
    assert fake.asked[-1] == "compose --profile * down --remove-orphans --volumes"


def test_status(fake: FakeDocker, begin: Begin) -> None:
    """It lists the services and where they are; one that is not well is a broken part."""
    fake.say(
        "compose ps",
        said(
            container("prometheus").replace("null", '[{"PublishedPort": 19990}]')
            + container("init", "exited", "", 0)
            + container("trace", health="unhealthy")
        ),
    )
    code, output, _ = ended(begin("status"), SECONDS)
    assert code == 1
    assert "Services of docker compose" in output
    assert "http://127.0.0.1:19990" in output
    assert "! trace unhealthy: see docker compose logs trace" in output
    assert "! init" not in output
