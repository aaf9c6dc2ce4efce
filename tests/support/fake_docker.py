"""A program `docker` that answers as the real one does, without an engine; what it says is a file, and what it was asked."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.compose.project import FILE

IMAGES = {
    "init": "steadyline:1",
    "prometheus": "prom/prometheus:v3",
    "mailpit": "axllent/mailpit:v1",
    "receiver": "steadyline:1",
}
BASE = "python:3.13-slim"
PROMETHEUS_PORT, MAILPIT_PORT, RECEIVER_PORT = 19990, 19925, 19926
COMPOSE_FILE = """\
name: steadyline
services:
  init: {build: ., image: "steadyline:1"}
  prometheus:
    image: prom/prometheus:v3
    ports: ["127.0.0.1:${STEADYLINE_PORTS_PROMETHEUS:-19990}:${STEADYLINE_PORTS_PROMETHEUS:-19990}"]
  mailpit: {image: "axllent/mailpit:v1", ports: ["127.0.0.1:${MAILPIT_PORT:-19925}:8025"]}
  receiver:
    image: steadyline:1
    ports: ["127.0.0.1:${STEADYLINE_PORTS_RECEIVER:-19926}:${STEADYLINE_PORTS_RECEIVER:-19926}"]
"""
PROGRAM = """\
#!{python} -IS
import json, pathlib, sys, time
place = pathlib.Path({place!r})
asked = " ".join(sys.argv[1:])
with (place / "asked").open("a") as file:
    file.write(asked + "\\n")
answers = json.loads((place / "answers").read_text())
answer = next((one for start, one in answers if asked.startswith(start)), ["", "unknown command: " + asked, 1])
sys.stdout.write(answer[0])
sys.stderr.write(answer[1])
sys.exit(answer[2])
"""


def said(output: str = "", errors: str = "", code: int = 0) -> list[Any]:
    """One answer."""
    return [output, errors, code]


def config(published: Mapping[str, int]) -> str:
    """What `docker compose config` says of the file above, with these published ports."""
    services: dict[str, dict[str, Any]] = {name: {"image": image} for name, image in IMAGES.items()}
    services["init"]["build"] = {"context": "."}
    for name, port in published.items():
        services[name]["ports"] = [{"mode": "ingress", "host_ip": "127.0.0.1", "target": port, "published": str(port)}]
    return json.dumps({"name": "steadyline", "services": services})


def container(service: str, state: str = "running", health: str = "healthy", code: int = 0) -> str:
    """A line of `docker compose ps`."""
    facts = {"Service": service, "State": state, "Health": health, "ExitCode": code, "Publishers": None}
    return json.dumps(facts) + "\n"


@dataclass
class FakeDocker:
    """The program, the folder of a checkout, and what it answers to commands that begin so.

    By default an engine answers that has all images and runs nothing.
    """

    root: Path
    answers: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the program and the checkout there."""
        self.bin.mkdir()
        program = self.bin / "docker"
        program.write_text(PROGRAM.format(python=sys.executable, place=str(self.root)))
        program.chmod(0o755)
        self.folder.mkdir()
        (self.folder / FILE).write_text(COMPOSE_FILE)
        (self.folder / "Dockerfile").write_text(f"FROM {BASE} AS build\nFROM {BASE}\n")
        self.answers = {
            "version": said("28.2.2\n"),
            "compose version": said("2.40.0\n"),
            "compose config": said(
                config({"prometheus": PROMETHEUS_PORT, "mailpit": MAILPIT_PORT, "receiver": RECEIVER_PORT})
            ),
            "compose ps": said(),
            "compose --progress plain up": said(
                errors=" Container steadyline-init-1  Exited\n Container steadyline-load-worker-1  Healthy\n"
            ),
            "compose --profile * down": said(),
            "image inspect": said("sha256:0\n"),
        }
        self._write()

    @property
    def bin(self) -> Path:
        """The folder for PATH."""
        return self.root / "bin"

    @property
    def folder(self) -> Path:
        """Where docker-compose.yml lies."""
        return self.root / "checkout"

    @property
    def environ(self) -> dict[str, str]:
        """An environment that has it."""
        return {"PATH": str(self.bin)}

    def say(self, command: str, answer: Sequence[Any]) -> None:
        """Change the answer to commands that begin so; the longest that fits is given."""
        self.answers[command] = list(answer)
        self._write()

    def _write(self) -> None:
        longest_first = sorted(self.answers.items(), key=lambda pair: -len(pair[0]))
        (self.root / "answers").write_text(json.dumps(longest_first))

    @property
    def asked(self) -> list[str]:
        """What it was asked."""
        path = self.root / "asked"
        return path.read_text().splitlines() if path.exists() else []
