"""The stack under docker compose as a whole: start it and wait until it is healthy, stop it, say what of it runs."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from alerts.receiver.notification import harmless
from deploy.compose import images, ports
from deploy.compose.docker import Docker, Said
from deploy.compose.project import Container, Project, containers, load
from steadyline.errors import ConfigurationError, UnreachableError

INIT = "init"
"""The service that reads the settings; what it says is what the user has to mend."""
RECEIVER = "receiver"
PAGES = {
    "grafana": ("/", "the boards"),
    "prometheus": ("/alerts", "rules, alerts and PromQL"),
    "alertmanager": ("/#/alerts", "alerts grouped, silenced, routed"),
    "mailpit": ("/", "the mails that notifications became"),
    RECEIVER: ("/", "notifications that arrived here"),
    "load-master": ("/", "the load, on Locust's page"),
    "trace": ("/api/v1/projects", "the Trace API, the system that is measured"),
    "tams": ("/service", "the TAMS API on VAST DB and S3, that is measured"),
    "s3": ("/health", "an S3 that is measured"),
    "vast": ("/-/ready", "a VAST DB endpoint, that is measured"),
    "exporter": ("/metrics", "what the operations took, as Prometheus scrapes it"),
}
"""What to open of each service, in the order in which it is shown."""
WAIT_SECONDS = 240
"""Until every health check is green; it takes a minute."""
UP_SECONDS = 1800.0
"""The same, and our image built before."""
DOWN_SECONDS = 240.0
"""The exporter and the load may take their minute to finish."""
LOG_LINES = 8
_READY = re.compile(r"^Container (\S+) +(Healthy|Exited)$")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""docker compose wipes a line even where no terminal is."""
_TAKEN = re.compile(r"127\.0\.0\.1:(\d+).*(?:port is already allocated|address already in use)")


@dataclass(frozen=True, slots=True)
class Page:
    """Something to open: the service's name, where, and what one sees there."""

    name: str
    url: str
    tells: str


def pages(project: Project) -> list[Page]:
    """What to open of the project: of each service its first port."""
    first = {port.service: port for port in reversed(project.ports)}
    return [Page(name, first[name].base_url + path, tells) for name, (path, tells) in PAGES.items() if name in first]


def start(docker: Docker, ready: Callable[[str], None], shown: Callable[[str], None]) -> Project:
    """Start everything and wait until every health check is green; what does not come up is stopped again.

    Args:
        docker: whose engine has answered.
        ready: told each service that is ready.
        shown: told each line of docker compose.

    Raises:
        ConfigurationError: ports are taken, or the settings are refused.
        UnreachableError: a service did not get healthy, or docker compose failed; with its last words.
    """
    project = load(docker)
    before = [one for one in containers(docker) if one.state == "running"]
    own = {port for one in before for port in one.ports}
    ports.check_free(port for port in project.ports if port.number not in own)
    with _undone(docker, wanted=not before):
        said = _up(docker, project, ready, shown)
        if said.code != 0:
            raise _failure(docker, project, said)
    return project


@contextmanager
def _undone(docker: Docker, *, wanted: bool) -> Iterator[None]:
    """Stop again what did not come up, but nothing that ran before."""
    try:
        yield
    except BaseException:
        if wanted:
            stop(docker)
        raise


def _up(docker: Docker, project: Project, ready: Callable[[str], None], shown: Callable[[str], None]) -> Said:
    told: set[str] = set()

    def line(text: str) -> None:
        shown(text)
        found = _READY.match(text)
        service = found.group(1).removeprefix(f"{project.name}-").rpartition("-")[0] if found else ""
        if service and service not in told:
            told.add(service)
            ready(service)

    build = ("--build",) if images.can_be_built(docker) else ()
    arguments = ("--detach", "--wait", "--wait-timeout", str(WAIT_SECONDS), "--quiet-pull", *build)
    return docker.follow(
        *("compose", "--progress", "plain", "up", *arguments), line=line, first_seconds=UP_SECONDS, seconds=UP_SECONDS
    )


def stop(docker: Docker, *, volumes: bool = False) -> None:
    """Stop and remove the containers; the data stays in volumes unless they are to go too.

    Raises:
        UnreachableError: docker compose could not.
    """
    # Services of a profile stay where it is not named.
    down = ("compose", "--profile", "*", "down", "--remove-orphans", *(("--volumes",) if volumes else ()))
    said = docker.ask(*down, seconds=DOWN_SECONDS)
    if said.code != 0:
        raise UnreachableError(f"docker compose down: {said.last}")


def _failure(docker: Docker, project: Project, said: Said) -> ConfigurationError | UnreachableError:
    """Why the stack did not come up, from what its containers say; docker compose's own last words tell too little."""
    taken = _TAKEN.search(said.errors)
    if taken:
        found = [port for port in project.ports if port.number == int(taken.group(1))]
        moved = f"; set {found[0].variable} to another port" if found and found[0].variable else ""
        return ConfigurationError(f"port {taken.group(1)} was taken while docker compose started{moved}")
    bad = [one for one in containers(docker) if one.state != "created" and not one.good]
    init = [one for one in bad if one.service == INIT]
    if init:
        lines = [line.removeprefix("steadyline: ") for line in log(docker, INIT)]
        return ConfigurationError(lines or [f"{INIT} {init[0].told}: see docker compose logs {INIT}"])
    if bad:
        return UnreachableError("\n".join(_told(docker, one) for one in bad))
    return UnreachableError(f"docker compose could not start the stack: {said.last}")


def _told(docker: Docker, one: Container) -> str:
    lines = "\n".join(f"  {line}" for line in log(docker, one.service))
    return f"{one.service} is {one.told}; docker compose logs {one.service} ends with:\n{lines}"


def log(docker: Docker, service: str) -> list[str]:
    """The last lines of a service's log."""
    said = docker.ask("compose", "logs", "--no-color", "--no-log-prefix", "--tail", str(LOG_LINES), service)
    return [harmless(_ESCAPE.sub("", line)) for line in said.output.splitlines() if line.strip()]
