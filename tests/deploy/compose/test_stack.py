"""Starting and stopping under docker compose, over a stand-in of the program."""

import json
import os
import socket
from collections.abc import Callable

import pytest
from fake_docker import BASE, FakeDocker, config, container, said

from deploy.compose import docker, images, stack
from deploy.compose.docker import Docker
from deploy.compose.project import containers
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError

FAILED = said(errors="dependency failed to start: something about a container\n", code=1)
UP = "compose --progress plain up"
INIT_LOG = "\x1b[2Ksteadyline: notify.slack.url_file: /run/slack: No such file or directory; put the URL into it\n"


@pytest.fixture
def found(fake: FakeDocker, free_port: Callable[[], int]) -> Docker:
    """The program, in a project whose ports are free."""
    fake.say("compose config", said(config({"prometheus": free_port(), "mailpit": free_port(), "receiver": free_port()})))
    return docker.find(fake.environ, fake.folder)


def _start(found: Docker) -> list[str]:
    ready: list[str] = []
    stack.start(found, ready.append, lambda _: None)
    return ready


def test_services_are_named_as_they_get_ready(fake: FakeDocker, found: Docker) -> None:
    """Each service that ended well or is healthy is told by its name, and nothing is stopped."""
    assert _start(found) == ["init", "load-worker"]
    assert "compose --profile * down --remove-orphans" not in fake.asked


def test_what_to_open(found: Docker) -> None:
    """The addresses have the ports that docker compose publishes."""
    project = stack.start(found, lambda _: None, lambda _: None)
    port = next(port.number for port in project.ports if port.service == "mailpit")
    assert [page.name for page in stack.pages(project)] == ["prometheus", "mailpit", "receiver"]
    assert stack.pages(project)[1].url == f"http://127.0.0.1:{port}/"
    assert [port.variable for port in project.ports] == [
        "STEADYLINE_PORTS_PROMETHEUS",
        "MAILPIT_PORT",
        "STEADYLINE_PORTS_RECEIVER",
    ]


@pytest.mark.parametrize("base_is_there", [True, False])
def test_sources_that_changed(fake: FakeDocker, found: Docker, base_is_there: bool) -> None:
    """Our image is made anew of the sources where its base is here; else the one that is here does."""
    if not base_is_there:
        fake.say(f"image inspect --format {{{{.Id}}}} {BASE}", said(code=1))
    _start(found)
    (up,) = [asked for asked in fake.asked if asked.startswith(UP)]
    assert up.endswith(" --build") == base_is_there


def test_busy_ports_start_nothing(fake: FakeDocker, found: Docker) -> None:
    """All busy ports are told at once, with who holds each and the variable that moves it."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        taken = {"prometheus": one.getsockname()[1], "mailpit": other.getsockname()[1]}
        fake.say("compose config", said(config(taken)))
        with pytest.raises(ConfigurationError) as told:
            _start(found)
    assert [fault.split(" is taken")[0] for fault in told.value.faults] == [f"port {p} ({n})" for n, p in taken.items()]
    assert all(f"(pid {os.getpid()})" in fault for fault in told.value.faults)
    assert "set STEADYLINE_PORTS_PROMETHEUS (in the environment or .env)" in told.value.faults[0]
    assert "set MAILPIT_PORT (" in told.value.faults[1]
    assert not any(asked.startswith((UP, "compose --profile * down")) for asked in fake.asked)


def test_ports_of_its_own_are_not_busy(fake: FakeDocker, found: Docker) -> None:
    """A stack that runs in part is started again, and is not stopped where that fails."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
        fake.say("compose config", said(config({"mailpit": port})))
        fake.say("compose ps", said(container("mailpit").replace("null", f'[{{"PublishedPort": {port}}}]')))
        _start(found)
        fake.say(UP, FAILED)
        with pytest.raises(UnreachableError, match="something about a container"):
            _start(found)
    assert "compose --profile * down --remove-orphans" not in fake.asked


