"""The images that the project needs: there, or pulled by the engine, which is given up soon where no registry answers."""

import re
from collections.abc import Callable

from deploy.compose.docker import Docker
from deploy.compose.project import Project
from steadyline.errors import ConfigurationError, UnreachableError

REGISTRY_SECONDS = 25.0
"""Until the first line of a pull, which comes once the registry has answered."""
PULL_SECONDS = 900.0
"""One image, some 200 MB, over a slow line."""
DOCKERFILE = "Dockerfile"
_BASE = re.compile(r"^FROM (\S+)", re.MULTILINE)
"""The first stage of the Dockerfile; the second has the same."""


def missing(docker: Docker, project: Project) -> tuple[list[str], bool]:
    """The images that have to be pulled, and whether ours is to be built; its base is one of the first then."""
    absent = [image for image in project.images if not _is_there(docker, image)]
    to_pull = [image for image in absent if not project.images[image]]
    to_build = len(absent) > len(to_pull)
    if to_build:
        ours = base(docker)
        to_pull += [] if _is_there(docker, ours) else [ours]
    return to_pull, to_build


def can_be_built(docker: Docker) -> bool:
    """Whether ours can be made anew of the sources: its base is here, so that a change of them counts at the next start."""
    return (docker.folder / DOCKERFILE).is_file() and _is_there(docker, base(docker))


def pull(docker: Docker, images: list[str], shown: Callable[[str], None]) -> None:
    """Have the engine pull them.

    Raises:
        UnreachableError: one cannot be got; with the engine's words.
    """
    for image in images:
        shown(f"pulling {image}")
        said = docker.follow(
            "pull",
            image,
            line=lambda line, image=image: shown(f"pulling {image}: {line}"),  # type: ignore[misc]
            first_seconds=REGISTRY_SECONDS,
            seconds=PULL_SECONDS,
        )
        if said.code != 0:
            why = said.last if said.errors.strip() else f"no registry answered within {REGISTRY_SECONDS:g} s"
            raise UnreachableError(f"the image {image} is not here and cannot be pulled: {why}")


def _is_there(docker: Docker, image: str) -> bool:
    return docker.ask("image", "inspect", "--format", "{{.Id}}", image).code == 0


def base(docker: Docker) -> str:
    """The image that ours is built from.

    Raises:
        ConfigurationError: the Dockerfile names none.
    """
    path = docker.folder / DOCKERFILE
    found = _BASE.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    if found is None:
        raise ConfigurationError(f"{path}: names no base image (FROM …), from which ours is built")
    return found.group(1)
