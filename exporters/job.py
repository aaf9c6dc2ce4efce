"""A job: one operation that is scheduled on one target, and the baseline it is held to."""

from dataclasses import dataclass

from steadyline.baseline import Baseline
from steadyline.edges import own_edges
from steadyline.operation import Operation
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class Job:
    """One scheduled operation.

    Attributes:
        operation: what is asked.
        alias: the label `target`.
        target: of whom.
        interval_seconds: how often.
        baseline: the most specific one, or None where the budget alone judges.
    """

    operation: Operation
    alias: str
    target: Target
    interval_seconds: float
    baseline: Baseline | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells jobs apart: operation and target."""
        return self.operation.name, self.alias

    @property
    def edges(self) -> tuple[float, ...]:
        """The histogram edges of its own."""
        seconds = self.baseline.seconds_per_call(self.operation.items) if self.baseline else None
        tolerance = self.baseline.tolerance if self.baseline else 0.0
        return own_edges(seconds, tolerance, (self.operation.budget_seconds,))

    def expected_seconds(self, otherwise: float) -> float:
        """How long a call takes by its baseline, or `otherwise`."""
        return self.baseline.seconds_per_call(self.operation.items) if self.baseline else otherwise


def ranked(jobs: tuple[Job, ...]) -> list[tuple[Job, int, int]]:
    """Each job with its rank among those of its cadence, and how many these are."""
    ranked = []
    for interval in {job.interval_seconds for job in jobs}:
        same = [job for job in jobs if job.interval_seconds == interval]
        ranked += [(job, rank, len(same)) for rank, job in enumerate(same)]
    return ranked
