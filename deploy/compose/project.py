"""What docker-compose.yml means here: images, published ports and the variables that move them; and what of it runs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy.compose.docker import Docker
from steadyline.addresses import LOOPBACK
from steadyline.errors import ConfigurationError, UnreachableError

FILE = "docker-compose.yml"
COMMAND = "docker compose exec exporter steadyline"
"""In there it has the stack's settings, secrets and state."""
_OURS = re.compile(r"^name: steadyline$", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{(\w+):-\d+\}:")
_FOLDER = re.compile(r"com\.docker\.compose\.project\.working_dir=([^,]*)")
HEALTHY = "healthy"
EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a service publishes here; the variable that moves it is empty where there is none."""

    service: str
    number: int
    variable: str

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.number}"


@dataclass(frozen=True, slots=True)
class Project:
    """The project that `docker compose` has in a folder.

    Attributes:
        name: its name, which is on all that it makes.
        images: each image, and whether it is built here.
        ports: published ports.
    """

    name: str
    images: Mapping[str, bool]
    ports: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the project.

    Attributes:
        service: whose.
        state: the engine's word (running, exited, restarting …).
        health: its health check's word, empty where it has none.
        code: the exit code of one that ended.
        ports: the ports it publishes.
    """

    service: str
    state: str
    health: str
    code: int
    ports: tuple[int, ...] = field(default=())

    @property
    def good(self) -> bool:
        """It runs and its health check says so, or it has done its work."""
        return self.code == 0 if self.state == EXITED else self.state == "running" and self.health in ("", HEALTHY)

    @property
    def told(self) -> str:
        """Its state in a word or two."""
        if self.state == EXITED:
            return f"ended with {self.code}"
        return self.health if self.state == "running" and self.health else self.state


def in_folder(folder: Path) -> bool:
    """Whether this stack's own docker-compose.yml lies there: another's is not ours to start."""
    try:
        return bool(_OURS.search((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False


def load(docker: Docker) -> Project:
    """The project, with `.env`, the environment and override files counted in.

    Raises:
        ConfigurationError: docker compose refuses it, with its words.
    """
    said = docker.ask("compose", "config", "--format", "json")
    if said.code != 0:
        raise ConfigurationError(f"{FILE}: docker compose refuses it: {said.last}")
    document = json.loads(said.output)
    services: dict[str, Any] = document["services"]
    variables = _variables(docker.folder)
    images: dict[str, bool] = {}
    for service in services.values():
        images[service["image"]] = images.get(service["image"], False) or "build" in service
    ports = [port for name, service in services.items() for port in _ports(name, service, variables.get(name, []))]
    return Project(document["name"], images, tuple(ports))


def _ports(name: str, service: Mapping[str, Any], variables: list[str]) -> list[Port]:
    published = [int(port["published"]) for port in service.get("ports") or () if port.get("published")]
    padded = variables + [""] * len(published)
    return [Port(name, number, variable) for number, variable in zip(published, padded, strict=False)]


def _variables(folder: Path) -> dict[str, list[str]]:
    """Of each service, the variables of its published ports in their order."""
    document = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
    return {
        name: [found.group(1) for port in service.get("ports") or () if (found := _VARIABLE.search(str(port)))]
        for name, service in document["services"].items()
    }


def containers(docker: Docker) -> list[Container]:
    """The project's containers, ended ones too; those of another checkout, whose project has the same name, are not ours.

    Raises:
        UnreachableError: they cannot be listed.
    """
    said = docker.ask("compose", "ps", "--all", "--format", "json")
    if said.code != 0:
        raise UnreachableError(f"docker compose ps: {said.last}")
    text = said.output.strip()
    found = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    return [_container(one) for one in found if _is_of(docker.folder, one.get("Labels") or "")]


def _is_of(folder: Path, labels: str) -> bool:
    started_in = _FOLDER.search(labels)
    return started_in is None or Path(started_in.group(1)).resolve() == folder.resolve()


def _container(facts: Mapping[str, Any]) -> Container:
    published = {int(one["PublishedPort"]) for one in facts.get("Publishers") or () if one.get("PublishedPort")}
    return Container(facts["Service"], facts["State"], facts.get("Health") or "", facts["ExitCode"], tuple(sorted(published)))