@pytest.mark.parametrize(
    "words",
    [
        "Bind for 127.0.0.1:{port} failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 127.0.0.1:{port}: bind: address already in use",
    ],
)
def test_a_port_taken_meanwhile(fake: FakeDocker, found: Docker, words: str) -> None:
    """What the engine says of a busy port becomes the variable that moves it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    fake.say("compose config", said(config({"mailpit": port})))
    fake.say(UP, said(errors=f"Error response from daemon: {words.format(port=port)}\n", code=1))
    with pytest.raises(ConfigurationError, match=f"port {port} was taken .*; set MAILPIT_PORT to another port"):
        _start(found)
    assert "compose --profile * down --remove-orphans" in fake.asked


def _failing(fake: FakeDocker, found: Docker, listed: str, log: str) -> SteadylineError:
    """What starting says where containers end up so; nothing runs before."""
    fake.say(UP, FAILED)
    fake.say("compose ps", said(listed))
    fake.say("compose logs", said(log))
    with pytest.raises(SteadylineError) as told:
        _start(found)
    return told.value


def test_refused_settings(fake: FakeDocker, found: Docker) -> None:
    """The init service's own message is what is said; what waits for it is not blamed."""
    listed = container("init", "exited", "", 2) + container("prometheus", "created", "")
    error = _failing(fake, found, listed, INIT_LOG)
    assert isinstance(error, ConfigurationError)
    assert error.faults == ["notify.slack.url_file: /run/slack: No such file or directory; put the URL into it"]
    assert "compose --profile * down --remove-orphans" in fake.asked


@pytest.mark.parametrize(
    ("state", "health", "word"),
    [
        ("exited", "", "ended with 137"),
        ("restarting", "", "restarting"),
        ("running", "unhealthy", "unhealthy"),
    ],
)
def test_a_service_that_is_not_well(fake: FakeDocker, found: Docker, state: str, health: str, word: str) -> None:
    """It is named with the last lines of its log."""
    error = _failing(fake, found, container("prometheus", state, health, 137), "level=error msg=one\nlevel=error msg=two\n")
    assert isinstance(error, UnreachableError)
    assert str(error).splitlines() == [
        f"prometheus is {word}; docker compose logs prometheus ends with:",
        "  level=error msg=one",
        "  level=error msg=two",
    ]


def test_what_docker_compose_itself_says(fake: FakeDocker, found: Docker) -> None:
    """Where no container tells why, docker compose's last words do."""
    error = _failing(fake, found, "", "")
    assert str(error) == "docker compose could not start the stack: dependency failed to start: something about a container"


def test_a_registry_that_never_answers(fake: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull without a first line is given up, with what it started."""
    monkeypatch.setattr(images, "REGISTRY_SECONDS", 0.3)
    (fake.bin / "docker").write_text("#!/bin/sh\n/bin/sleep 60\n")
    with pytest.raises(UnreachableError, match=r"some:1 is not here and cannot be pulled: no registry answered within 0\.3 s"):
        images.pull(docker.find(fake.environ, fake.folder), ["some:1"], lambda _: None)


def test_another_checkout(fake: FakeDocker, found: Docker) -> None:
    """A project of the same name that runs from another folder is not taken for ours."""
    label = "com.docker.compose.project.working_dir={},com.docker.compose.service=x"
    listed = [json.loads(container(name)) for name in ("trace", "s3")]
    listed[0]["Labels"], listed[1]["Labels"] = label.format(fake.folder), label.format("/elsewhere")
    fake.say("compose ps", said("\n".join(json.dumps(one) for one in listed)))
    assert [one.service for one in containers(found)] == ["trace"]


def test_down(fake: FakeDocker, found: Docker) -> None:
    """Data stays unless it is asked for."""
    stack.stop(found)
    stack.stop(found, volumes=True)
    down = "compose --profile * down --remove-orphans"
    assert fake.asked[-2:] == [down, f"{down} --volumes"]


def test_down_that_fails(fake: FakeDocker, found: Docker) -> None:
    """The words of docker compose are the error."""
    fake.say("compose --profile * down", said(errors="network steadyline_default has active endpoints\n", code=1))
    with pytest.raises(UnreachableError, match="docker compose down: network steadyline_default has active endpoints"):
        stack.stop(found)
