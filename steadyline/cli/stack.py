"""`steadyline up` and `steadyline down`: the stack, native or docker compose's, started and stopped with one command."""

import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deploy.native import stack
from deploy.native.follow import Follower
from deploy.native.interruption import INTERRUPTED, Interruption, interruptible
from deploy.native.machine import Machine
from deploy.native.packages import ensure_programs
from deploy.native.stack import ProgramStatus
from deploy.native.supervisor_client import ProgramState
from deploy.native.supervisord_config import notices_file
from steadyline import settings as settings_module
from steadyline.cli import compose, preflight
from steadyline.cli.stack_screen import LOOK_SECONDS, Screen, own_command
from steadyline.environment import PREFIX
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings

GRACE_SECONDS = 5
"""How long `steadyline down` may take to tidy up after the supervisor has ended."""


def up(
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once everything is ready; `steadyline down` stops it.")
    ] = False,
    native: Annotated[bool, typer.Option("--native", help="Without Docker, whatever is here.")] = False,
    with_docker: Annotated[
        bool, typer.Option("--docker", help="With docker compose; an error says what is missing for that.")
    ] = False,
    allow_unreachable: Annotated[
        bool,
        typer.Option(preflight.ALLOW, help="Natively: start though a target of yours does not answer; its alert tells of it."),
    ] = False,
) -> None:
    """Start the whole stack here and show its notifications until Ctrl-C.

    With docker compose where a Docker engine answers, docker-compose.yml is in this folder, and all images are here or can be
    pulled; natively else, and where settings are such that only a native stack reads them: STEADYLINE_STATE_DIR,
    STEADYLINE_CONFIG, a steadyline.toml in this folder. One line says which and why.

    Either way everything listens on 127.0.0.1 only and starts once what it stands on is ready. Ports:
    STEADYLINE_PORTS_PROMETHEUS and so on; MAILPIT_PORT and LOCUST_WEB_PORT for docker compose. A backend of your own instead
    of the embedded one: STEADYLINE_SQL_URL, STEADYLINE_TRACE_URL.

    Natively, missing Prometheus or Alertmanager are installed as root on Debian or Ubuntu, their services not started; data
    and logs lie in .steadyline/. With docker compose, data lies in volumes, and Grafana, Mailpit and a load run come with it.
    """
    if native and with_docker:
        raise ConfigurationError("--native and --docker exclude each other: give one of them, or none to have it chosen")
    settings = settings_module.load(os.environ)
    screen = Screen()
    if stack.supervised(settings):
        _runs_already(settings, screen, with_docker=with_docker)
        return
    docker = compose.insisted(screen) if with_docker else None if native else compose.chosen(settings, screen)
    if docker is not None:
        compose.up(docker, screen, detach=detach)
    else:
        _native(settings, screen, detach=detach, allow_unreachable=allow_unreachable)


def _runs_already(settings: Settings, screen: Screen, *, with_docker: bool) -> None:
    if with_docker:
        raise ConfigurationError(f"the stack runs natively with {settings.state.root}: run steadyline down first")
    screen.progress.print(f"It runs already with {settings.state.root}; `steadyline down` stops it.", soft_wrap=True)
    screen.opened(_healthy(settings), _command())


def _native(settings: Settings, screen: Screen, *, detach: bool, allow_unreachable: bool) -> None:
    with interruptible(screen.mute) as asked:
        try:
            _start(settings, screen, asked, allow_unreachable=allow_unreachable)
        except KeyboardInterrupt:
            screen.progress.print("Stopped before everything was ready; nothing is left running.")
            raise typer.Exit(INTERRUPTED) from None
        if not detach:
            _stay(settings, screen)


