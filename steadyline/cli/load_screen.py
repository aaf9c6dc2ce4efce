"""What is shown of a load run under way: a panel each second in a terminal, a line each ten seconds anywhere else."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from steadyline.cli import cells, run_table
from steadyline.cli.load_page import LATELY_SECONDS, Glance, Lately
from steadyline.criterion import parse
from steadyline.durations import spoken
from steadyline.load_vocabulary import Phase

LINE_SECONDS = 10.0
ENDED = "Ended; its last values are served until Prometheus has them, some seconds at most."
_PHASES = {Phase.RAMP: "yellow", Phase.STEADY: "green", Phase.STOP: "dim"}
_STATES = {True: "green", False: "bold red", None: "dim"}


class LoadScreen:
    """Progress on standard error.

    Args:
        console: where to.
        duration_seconds: how long the run lasts; infinite without an end.
    """

    def __init__(self, console: Console, duration_seconds: float) -> None:
        """Show nothing yet."""
        self._console = console
        self._duration = duration_seconds
        self._live: Live | None = None
        self._told_at = -math.inf
        self._has_ended = False

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep the panel until the end; without a terminal there is none."""
        if not self._console.is_terminal:
            yield
            return
        with Live(Text("starting", "dim"), console=self._console, auto_refresh=False, transient=True) as self._live:
            yield
        self._live = None

    def say(self, text: str) -> None:
        """One line, above the panel."""
        self._console.print(text, soft_wrap=True, markup=False)

    def show(self, now: float, seen: Glance, lately: Lately) -> None:
        """What was seen now, and what the last seconds came to; on a page of Locust's own one run may follow another."""
        elapsed = now - seen.start
        if seen.has_ended:
            if not self._has_ended:
                self.say(ENDED)
                if self._live is not None:
                    self._live.update(Text(""), refresh=True)
            self._has_ended = True
            return
        self._has_ended = False
        if self._live is not None:
            self._live.update(self._panel(elapsed, seen, lately), refresh=True)
        elif seen.phase and now - self._told_at >= LINE_SECONDS:
            self._told_at = now
            self.say(f"{elapsed:4.0f} s  {', '.join(_figures(seen, lately))}")
            for line in broken(seen):
                self.say(f"        {line}")

    def _left(self, elapsed: float) -> str:
        if math.isinf(self._duration):
            return f"{spoken(elapsed)} so far; Ctrl-C ends it"
        return f"{spoken(max(0.0, self._duration - elapsed))} left"

    def _panel(self, elapsed: float, seen: Glance, lately: Lately) -> Group:
        heading = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=self._duration, completed=elapsed, width=30) if math.isfinite(self._duration) else Text("")
        phase = Text(seen.phase or "starting", _PHASES.get(seen.phase, ""))
        heading.add_row(phase, bar, Text(self._left(elapsed), "dim"))
        saturated = [
            Text(f"worker {one} is the bottleneck itself: do not trust the latencies", "bold red") for one in seen.saturated
        ]
        lines = [
            Text(criterion_line(text, value, met=met), _STATES[met], no_wrap=True, overflow="ellipsis")
            for text, (value, met) in seen.criteria.items()
        ]
        return Group(heading, Text(", ".join(_figures(seen, lately)[1:])), *lines, *saturated)


def _figures(seen: Glance, lately: Lately) -> list[str]:
    rate = [] if seen.arrival_rate is None else [f"{seen.arrival_rate:g} starts/s asked for", f"{seen.dropped} dropped"]
    return [
        seen.phase or "starting",
        f"{seen.users} of {seen.target_users} users",
        *rate,
        f"{run_table.count(lately.per_second)} requests/s",
        f"p50 {cells.seconds(lately.p50)}",
        f"p95 {cells.seconds(lately.p95)}",
        f"p99 {cells.seconds(lately.p99)} (last {LATELY_SECONDS:g} s)",
        f"{seen.failed} failed",
    ]


def criterion_line(text: str, value: float | None, *, met: bool | None) -> str:
    """A criterion, its value, and how it stands."""
    word = {True: "met", False: "BROKEN", None: "no data yet"}[met]
    found = "" if value is None else f", now {parse(text).written(value)}"
    return f"{text}: {word}{found}"


def broken(seen: Glance) -> Iterable[str]:
    """What went wrong so far."""
    for text, (value, met) in seen.criteria.items():
        if met is False:
            yield criterion_line(text, value, met=met)
    for one in seen.saturated:
        yield f"worker {one} is the bottleneck itself: do not trust the latencies"
