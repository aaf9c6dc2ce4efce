"""Docker compose or native: decided from what is here, and said in one line."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.compose import docker as program
from deploy.compose import images, project
from deploy.compose.docker import Docker
from steadyline.environment import CONFIG_VARIABLE
from steadyline.errors import SteadylineError
from steadyline.settings import DEFAULT_FILE, Settings

DOCKER, NATIVELY = "--docker starts it with docker compose", "starting natively"


@dataclass(frozen=True, slots=True)
class Choice:
    """What runs the stack.

    Attributes:
        docker: the program where docker compose runs it, None where it runs natively.
        why: the one line that says which and why.
    """

    docker: Docker | None
    why: str


def only_native(settings: Settings, folder: Path, environ: Mapping[str, str]) -> str:
    """Why docker compose is no choice in this folder, or nothing where it is one: what it would not read counts."""
    if not project.in_folder(folder):
        return f"{project.FILE} is not in this folder"
    if settings.state_dir != Settings.model_fields["state_dir"].default:
        return "the state folder is set, and docker compose keeps its state in volumes"
    if environ.get(CONFIG_VARIABLE) or (folder / DEFAULT_FILE).exists():
        return f"the settings file here is the native stack's; docker compose reads deploy/own/{DEFAULT_FILE}"
    return ""


def choose(
    settings: Settings, folder: Path, environ: Mapping[str, str] = os.environ, shown: Callable[[str], None] = lambda _: None
) -> Choice:
    """Docker compose where an engine answers and has, or can get, all images; native else. Missing images are pulled.

    Args:
        settings: which may be such that only a native stack fits them.
        folder: where the user stands.
        environ: the environment.
        shown: told what is under way.
    """
    why_not = only_native(settings, folder, environ)
    if why_not:
        return Choice(None, f"{_sentence(why_not)}: {NATIVELY}.")
    try:
        docker = program.find(environ, folder)
        version = program.check(docker)
        to_build = get_images(docker, shown)
    except SteadylineError as error:
        return Choice(None, f"{_sentence(_fault(str(error)))}: {NATIVELY}; {DOCKER}.")
    has = "has all images but ours, which is built now" if to_build else "has all images"
    return Choice(docker, f"Docker {version} {has}: starting with docker compose; {program.NATIVE}.")


def get_images(docker: Docker, shown: Callable[[str], None]) -> bool:
    """Have the engine pull what is missing; answer whether our own image is to be built.

    Raises:
        UnreachableError: some image cannot be got.
        ConfigurationError: docker compose refuses the project.
    """
    to_pull, to_build = images.missing(docker, project.load(docker))
    images.pull(docker, to_pull, shown)
    return to_build


def _fault(told: str) -> str:
    """What is wrong, without what one could do about it: we go on without."""
    return told.rpartition("; ")[0] if told.endswith(program.OR_NATIVE) else told


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith(("no ", "the ")) else text
