"""A stack of containers of its own for the tests: project, image tag and ports are no one else's, and nothing of it stays."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import tenacity
from free_ports import free_port

ROOT = Path(__file__).parents[2]
TAG = "test-compose"
BASE = "python:3.13-slim"
OWN_BYTES = 30_000_000
"""What our own code, and all else that is not a locked package, may take in our image."""
_PACKAGES = """
import importlib.metadata, os
others = [d for d in importlib.metadata.distributions() if d.name != 'steadyline']
names = {os.fspath(d.locate_file(f)) for d in others for f in d.files or ()}
print(sum(os.path.getsize(name) for name in names if os.path.isfile(name) and not os.path.islink(name)))
"""
READY_SECONDS = 240
"""Far beyond the promise: the machine may be busy with other tests."""
PORTS = ("TRACE", "TAMS", "S3", "VAST", "EXPORTER", "LOAD", "PROMETHEUS", "ALERTMANAGER", "RECEIVER", "GRAFANA")
OTHER_PORTS = ("MAILPIT_PORT", "LOCUST_WEB_PORT", "LONGTERM_PORT")


def engine_answers() -> bool:
    """Whether there is a Docker engine with compose."""
    try:
        for command in (["docker", "info"], ["docker", "compose", "version"]):
            if subprocess.run(command, capture_output=True, timeout=30, check=False).returncode != 0:
                return False
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def docker(*arguments: str) -> str:
    """What `docker` prints."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def image_sizes() -> tuple[int, int, int]:
    """Bytes of our image, of its base, and of the locked packages in it."""
    image = f"steadyline:{TAG}"
    ours, base = (int(docker("image", "inspect", "--format", "{{.Size}}", one)) for one in (image, BASE))
    return ours, base, int(docker("run", "--rm", image, "python", "-P", "-c", _PACKAGES))


@dataclass(frozen=True)
class ComposeStack:
    """One project of compose.

    Attributes:
        project: its name.
        environ: of `docker compose`.
    """

    project: str
    environ: Mapping[str, str] = field(repr=False)

    def compose(self, *arguments: str, check: bool = True, timeout: float = READY_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` on the project."""
        done = subprocess.run(
            ["docker", "compose", *arguments],
            cwd=ROOT,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
        return done

    def port(self, name: str) -> int:
        """The published port of a part, by its name in the settings or its own variable."""
        return int(self.environ.get(f"STEADYLINE_PORTS_{name.upper()}") or self.environ[name])

    def get(self, part: str, path: str, **query: Any) -> Any:
        """What a part answers, as JSON."""
        answer = httpx.get(f"http://127.0.0.1:{self.port(part)}{path}", params=query, timeout=30, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def query(self, promql: str) -> list[dict[str, Any]]:
        """An instant query's result."""
        found: list[dict[str, Any]] = self.get("prometheus", "/api/v1/query", query=promql)["data"]["result"]
        return found

    def value(self, promql: str) -> float | None:
        """The one value of a query, or None."""
        found = self.query(promql)
        return float(found[0]["value"][1]) if found else None

    def services(self) -> dict[str, list[dict[str, Any]]]:
        """The containers of each service, as `docker compose ps` tells them."""
        text = self.compose("ps", "--all", "--format", "json").stdout.strip()
        rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(row["Service"], []).append(row)
        return found

    def mails(self) -> list[dict[str, Any]]:
        """The mails that came, the newest first."""
        found: list[dict[str, Any]] = self.get("MAILPIT_PORT", "/api/v1/messages", limit=1000)["messages"]
        return found

    def left(self) -> dict[str, list[str]]:
        """What of the project the engine still has."""
        label = f"label=com.docker.compose.project={self.project}"
        asks = {
            "containers": ["docker", "ps", "--all", "--quiet", "--filter", label],
            "volumes": ["docker", "volume", "ls", "--quiet", "--filter", label],
            "networks": ["docker", "network", "ls", "--quiet", "--filter", label],
        }
        return {
            what: subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split() for what, ask in asks.items()
        }


def until(holds: Callable[[], Any], seconds: float = READY_SECONDS) -> Any:
    """Ask again and again until it holds; the last answer or error is in the failure."""
    return tenacity.Retrying(
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_fixed(1),
        retry=tenacity.retry_if_result(lambda answer: not answer)
        | tenacity.retry_if_exception_type((httpx.HTTPError, AssertionError)),
    )(holds)


@contextmanager
def stack(project: str, **environ: str) -> Iterator[ComposeStack]:
    """A project that is not up yet; everything of it is removed in the end."""
    ports = {name: str(free_port()) for name in (*(f"STEADYLINE_PORTS_{port}" for port in PORTS), *OTHER_PORTS)}
    own = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    named = {"COMPOSE_PROJECT_NAME": project, "STEADYLINE_TAG": TAG, "DOCKER_BUILDKIT": "1"}
    found = ComposeStack(project, {**own, **ports, **named, **environ})
    try:
        yield found
    finally:
        found.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20", check=False)