def down(
    volumes: Annotated[
        bool, typer.Option("--volumes", help="docker compose: delete the data too, recorded baselines with it.")
    ] = False,
) -> None:
    """Stop the whole stack, native or docker compose's, whichever runs from this folder.

    Natively Prometheus is stopped first, then what it scrapes; the exporter finishes what is under way and cleans up. Data,
    logs and recorded baselines stay in .steadyline/, or in docker compose's volumes. It also ends what a killed stack left.
    """
    screen = Screen()
    settings = _settings_to_stop(screen)
    stopped = stack.stop(settings, screen.step)
    stopped = compose.down(settings, screen, volumes=volumes) or stopped
    screen.progress.print("Stopped." if stopped else "Nothing runs.")


def _command() -> str:
    return own_command(os.environ, sys.argv[0])


def _settings_to_stop(screen: Screen) -> Settings:
    """The settings, or where they are broken just the state folder: what runs can be stopped all the same."""
    try:
        return settings_module.load(os.environ)
    except ConfigurationError as error:
        folder = os.environ.get(f"{PREFIX}STATE_DIR")
        settings = Settings(state_dir=Path(folder)) if folder else Settings()
        for fault in error.faults:
            screen.progress.print(f"[yellow]Note:[/] {escape(fault)}", soft_wrap=True)
        screen.progress.print(f"Stopping what runs with {settings.state.root}.", soft_wrap=True)
        return settings


def _start(settings: Settings, screen: Screen, asked: Interruption, *, allow_unreachable: bool) -> None:
    away: list[str] = []
    with screen.progress.status("asking the targets …"):
        plan = preflight.checked(settings, away.append if allow_unreachable else None)
    with screen.progress.status("looking for Prometheus and Alertmanager …") as status:
        tools = ensure_programs(Machine.of(os.environ), lambda percent, doing: status.update(f"{percent:.0f} % {doing}"))
    programs = stack.start(settings, tools, os.environ, screen.step, asked.held)
    screen.opened(programs, _command())
    for sentence in (*away, *preflight.left_out(plan)):
        screen.progress.print(f"[yellow]Note:[/] {escape(sentence)}", soft_wrap=True)


def _stay(settings: Settings, screen: Screen) -> None:
    """Show notifications until asked to stop, then stop everything; a supervisor that was killed ends it too."""
    screen.progress.print("Notifications appear here. Ctrl-C stops everything.")
    follower = Follower(notices_file(settings.state, "receiver"))
    try:
        _show(settings, screen, follower)
    except KeyboardInterrupt:
        screen.progress.print("Stopping.")
        stack.stop(settings, screen.step)
        screen.progress.print("Stopped.")
    finally:
        follower.close()


def _show(settings: Settings, screen: Screen, follower: Follower) -> None:
    told: set[str] = set()
    nobody = threading.Event()
    while True:
        for line in follower.lines():
            screen.out.print(line, markup=False, soft_wrap=True)
        if not stack.supervised(settings):
            _ended(settings, screen)
            return
        programs = {program.name: program for program in stack.running(settings)}
        dead = {name for name, program in programs.items() if program.state in (ProgramState.BACKOFF, ProgramState.FATAL)}
        for name in dead - told:
            screen.progress.print(f"[red]{name} keeps ending[/]; its log is {programs[name].log}", soft_wrap=True)
        told = {name for name in told | dead if name in programs and programs[name].state != ProgramState.RUNNING}
        nobody.wait(LOOK_SECONDS)


def _ended(settings: Settings, screen: Screen) -> None:
    """The supervisor is gone: `steadyline down` in another terminal stopped it, or somebody killed it."""
    if stack.stopped_within(settings, GRACE_SECONDS):
        screen.progress.print("Stopped by steadyline down.")
        return
    stack.stop(settings, screen.step)
    raise UnreachableError("the supervisor was killed, so everything was stopped; start again with steadyline up")


def _healthy(settings: Settings) -> list[ProgramStatus]:
    """What runs; programs that do not are an error that names them."""
    programs = stack.running(settings)
    failed = [program for program in programs if program.state not in (ProgramState.RUNNING, ProgramState.STARTING)]
    if failed:
        named = "; ".join(f"{program.name} is {program.state}, its log is {program.log}" for program in failed)
        raise UnreachableError(f"{named}; run steadyline down, then steadyline up")
    return programs
