"""Which verdicts a true step got, counted: the confusion matrix, and what is read off it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sequential import ALARMS, PASSES, Concluded, level
from subject import percent, table

from steadyline.severity import Severity, Verdict

SHOWN = (Verdict.OK, Verdict.INCONCLUSIVE, Verdict.SUSPECT, Verdict.WARNING, Verdict.CRITICAL)
"""The columns; OK stands for all that passes."""
RIGHT = {
    None: PASSES,
    Severity.WARNING: frozenset({Verdict.WARNING}),
    Severity.CRITICAL: frozenset({Verdict.CRITICAL}),
}
"""The verdicts that a true level should get."""
TOO_HIGH = {None: ALARMS, Severity.WARNING: frozenset({Verdict.CRITICAL}), Severity.CRITICAL: frozenset[Verdict]()}


@dataclass(slots=True)
class Confusion:
    """Counts by true step, a fraction, and verdict.

    Attributes:
        tolerance: that was judged by.
        counts: how often a step got a verdict.
        runs: how many current runs all its comparisons took.
    """

    tolerance: float
    counts: dict[float, Counter[Verdict]] = field(default_factory=lambda: defaultdict(Counter))
    runs: Counter[float] = field(default_factory=Counter)

    def count(self, step: float, found: Concluded) -> None:
        """Count one comparison."""
        self.counts[step][found.verdict] += 1
        self.runs[step] += found.runs

    def share(self, step: float, among: Iterable[Verdict]) -> float:
        """Of the comparisons of a step that got one of these verdicts."""
        counts = self.counts[step]
        return sum(counts[verdict] for verdict in among) / counts.total()

    def right(self, step: float) -> float:
        """The share that got the step's own level."""
        return self.share(step, RIGHT[level(1 + step, self.tolerance)])

    def too_high(self, step: float) -> float:
        """The share that got a level above the step's own."""
        return self.share(step, TOO_HIGH[level(1 + step, self.tolerance)])

    def mean_runs(self, step: float) -> float:
        """How many current runs a comparison of this step took."""
        return self.runs[step] / self.counts[step].total()

    def markdown(self, says: str) -> str:
        """One line a step: the verdicts in percent, and the runs they took."""
        head = ["true step", *SHOWN, "right", "too high", "runs"]
        return table(says, head, [self._line(step) for step in sorted(self.counts)])

    def _line(self, step: float) -> list[str]:
        passes = {Verdict.OK: PASSES}
        shares = [percent(self.share(step, passes.get(verdict, [verdict]))) for verdict in SHOWN]
        runs = f"{self.mean_runs(step):.1f}"
        return [f"+{step:.0%}", *shares, percent(self.right(step)), percent(self.too_high(step)), runs]
