"""What was measured of one operation: its runs, its failures, its memory; and what they come to."""

import functools
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from runner.choice import Chosen
from runner.memory import NOTHING_TAKEN, Memory
from steadyline.outcome import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Run:
    """One operation's share of one round, or its warm-up.

    Attributes:
        seconds: of each success's body; none of a warm-up.
        memory: what it took meanwhile, the most of its turns.
    """

    seconds: tuple[float, ...]
    memory: Memory = NOTHING_TAKEN

    @property
    def mean_seconds(self) -> float:
        """Of one call."""
        return statistics.fmean(self.seconds)


@dataclass(slots=True)
class Measured:
    """All runs of one operation on one target.

    Attributes:
        chosen: which.
        runs: those with a success, in their order.
        warm_up: what memory the first attempts took: what they were given often stays with the process, for later ones.
        failures: how many attempts failed, by reason.
        slowest_seconds: of any attempt, a failed one too.
        detail: the last failure's cause, redacted.
        allocated_bytes: peak of Python's allocations in one attempt, where that was asked.
    """

    chosen: Chosen
    runs: list[Run] = field(default_factory=list)
    warm_up: Run | None = None
    failures: Counter[Reason] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    detail: str = ""
    allocated_bytes: int | None = None

    def note(self, outcome: Outcome) -> None:
        """Count what is not a sample: the slowest, and failures."""
        self.slowest_seconds = max(self.slowest_seconds, outcome.duration_seconds)
        if outcome.reason is not None:
            self.failures[outcome.reason] += 1
            self.detail = outcome.detail

    @property
    def seconds(self) -> list[float]:
        """Every sample."""
        return [sample for run in self.runs for sample in run.seconds]

    @property
    def run_means(self) -> list[float]:
        """One number a run: what is judged."""
        return [run.mean_seconds for run in self.runs]

    @property
    def failed(self) -> int:
        """Attempts that failed."""
        return sum(self.failures.values())

    @property
    def mean_seconds(self) -> float | None:
        """The exponential of the runs' mean logarithm, as a baseline keeps it."""
        means = self.run_means
        return statistics.geometric_mean(means) if means and min(means) > 0 else None

    @property
    def items_per_second(self) -> float | None:
        """Throughput of the body."""
        mean = self.mean_seconds
        return self.chosen.operation.items / mean if mean else None

    def quantile(self, fraction: float) -> float | None:
        """Seconds under which that part of the samples lies; None where so few would only name the slowest one again."""
        return quantile(self.seconds, fraction)

    @property
    def memory(self) -> Memory | None:
        """The most that it took in one run, the warm-up included."""
        runs = [*self.runs, self.warm_up] if self.warm_up else self.runs
        return functools.reduce(Memory.most, (run.memory for run in runs)) if runs else None


def quantile(samples: Sequence[float], fraction: float) -> float | None:
    """Seconds under which that part of the samples lies; None where so few would only name the slowest one again."""
    ordered = sorted(samples)
    return _interpolated(ordered, fraction) if round(len(ordered) * (1 - fraction), 9) >= 1 else None


def _interpolated(ordered: Sequence[float], fraction: float) -> float:
    """Between the two nearest ranks (the usual linear definition)."""
    at = fraction * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
