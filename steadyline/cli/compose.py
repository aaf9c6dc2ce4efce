"""The stack under docker compose, as `up`, `down` and `status` have it."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import typer
from rich.markup import escape

from alerts.receiver.notification import Notification
from alerts.receiver.shown import line
from deploy.compose import choice, docker, stack
from deploy.compose.docker import Docker
from deploy.compose.project import COMMAND, FILE, Container, Project, containers, in_folder
from deploy.native.interruption import INTERRUPTED, interruptible
from steadyline.addresses import local_url
from steadyline.cli.stack_screen import LOOK_SECONDS, NEXT, Screen
from steadyline.errors import ConfigurationError, SteadylineError
from steadyline.settings import Settings

FOLLOWING = NEXT[:3]
"""Grafana has the boards already."""
HEALTH_SECONDS = 15.0
"""How often `up` looks for services that are not well: each look runs a program."""
ANSWER_SECONDS = 5.0


def insisted(screen: Screen) -> Docker:
    """Docker as `--docker` wants it, with all images.

    Raises:
        ConfigurationError: this is no checkout, or docker or its compose plugin is missing or too old.
        UnreachableError: no engine answers, or an image cannot be got.
    """
    if not in_folder(Path.cwd()):
        raise ConfigurationError(f"--docker needs Steadyline's {FILE}, which is not in this folder: go to a checkout of it")
    found = docker.find(os.environ, Path.cwd())
    docker.check(found)
    with screen.progress.status("looking for the images …") as status:
        choice.get_images(found, lambda text: status.update(escape(text)))
    return found


def chosen(settings: Settings, screen: Screen) -> Docker | None:
    """Docker where it runs the stack, None where it runs natively; says which in one line."""
    with screen.progress.status("asking Docker …") as status:
        found = choice.choose(settings, Path.cwd(), os.environ, lambda text: status.update(escape(text)))
    screen.progress.print(found.why, markup=False, soft_wrap=True)
    return found.docker


def present(settings: Settings) -> tuple[Docker, list[Container]] | None:
    """Docker and the containers that are here, maybe none; None where they cannot be asked for."""
    if choice.only_native(settings, Path.cwd(), os.environ):
        return None
    try:
        found = docker.find(os.environ, Path.cwd())
        docker.check(found)
        return found, containers(found)
    except SteadylineError:
        return None


def services(settings: Settings) -> list[Container]:
    """What of docker compose's stack is in this folder, those with something to open first."""
    found = present(settings)
    return sorted(found[1], key=lambda one: (not one.ports, one.service)) if found else []


def told(there: Iterable[Container]) -> list[Notification]:
    """What the receiver among these containers was told, newest first; nothing where it does not answer."""
    ports = [one.ports[0] for one in there if one.service == stack.RECEIVER and one.ports]
    if not ports:
        return []
    with httpx.Client(base_url=local_url(ports[0]), trust_env=False, timeout=ANSWER_SECONDS) as client:
        return _received(client, {}) or []


def up(found: Docker, screen: Screen, *, detach: bool) -> None:
    """Start it, say what to open, and show notifications until Ctrl-C."""
    with interruptible(screen.mute):
        try:
            project = _started(found, screen)
        except KeyboardInterrupt:
            screen.progress.print("Stopped before everything was ready; nothing is left running.")
            raise typer.Exit(INTERRUPTED) from None
        if not detach:
            _stay(found, project, screen)


def _started(found: Docker, screen: Screen) -> Project:
    with screen.progress.status("docker compose up …") as status:
        project = stack.start(found, screen.done, lambda text: status.update(escape(text)))
    screen.opened(stack.pages(project), COMMAND, FOLLOWING)
    return project


def down(settings: Settings, screen: Screen, *, volumes: bool) -> bool:
    """Stop what runs with docker compose, and delete its volumes where asked to; answer whether there was anything."""
    found = present(settings)
    if found is None or not (found[1] or volumes):
        return False
    with screen.step("docker compose down, with all data" if volumes else "docker compose down; data stays in volumes"):
        stack.stop(found[0], volumes=volumes)
    return True


def _stay(found: Docker, project: Project, screen: Screen) -> None:
    """Show notifications until asked to stop, then stop everything."""
    screen.progress.print("Notifications appear here. Ctrl-C stops everything; data stays in volumes.")
    try:
        _show(found, project, screen)
    except KeyboardInterrupt:
        with screen.step("docker compose down"):
            stack.stop(found)
        screen.progress.print("Stopped.")


def _show(found: Docker, project: Project, screen: Screen) -> None:
    nobody = threading.Event()
    told: set[str] = set()
    looked = time.monotonic()
    for notifications in _notifications(project):
        for one in notifications or ():
            screen.out.print(line(one, colour=False), markup=False, soft_wrap=True)
        if notifications is None or time.monotonic() - looked > HEALTH_SECONDS:
            looked = time.monotonic()
            there = containers(found)
            if not any(one.state == "running" for one in there):
                screen.progress.print("Stopped by another command.")
                return
            bad = {one.service: one.told for one in there if not one.good}
            for service in bad.keys() - told:
                screen.progress.print(f"[red]{service} is {bad[service]}[/]; docker compose logs {service}", soft_wrap=True)
            told = set(bad)
        nobody.wait(LOOK_SECONDS)


def _notifications(project: Project) -> Iterator[list[Notification] | None]:
    """What the receiver was told since the last time, oldest first; None while it does not answer."""
    url = next(port.base_url for port in project.ports if port.service == stack.RECEIVER)
    since = datetime.now(UTC).isoformat()
    with httpx.Client(base_url=url, trust_env=False, timeout=ANSWER_SECONDS) as client:
        while True:
            found = _received(client, {"since": since})
            since = found[0].received_at if found else since
            yield found[::-1] if found is not None else None


def _received(client: httpx.Client, query: dict[str, str]) -> list[Notification] | None:
    """The receiver's answer, newest first; None where it gives none."""
    try:
        answer = client.get("/notifications", params=query).raise_for_status().json()
    except httpx.HTTPError:
        return None
    return [Notification(**facts) for facts in answer]
