"""What was measured at each level of the load: for the shape breakpoint, which ends past the knee."""

from collections.abc import Iterable

from load.knee import Step
from load.series import Series, totals
from steadyline.histogram import quantile

LEVEL = 0.95


class StepMeter:
    """Cuts the run into stretches of one steady level each."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self._steps: list[Step] = []
        self._level: float | None = None
        self._since = 0.0
        self._before = totals(())

    def take(self, now: float, level: float, *, steady: bool, series: Iterable[Series]) -> None:
        """Each second: the level of the load, whether it is steady, and all that was counted so far."""
        now_counted = totals(series)
        if not steady or level != self._level:
            self._level = level if steady else None
            self._since, self._before = now, now_counted
            if steady:
                self._steps.append(Step(level, 0.0, None, 0.0))
            return
        seconds, before = now - self._since, self._before
        counts = [new - old for new, old in zip(now_counted.duration.counts, before.duration.counts, strict=True)]
        failed, successes = now_counted.failed - before.failed, sum(counts)
        attempts = successes + failed
        p95 = quantile(LEVEL, now_counted.edges, counts) if successes else None
        self._steps[-1] = Step(level, successes / seconds, p95, failed / attempts if attempts else 0.0)

    def steps(self) -> list[Step]:
        """The steps so far; the latest is the one under way."""
        return list(self._steps)
