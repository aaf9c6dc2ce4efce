"""`steadyline up` and `steadyline down`: the native stack, started with one command and stopped cleanly."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.native import stack
from deploy.native.follow import Follower
from deploy.native.interruption import INTERRUPTED, Interruption, interruptible
from deploy.native.machine import Machine
from deploy.native.packages import ensure_programs
from deploy.native.stack import ProgramStatus
from deploy.native.supervisor_client import ProgramState
from deploy.native.supervisord_config import notices_file
from steadyline import settings as settings_module
from steadyline.cli import preflight
from steadyline.environment import PREFIX
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.settings import Settings

LOOK_SECONDS = 0.5
"""How often `up` looks for new notifications and for programs that died."""
GRACE_SECONDS = 5
"""How long `steadyline down` may take to tidy up after the supervisor has ended."""
NEXT = (
    ("watch", "the operations against their baselines, live"),
    ("regress trace.item_create --factor 1.6 --for 3m", "slow one down and see the notification arrive"),
    ("baseline record", "give this machine baselines of its own"),
    ("dashboards push --url URL --token-file FILE", "bring the boards into a Grafana of yours"),
)


def own_command(environ: Mapping[str, str], called: str) -> str:
    """How to type this command here: its name where PATH has it, else its path."""
    on_path = shutil.which("steadyline", path=environ.get("PATH"))
    if on_path and Path(called).exists() and Path(on_path).samefile(called):
        return "steadyline"
    path = Path(called).absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


class Printer(Console):
    """A console whose reader may leave: `steadyline up | head` goes on in silence until it is told to stop."""

    def on_broken_pipe(self) -> None:
        """Print nothing any more, where rich would end the command and leave the stack behind."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


class Screen:
    """What the two commands print: progress to standard error, what to open to standard output."""

    def __init__(self) -> None:
        """Find out what the terminal can do."""
        self.progress = Printer(stderr=True, highlight=False)
        self.out = Printer(highlight=False)

    def mute(self) -> None:
        """Print nothing any more: the terminal has gone."""
        self.progress.quiet = self.out.quiet = True

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """A line that turns from under way to done."""
        with self.progress.status(f"{doing} …"):
            yield
        self.progress.print(f"[green]✓[/] {doing}")

    def opened(self, programs: list[ProgramStatus]) -> None:
        """The table of what to open, and what to run next."""
        table = Table("what", title="Steadyline is running", title_justify="left")
        table.add_column("open", no_wrap=True)
        table.add_column("what for", overflow="fold")
        for program in programs:
            table.add_row(program.name, program.url, program.tells)
        self.out.print(table)
        for arguments, tells in NEXT:
            if arguments.startswith("regress") and all(program.name != "trace" for program in programs):
                continue  # nothing of the stack's own that could be made slow
            self.out.print(f"  [bold]{own_command(os.environ, sys.argv[0])} {arguments}[/]  {tells}", soft_wrap=True)


def up(
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once everything is ready; `steadyline down` stops it.")
    ] = False,
) -> None:
    """Start the whole stack here, without Docker, and show its notifications until Ctrl-C.

    It starts the Trace API (a system to measure), the notification receiver, the exporter, Alertmanager and Prometheus, each
    once the one before is ready; all listen on 127.0.0.1 only. Missing Prometheus or Alertmanager are installed as root on
    Debian or Ubuntu, their services not started. Ports: STEADYLINE_PORTS_PROMETHEUS and so on, or ports.prometheus in
    steadyline.toml. Data and logs lie in .steadyline/ (STEADYLINE_STATE_DIR). A backend of your own instead of the embedded
    one: STEADYLINE_SQL_URL, STEADYLINE_TRACE_URL.
    """
    settings = settings_module.load(os.environ)
    screen = Screen()
    if stack.supervised(settings):
        screen.progress.print(f"It runs already with {settings.state.root}; `steadyline down` stops it.", soft_wrap=True)
        screen.opened(_healthy(settings))
        return
    with interruptible(screen.mute) as asked:
        try:
            _start(settings, screen, asked)
        except KeyboardInterrupt:
            screen.progress.print("Stopped before everything was ready; nothing is left running.")
            raise typer.Exit(INTERRUPTED) from None
        if not detach:
            _stay(settings, screen)


def down() -> None:
    """Stop the whole stack: Prometheus first, then what it scrapes; the exporter finishes what is under way and cleans up.

    Data, logs and recorded baselines stay in .steadyline/. It also ends what a killed stack left.
    """
    screen = Screen()
    stopped = stack.stop(_settings_to_stop(screen), screen.step)
    screen.progress.print("Stopped." if stopped else "Nothing runs.")


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


def _start(settings: Settings, screen: Screen, asked: Interruption) -> None:
    with screen.progress.status("asking the targets …"):
        plan = preflight.checked(settings)
    with screen.progress.status("looking for Prometheus and Alertmanager …") as status:
        tools = ensure_programs(Machine.of(os.environ), lambda percent, doing: status.update(f"{percent:.0f} % {doing}"))
    programs = stack.start(settings, tools, os.environ, screen.step, asked.held)
    screen.opened(programs)
    for sentence in preflight.left_out(plan):
        screen.progress.print(f"[yellow]Note:[/] {sentence}", soft_wrap=True)


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
        dead = {program.name: program for program in stack.running(settings) if program.state == ProgramState.FATAL}
        for name in dead.keys() - told:
            screen.progress.print(f"[red]{name} keeps ending[/]; its log is {dead[name].log}", soft_wrap=True)
        told = set(dead)
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
