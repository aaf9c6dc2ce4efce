"""What is shown while a run is under way: a bar with the time left in a terminal, a line a stage anywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from runner.session import Step


class Screen:
    """Progress on standard error.

    Args:
        console: where to.
        verbose: a line for each operation's turn too.
    """

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        """Show nothing yet."""
        self._console = console
        self._verbose = verbose
        self._stage = ""
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep the bar until the end; without a terminal there is none."""
        if not self._console.is_terminal:
            yield
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("left  [dim]{task.fields[operation]}[/]"),
        )
        with Progress(*columns, console=self._console, transient=True) as self._progress:
            self._task = self._progress.add_task("starting", total=None, operation="")
            yield
        self._progress = None

    def say(self, text: str) -> None:
        """One line, above the bar."""
        self._console.print(text, soft_wrap=True, markup=False)

    def __call__(self, step: Step) -> None:
        """Show a step."""
        fresh, self._stage = step.stage != self._stage, step.stage
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task,
                description=step.stage,
                completed=step.done,
                total=step.total,
                operation=step.operation,
            )
        elif fresh:
            left = f", about {step.total - step.done:.0f} s left" if step.is_timed else ""
            self.say(f"{step.stage}{left}")
        if self._verbose:
            self.say(f"  {step.stage}: {step.operation}")
