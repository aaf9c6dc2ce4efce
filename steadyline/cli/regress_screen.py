"""What `steadyline regress` shows: before, while it lasts, and after."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from alerts.regress.plan import ACCURACY
from alerts.regress.session import Regression
from steadyline import durations
from steadyline.cli import cells

NOT_YET = "not yet"


class Screen:
    """Progress on standard error: a live table in a terminal, and a line for each event anywhere."""

    def __init__(self, console: Console, shown: Regression) -> None:
        """Nothing is shown yet."""
        self._console = console
        self._shown = shown
        self._live: Live | None = None
        self._told: set[str] = set()

    def opening(self) -> None:
        """What will be done, what to expect, and what may go unseen."""
        plan = self._shown.plan
        self._say(
            f"{plan.operation.name} on {plan.target} takes {cells.seconds(plan.present_seconds)} now and is made to take "
            f"{cells.seconds(plan.goal_seconds)}, {plan.ratio:.2f} times its baseline of "
            f"{cells.seconds(plan.baseline_seconds)}, for {durations.spoken(plan.for_seconds)}."
        )
        self._say(
            f"Expected: a {plan.severity} notification after {durations.spoken(plan.delay.expected_seconds)}, "
            f"at most {durations.spoken(plan.delay.worst_seconds)}."
        )
        if plan.warning:
            self._say(f"[yellow]Note:[/] {plan.warning}.")

    def begun(self) -> None:
        """What was found at the beginning."""
        if self._shown.fired_before:
            self._say("[yellow]Note:[/] its alert is there already, so how soon it comes cannot be told.")

    def live(self) -> AbstractContextManager[object]:
        """While it lasts; without a terminal only events are told."""
        if not self._console.is_terminal:
            return nullcontext()
        self._live = Live(self._table(), console=self._console, transient=True)
        return self._live

    def update(self) -> None:
        """Tell what is new."""
        arrival, severity = self._shown.arrival, self._shown.plan.severity
        self._event("pending", arrival.pending, f"the rule sees it: {severity} pending")
        self._event("firing", arrival.firing, f"{severity} firing")
        self._event("notified", arrival.notified, f"{severity} notification received")
        if self._live:
            self._live.update(self._table())

    def closing(self) -> None:
        """What came of it, and what follows."""
        shown, plan = self._shown, self._shown.plan
        if shown.measured.count:
            self._say(
                f"Measured: {cells.seconds(shown.measured.mean_seconds)} over {shown.measured.count:.0f} attempts, "
                f"{error(shown):+.1%} from what was asked; {self._delays()}."
            )
        self._say(f"{plan.operation.name} is as quick as before again.")
        if shown.arrival.firing is not None or shown.fired_before:
            self._say(f"The alert resolves; its notification follows within {durations.spoken(plan.resolve_seconds)}.")

    def missed(self) -> bool:
        """Whether the mean missed its goal, or a notification that had its time did not come."""
        shown, plan = self._shown, self._shown.plan
        came = shown.arrival.notified is not None or shown.fired_before or plan.for_seconds < plan.delay.worst_seconds
        on_goal = not shown.measured.count or abs(error(shown)) <= ACCURACY
        if not came:
            self._say(f"[red]The {plan.severity} notification did not come[/]; see steadyline status, and the logs beside it.")
        if not on_goal:
            self._say(f"[red]The mean missed its goal by more than {ACCURACY:.0%}[/]: the machine may be too busy.")
        return not (came and on_goal)

    def _delays(self) -> str:
        arrival = self._shown.arrival
        if self._shown.fired_before:
            return "its alert was there before"
        if arrival.notified is None:
            return "no notification came"
        return f"notification after {durations.spoken(arrival.notified)}, at most {self._worst()} computed"

    def _worst(self) -> str:
        return durations.spoken(self._shown.plan.delay.worst_seconds)

    def _event(self, name: str, after: float | None, words: str) -> None:
        if after is not None and name not in self._told:
            self._told.add(name)
            self._say(f"  after {durations.spoken(after):>6}: {words}")

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _table(self) -> Table:
        shown, plan, arrival = self._shown, self._shown.plan, self._shown.arrival
        done = plan.for_seconds - shown.left_seconds
        grid = Table.grid(padding=(0, 2))
        grid.add_row("time left", f"{durations.spoken(shown.left_seconds)}")
        grid.add_row("", ProgressBar(total=plan.for_seconds, completed=done, width=40))
        mean = shown.measured.mean_seconds
        ratio = f" = {mean / plan.baseline_seconds:.2f} x baseline" if mean else ""
        grid.add_row("measured", f"{cells.seconds(mean or None)} of {cells.seconds(plan.goal_seconds)}{ratio}")
        stage = "firing" if arrival.firing is not None else "pending" if arrival.pending is not None else NOT_YET
        grid.add_row("alert", f"{plan.severity} {stage}")
        told = NOT_YET if arrival.notified is None else f"after {durations.spoken(arrival.notified)}"
        grid.add_row("notification", f"{told}, expected after {durations.spoken(plan.delay.expected_seconds)}")
        return grid


def error(shown: Regression) -> float:
    """How far the measured mean is from the goal, a fraction."""
    return shown.measured.mean_seconds / shown.plan.goal_seconds - 1


def result(shown: Regression, *, interrupted: bool) -> dict[str, Any]:
    """All figures, for programs; null for what did not come."""
    plan, arrival, measured = shown.plan, shown.arrival, shown.measured
    return {
        "operation": plan.operation.name,
        "target": plan.target,
        "severity": plan.severity,
        "baseline_seconds": plan.baseline_seconds,
        "asked_seconds": plan.goal_seconds,
        "measured_seconds": measured.mean_seconds if measured.count else None,
        "error": error(shown) if measured.count else None,
        "attempts": round(measured.count),
        "expected_delay_seconds": plan.delay.expected_seconds,
        "worst_delay_seconds": plan.delay.worst_seconds,
        "pending_after_seconds": arrival.pending,
        "firing_after_seconds": arrival.firing,
        "notified_after_seconds": arrival.notified,
        "resolved_within_seconds": plan.resolve_seconds,
        "fired_before": shown.fired_before,
        "interrupted": interrupted,
    }
