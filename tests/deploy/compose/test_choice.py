"""Docker compose or native: what decides, and the line that says it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_docker import BASE, FakeDocker, said

from deploy.compose import choice
from steadyline.settings import Settings

SETTINGS = Settings()
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
NO_IMAGE = said(errors="Error response from daemon: No such image\n", code=1)
NO_REGISTRY = "Error response from daemon: lookup registry.example: no such host"


def _chosen(fake: FakeDocker, settings: Settings = SETTINGS) -> choice.Choice:
    return choice.choose(settings, fake.folder, fake.environ)


def test_compose_where_all_is_there(fake: FakeDocker) -> None:
    """An engine that answers and has all images runs the stack; the line says how to have it otherwise."""
    found = _chosen(fake)
    assert found.docker is not None
    assert found.why == "Docker 28.2.2 has all images: starting with docker compose; --native runs the stack without Docker."
    assert not any(asked.startswith("pull") for asked in fake.asked)


@pytest.mark.parametrize(
    ("command", "answer", "why"),
    [
        pytest.param("version", said(errors=NO_DAEMON, code=1), f"No Docker engine answers ({NO_DAEMON}):", id="no engine"),
        pytest.param("version", said("19.03.8\n"), "The Docker engine is version 19.03.8, older than 20.10:", id="old engine"),
        pytest.param(
            "compose version", said(errors="unknown command", code=1), "docker has no compose plugin:", id="no plugin"
        ),
        pytest.param("compose version", said("2.2.3\n"), "docker compose is version 2.2.3, older than 2.20:", id="old plugin"),
        pytest.param(
            "compose config",
            said(errors="service s3 refers to undefined volume data\n", code=15),
            "docker-compose.yml: docker compose refuses it: service s3 refers to undefined volume data",
            id="broken file",
        ),
    ],
)
def test_native_where_docker_is_not_fit(fake: FakeDocker, command: str, answer: list[object], why: str) -> None:
    """What keeps docker compose from running the stack makes it native, and is said with how to insist."""
    fake.say(command, answer)
    found = _chosen(fake)
    assert found.docker is None
    assert found.why.startswith(why)
    assert found.why.endswith(": starting natively; --docker starts it with docker compose.")
    assert len(found.why.splitlines()) == 1


def test_native_without_docker(fake: FakeDocker) -> None:
    """No program docker on PATH is no error."""
    (fake.bin / "docker").unlink()
    assert _chosen(fake).why.startswith("docker is not on PATH: starting natively")


def test_a_missing_image_is_pulled(fake: FakeDocker) -> None:
    """Exactly the missing image is pulled, and docker compose runs the stack."""
    fake.say("image inspect --format {{.Id}} axllent/mailpit:v1", NO_IMAGE)
    fake.say("pull", said("v1: Pulling from axllent/mailpit\nStatus: Downloaded\n"))
    shown: list[str] = []
    assert choice.choose(SETTINGS, fake.folder, fake.environ, shown.append).docker is not None
    assert [asked for asked in fake.asked if asked.startswith("pull")] == ["pull axllent/mailpit:v1"]
    assert shown[:2] == ["pulling axllent/mailpit:v1", "pulling axllent/mailpit:v1: v1: Pulling from axllent/mailpit"]


def test_an_image_that_cannot_be_got(fake: FakeDocker) -> None:
    """It makes the stack native; the line has the image's name and the engine's words."""
    fake.say("image inspect --format {{.Id}} axllent/mailpit:v1", NO_IMAGE)
    fake.say("pull", said(errors=NO_REGISTRY, code=1))
    found = _chosen(fake)
    assert found.docker is None
    assert found.why.startswith(
        f"The image axllent/mailpit:v1 is not here and cannot be pulled: {NO_REGISTRY}: starting natively"
    )


@pytest.mark.parametrize("base_is_there", [True, False])
def test_our_own_image_is_built(fake: FakeDocker, base_is_there: bool) -> None:
    """Our image is never pulled, but its base is where it is missing."""
    fake.say("image inspect --format {{.Id}} steadyline:1", NO_IMAGE)
    fake.say("pull", said("3.13-slim: Pulling from library/python\n"))
    if not base_is_there:
        fake.say(f"image inspect --format {{{{.Id}}}} {BASE}", NO_IMAGE)
    assert "has all images but ours, which is built now" in _chosen(fake).why
    pulled = [asked for asked in fake.asked if asked.startswith("pull")]
    assert pulled == ([] if base_is_there else [f"pull {BASE}"])


def test_an_engine_that_hangs(fake: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that takes the connection and says nothing costs a bounded time."""
    monkeypatch.setattr("deploy.compose.docker.ANSWER_SECONDS", 0.2)
    (fake.bin / "docker").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    assert "did not end within 0.2 s: starting natively" in _chosen(fake).why


def _without_file(folder: Path) -> Settings:
    (folder / "docker-compose.yml").unlink()
    return SETTINGS


def _with_anothers(folder: Path) -> Settings:
    (folder / "docker-compose.yml").write_text("name: shop\nservices: {}\n")
    return SETTINGS


def _with_settings_file(folder: Path) -> Settings:
    (folder / "steadyline.toml").touch()
    return SETTINGS


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(_without_file, "docker-compose.yml is not in this folder", id="from a wheel"),
        pytest.param(_with_anothers, "docker-compose.yml is not in this folder", id="another's file"),
        pytest.param(_with_settings_file, "the settings file here is the native stack's", id="settings file"),
        pytest.param(lambda _: Settings(state_dir=Path("elsewhere")), "the state folder is set", id="state folder"),
    ],
)
def test_native_where_only_that_fits(fake: FakeDocker, made: Callable[[Path], Settings], why: str) -> None:
    """What docker compose would not read, or is not ours, is native; docker is not even asked."""
    settings = made(fake.folder)
    found = _chosen(fake, settings)
    assert found.docker is None
    assert why.lower() in found.why.lower()
    assert fake.asked == []


def test_our_own_compose_file_is_known(pytestconfig: pytest.Config) -> None:
    """The repository's file is taken for ours."""
    assert not choice.only_native(SETTINGS, pytestconfig.rootpath, {})
