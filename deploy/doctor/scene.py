"""What is known before anything is examined: settings or what is wrong with them, and what of a stack runs here."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from deploy.compose import choice, docker, project
from deploy.compose.docker import Docker
from deploy.compose.project import Container
from deploy.doctor import side_by_side
from deploy.doctor.asking import Patience
from deploy.native import stack
from deploy.native.stack import ProgramStatus
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.addresses import LOCAL_HOSTS, LOOPBACK
from steadyline.environment import CONFIG_VARIABLE, PREFIX
from steadyline.errors import ConfigurationError, SteadylineError
from steadyline.prometheus import Prometheus
from steadyline.settings import DEFAULT_FILE, Settings

NATIVE = "the stack runs natively"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the doctor was called to.

    Attributes:
        settings: or the defaults, where they cannot be read.
        faults: what is wrong with the settings, one sentence each.
        environ: the environment.
        folder: where the user stands.
        programs: those of the native stack that were started.
        services: the containers of docker compose's stack in this folder.
        docker: the program where an engine answers and could run the stack here, else None.
        no_docker: why there is none.
        judges: the Prometheus of the settings answers.
        patience: how long is waited for whom.
    """

    settings: Settings
    faults: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)
    programs: Sequence[ProgramStatus] = ()
    services: Sequence[Container] = ()
    docker: Docker | None = None
    no_docker: str = ""
    judges: bool = False
    patience: Patience = field(default_factory=Patience)

    @property
    def prometheus(self) -> Prometheus:
        """Whom to ask about scrapes and rules."""
        return _prometheus(self.settings.prometheus, self.patience.of_an_answer)

    @property
    def runs(self) -> bool:
        """Whether anything of a stack runs here."""
        return bool(self.programs or self.services)

    @property
    def is_native(self) -> bool:
        """Whether the stack of these settings is this host's own: in a container its parts have other names."""
        return self.settings.hosts.prometheus in LOCAL_HOSTS and not self.services

    @property
    def in_container(self) -> bool:
        """Whether we stand in a container of the stack: the others' ports, files and processes are not ours to see."""
        return self.settings.hosts.prometheus != LOOPBACK

    @property
    def sees_stack(self) -> bool:
        """Whether the stack's parts can be asked by the names that the settings have for them."""
        return bool(self.programs) or self.in_container

    @property
    def needs_programs(self) -> bool:
        """Whether Prometheus and Alertmanager have to be programs of this machine."""
        return not (self.services or self.in_container or self.settings.prometheus_url)

    @property
    def source(self) -> str:
        """Where the settings come from, in words."""
        file = self.environ.get(CONFIG_VARIABLE) or (str(DEFAULT_FILE) if (self.folder / DEFAULT_FILE).exists() else "")
        said = sorted(name for name in self.environ if name.startswith(PREFIX) and name != CONFIG_VARIABLE)
        words = [file] if file else []
        words += [f"{len(said)} variables of the environment"] if said else []
        return " and ".join(words) or "the defaults"


def look(environ: Mapping[str, str], folder: Path, patience: Patience) -> Scene:
    """See what is here; settings that cannot be read are part of the answer."""
    settings, faults = _settings(environ)
    try:
        programs = stack.running(settings)
    except ConfigurationError as error:
        programs, faults = [], [*faults, *error.faults]
    questions: dict[str, Callable[[], bool | Docked]] = {
        "judges": lambda: _prometheus(settings.prometheus, patience.of_an_answer).ready(),
        "docker": lambda: Docked(why_not=NATIVE) if programs else _docker(settings, environ, folder, patience.of_an_answer),
    }
    asked = side_by_side.answers(questions, patience.of_an_answer)
    _import_drivers(settings)
    docked = asked.get("docker")
    if not isinstance(docked, Docked):
        docked = Docked(why_not=f"docker did not answer within {patience.of_an_answer:g} s")
    return Scene(
        settings=settings,
        faults=tuple(faults),
        environ=environ,
        folder=folder,
        programs=programs,
        services=docked.services,
        docker=docked.docker,
        no_docker=docked.why_not,
        judges=bool(asked.get("judges")),
        patience=patience,
    )


def _import_drivers(settings: Settings) -> None:
    """Before any clock runs: what a busy machine takes to import them is no target's fault."""
    modules = [catalogue.MODULES[target.backend].backend for target in settings.targets.values()]
    modules += ["alerts.history.store"] if settings.history_url else []
    for module in modules:
        with suppress(ImportError):  # a package that is missing is told among the versions
            importlib.import_module(module)


@lru_cache(maxsize=1)
def _prometheus(url: str, seconds: float) -> Prometheus:
    """One client for all subjects, which ask at once."""
    return Prometheus(url, seconds)


def _settings(environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings; where they are broken the defaults, with the state folder that the environment names."""
    try:
        return settings_module.load(environ), []
    except ConfigurationError as error:
        named = environ.get(f"{PREFIX}STATE_DIR")
        return (Settings(state_dir=Path(named)) if named else Settings()), error.faults


@dataclass(frozen=True, slots=True)
class Docked:
    """The program, the containers here, and why there is neither."""

    docker: Docker | None = None
    services: Sequence[Container] = ()
    why_not: str = ""


def _docker(settings: Settings, environ: Mapping[str, str], folder: Path, seconds: float) -> Docked:
    if why_not := choice.only_native(settings, folder, environ):
        return Docked(why_not=why_not)
    try:
        found = docker.find(environ, folder)
        said = found.ask("version", "--format", "{{.Server.Version}}", seconds=seconds / 2)
        if said.code != 0:
            return Docked(why_not=f"no Docker engine answers ({said.last})")
        return Docked(found, project.containers(found))
    except SteadylineError as error:
        return Docked(why_not=error.faults[0])
