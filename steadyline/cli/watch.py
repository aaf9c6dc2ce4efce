"""`steadyline watch`: the operations against their baselines, live in the terminal."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from alerts.receiver import journal
from alerts.view import rows as view
from alerts.view import snapshot
from alerts.view.firing import firing
from alerts.view.snapshot import Snapshot
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.baselines import load_sourced
from steadyline.cli import cells
from steadyline.cli.operation_table import table, terminal
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings

SHOWN_NOTIFICATIONS = 5
_FRAME = 8
"""Lines beside the rows, the alerts and the notifications: headings and gaps."""


@dataclass(slots=True)
class Screen:
    """Asks and draws, as often as it is told to.

    Attributes:
        settings: which Prometheus, which state folder.
        prometheus: the one to ask.
        pattern: glob that an operation's name must match.
        now: Unix time.
        sourced_ids: ids of the sourced baselines.
        own_faults: what is wrong with the user's own operations; what runs goes on with those that it has read.
    """

    settings: Settings
    prometheus: Prometheus
    pattern: str = "*"
    now: Callable[[], float] = time.time
    sourced_ids: frozenset[str] = field(default_factory=lambda: frozenset(baseline.id for baseline in load_sourced()))
    own_faults: list[str] = field(default_factory=catalogue.own_faults)

    def ask(self) -> Snapshot:
        """What Prometheus holds now.

        Raises:
            UnreachableError: it does not answer.
        """
        return snapshot.take(self.prometheus)

    def drawn(self, taken: Snapshot, width: int, height: int | None = None) -> RenderableType:
        """One screen.

        Args:
            taken: what Prometheus held.
            width: of the terminal, in characters.
            height: of the terminal in lines; None shows everything.
        """
        now = datetime.fromtimestamp(self.now(), UTC)
        alerts = firing(taken.alerts)
        told = journal.latest(self.settings.state.notifications, SHOWN_NOTIFICATIONS)
        room = max(3, height - _FRAME - cells.height(alerts) - max(1, len(told)) - len(self.own_faults)) if height else None
        rows = view.rows(taken, self.sourced_ids, self.pattern)
        body: RenderableType = table(rows, width, room) if rows else Text(self._nothing(taken), "yellow")
        header = Group(self._header(taken, now), *(Text(f"! {fault}", "bold red") for fault in self.own_faults))
        parts = (header, body, cells.alerts(alerts, now), cells.notifications(told))
        return Group(*(line for part in parts for line in (part, Text(""))))

    def away(self, error: UnreachableError) -> RenderableType:
        """What is shown while Prometheus is away."""
        return Group(Text(f"{self._clock()}  {error}", "bold red"), Text("asked again until it answers", "dim"))

    def _clock(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).astimezone().strftime("%H:%M:%S")

    def _header(self, taken: Snapshot, now: datetime) -> Text:
        text = Text(f"{self._clock()}  Prometheus {self.prometheus.host} answers", no_wrap=True, overflow="ellipsis")
        if taken.scraped_at is None:
            return text.append(", the exporter was never scraped", "yellow")
        age = max(0.0, now.timestamp() - taken.scraped_at)
        return text.append(f", data {age:.0f} s old", "yellow" if age > snapshot.STALE_SECONDS else "")

    def _nothing(self, taken: Snapshot) -> str:
        if self.pattern != "*" and view.rows(taken, ()):
            return f"no operation is called {self.pattern}; steadyline operations lists them"
        return "no operation has been scraped yet: is the exporter running? (steadyline status)"


def _follow(screen: Screen, console: Console, interval_seconds: float) -> None:
    """Draw until interrupted; a Prometheus that is away is said, and asked again."""
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            try:
                drawn = screen.drawn(screen.ask(), console.width, console.height)
            except UnreachableError as error:
                drawn = screen.away(error)
            live.update(drawn, refresh=True)
            time.sleep(interval_seconds)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def watch(
    interval: Annotated[float, typer.Option(min=0.5, help="Seconds between two looks.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="One look, then end; for pipes too.")] = False,
    operation: Annotated[str, typer.Option(help="Only operations whose name matches this glob, as 'sql.*'.")] = "*",
) -> None:
    """Show every operation against its baseline, live, worst first; below it the alerts and the last notifications.

    "ratio" is how many times its baseline an operation takes now, "at least" what that surely is.
    """
    settings = settings_module.load(os.environ)
    screen, console = Screen(settings, Prometheus(settings.prometheus), operation), terminal()
    if once:
        console.print(screen.drawn(screen.ask(), console.width))
        if screen.own_faults:
            raise typer.Exit(ConfigurationError.exit_code)
        return
    for ending in (signal.SIGINT, signal.SIGTERM):  # leave the alternate screen; a shell's script may have had SIGINT ignored
        signal.signal(ending, _interrupt)
    try:
        _follow(screen, console, interval)
    except KeyboardInterrupt:
        return
