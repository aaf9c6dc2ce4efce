"""What a Prometheus holds of a stretch of time: scrapes that are missing, attempts that were counted, skipped or lost."""

import itertools
from collections import defaultdict
from dataclasses import dataclass

import httpx

from steadyline.live import LIVE
from steadyline.vocabulary import (
    EXPORTER_JOB,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    RUNS_SKIPPED,
    SCHEDULE_INTERVAL,
)

SCRAPE_SECONDS = LIVE.scrape_seconds
ENOUGH = 0.99
"""So much of their samples healthy targets keep through every fault."""
BUSY = 0.9
"""Where fewer scrapes are answered or fewer starts made before anything happens, nothing can be said of a hundredth."""
BEFORE_SECONDS = 30.0
_COUNT = f"{OPERATION_DURATION.name}_count"
Labels = dict[str, str]
Points = list[tuple[float, float]]
Key = tuple[str, str]
"""Operation and target."""


@dataclass(frozen=True, slots=True)
class Between:
    """A Prometheus and two moments, Unix time.

    Attributes:
        prometheus: its base URL.
        start: the first moment.
        end: the last one.
    """

    prometheus: str
    start: float
    end: float

    def raw(self, selector: str) -> list[tuple[Labels, Points]]:
        """The samples as they were scraped."""
        form = {"query": f"{selector}[{self.end - self.start:.0f}s]", "time": f"{self.end:.3f}"}
        answer = httpx.post(f"{self.prometheus}/api/v1/query", data=form, trust_env=False, timeout=30)
        assert answer.is_success, answer.text
        found = answer.json()["data"]["result"]
        return [(one["metric"], [(float(at), float(value)) for at, value in one["values"]]) for one in found]

    def scrapes_kept(self, job: str = EXPORTER_JOB) -> float:
        """The share of the scrapes of a job that are there and were answered."""
        answered = sum(value for _, points in self.raw(f'up{{job="{job}"}}') for _, value in points)
        return answered / ((self.end - self.start) // SCRAPE_SECONDS or 1)

    def longest_gap(self, job: str = EXPORTER_JOB) -> float:
        """Seconds between two answered scrapes that follow each other; the edges count too."""
        answered = [at for _, points in self.raw(f'up{{job="{job}"}}') for at, value in points if value]
        moments = [self.start, *sorted(answered), self.end]
        return max(after - before for before, after in itertools.pairwise(moments))

    def grown(self, name: str) -> dict[Key, float]:
        """By how much a counter grew, by operation and target; what it holds after it began anew counts."""
        grown: dict[Key, float] = defaultdict(float)
        for labels, points in self.raw(name):
            values = [value for _, value in points]
            pairs = itertools.pairwise(values)
            grown[labels["operation"], labels["target"]] += sum(
                after - before if after >= before else after for before, after in pairs
            )
        return dict(grown)

    def reached(self, selector: str) -> float:
        """What a counter came to: where it stood first, and how much it grew, a new beginning included."""
        first = sum(points[0][1] for _, points in self.raw(selector))
        return first + sum(self.grown(selector).values())

    def kept(self, *but: str) -> float:
        """The share of the scheduled starts that became an attempt, and so a sample, of all targets' backends but these."""
        attempts, skipped = self._attempts(), self.grown(RUNS_SKIPPED.name)
        healthy = [key for key in attempts if not key[0].startswith(tuple(f"{backend}." for backend in but))]
        made = sum(attempts[key] for key in healthy)
        left_out = sum(skipped.get(key, 0.0) for key in healthy)
        return made / (made + left_out) if made else 0.0

    def kept_as_before(self, *but: str) -> bool:
        """Whether healthy targets kept enough of what they had just before: a busy machine leaves out starts of its own."""
        usual = Between(self.prometheus, self.start - BEFORE_SECONDS, self.start).kept(*but)
        return self.kept(*but) >= ENOUGH * usual

    def silent(self, *but: str) -> list[Key]:
        """Operations of other backends than these of which fewer attempts came than their cadence makes, two for the edges."""
        attempts, skipped = self._attempts(), self.grown(RUNS_SKIPPED.name)
        cadences = {
            (labels["operation"], labels["target"]): (points[-1][1], points[-1][0] - points[0][0])
            for labels, points in self.raw(SCHEDULE_INTERVAL.name)
        }
        return [
            key
            for key, (cadence, seconds) in cadences.items()
            if not key[0].startswith(tuple(f"{backend}." for backend in but))
            and attempts.get(key, 0.0) + skipped.get(key, 0.0) < seconds / cadence - 2
        ]

    def failures(self) -> dict[Key, float]:
        """Failed attempts of each operation, where there are any."""
        return {key: count for key, count in self.grown(OPERATION_FAILURES.name).items() if count}

    def _attempts(self) -> dict[Key, float]:
        successes, failures = self.grown(_COUNT), self.grown(OPERATION_FAILURES.name)
        return {key: successes.get(key, 0.0) + failures.get(key, 0.0) for key in {*successes, *failures}}
