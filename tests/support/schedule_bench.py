"""The schedule loop over an injected clock and workers whose threads the test moves."""

from collections.abc import Callable
from dataclasses import dataclass, field

from exporters.pacing import Pacing
from exporters.schedule import Schedule, Task
from exporters.workers import Workers


@dataclass
class Bench:
    """A clock that stands, threads that run when told, and what was counted."""

    now: float = 0.0
    jobs: list[Callable[[], None]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)

    def workers(self, capacity: int = 4) -> Workers:
        """A target."""
        return Workers(capacity, self.jobs.append, lambda: self.now)

    def task(self, name: str, workers: Workers, permits: int = 1, interval: float = 2.0, timeout: float = 5.0) -> Task:
        """An operation of it."""
        return Task(
            name=name,
            pacing=Pacing(0.0, interval, 0.0, name),
            workers=workers,
            permits=permits,
            timeout_seconds=timeout,
            work=lambda: name,
            settle=self.settled.append,
            late=lambda: self.late.append(name),
            delayed=self.delays.append,
            skipped=lambda: self.skips.append(name),
        )

    def finish(self, count: int | None = None) -> None:
        """Let the oldest threads run to their end."""
        for job in [self.jobs.pop(0) for _ in range(len(self.jobs) if count is None else count)]:
            job()

    def schedule(self, *tasks: Task) -> Schedule:
        """The loop over these."""
        made = Schedule(lambda: self.now)
        made.swap(tasks)
        return made
