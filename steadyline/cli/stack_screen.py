"""What `up` and `down` print, whichever way the stack runs."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.table import Table

LOOK_SECONDS = 0.5
"""How often `up` looks for new notifications."""
NEXT = (
    ("watch", "the operations against their baselines, live"),
    ("regress trace.item_create --factor 1.6 --for 3m", "slow one down and see the notification arrive"),
    ("baseline record", "give this machine baselines of its own"),
    ("dashboards push --url URL --token-file FILE", "bring the boards into a Grafana of yours"),
)


class Openable(Protocol):
    """What has an address to open: a program of the native stack, or a service of docker compose."""

    @property
    def name(self) -> str:
        """As in `settings.ports`, or the service's."""

    @property
    def url(self) -> str:
        """What to open."""

    @property
    def tells(self) -> str:
        """What one sees there."""


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
        self.done(doing)

    def done(self, what: str) -> None:
        """A line about what is done."""
        self.progress.print(f"[green]✓[/] {what}")

    def opened(self, what: Iterable[Openable], command: str, following: Iterable[tuple[str, str]] = NEXT) -> None:
        """The table of what to open, and what to run next.

        Args:
            what: addresses.
            command: how to type `steadyline` so that it reaches the stack.
            following: arguments and what they do.
        """
        shown = list(what)
        table = Table("what", title="Steadyline is running", title_justify="left")
        table.add_column("open", no_wrap=True)
        table.add_column("what for", overflow="fold")
        for one in shown:
            table.add_row(one.name, one.url, one.tells)
        self.out.print(table)
        for arguments, tells in following:
            if arguments.startswith("regress") and all(one.name != "trace" for one in shown):
                continue  # nothing of the stack's own that could be made slow
            self.out.print(f"  [bold]{command} {arguments}[/]  {tells}", soft_wrap=True)
