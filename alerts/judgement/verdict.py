"""What a ratio and its limits come to: the table of verdicts, in its order (DESIGN.md, Degradation and severity)."""

import math
from functools import lru_cache
from typing import NamedTuple

from alerts.judgement.limits import Limits
from steadyline.severity import STALE_IMPROVEMENT, Verdict

RENEW = ": record a new baseline"
"""Ends the reason of IMPROVED, where there is a baseline to be recorded."""
REASONS = {
    Verdict.CRITICAL: "surely above {W:.2f} (from {from99:.2f}), and above {critical:.2f} (from {from90:.2f})",
    Verdict.WARNING: "surely above {W:.2f} (from {from99:.2f}), not surely above {critical:.2f} (from {from90:.2f})",
    Verdict.SUSPECT: "above {W:.2f}, but it may be noise (from {from99:.2f})",
    Verdict.INCONCLUSIVE: "it may be above {W:.2f} (up to {upto:.2f})",
    Verdict.INFO: "surely slower (from {from99:.2f}), not above {W:.2f} (up to {upto:.2f})",
    Verdict.IMPROVED: f"faster for sure (up to {{upto:.2f}}){RENEW}",
    Verdict.OK: "not above {W:.2f} (up to {upto:.2f})",
}
"""Each verdict's reason in a few words and figures."""


class Estimate(NamedTuple):
    """R and its one-sided limits; above 1 is worse. A tuple, as it is made for thousands of operations at once.

    Attributes:
        ratio: R.
        lower99: it is surely above this, at the level that detects.
        lower90: likewise, at the level that grades.
        upper90: it is surely below this.
    """

    ratio: float
    lower99: float
    lower90: float
    upper90: float

    @classmethod
    def symmetric(cls, ratio: float, lower99: float, lower90: float) -> "Estimate":
        """Where no upper limit was recorded: as far above R as the lower one is below it, on the scale of logarithms."""
        return cls(ratio, lower99, lower90, ratio * ratio / lower90 if lower90 > 0 else math.inf)

    def reason(self, found: Verdict, tolerance: float) -> str:
        """Why the verdict on it is what it is, in a few words and figures.

        Args:
            found: the verdict, of enough runs.
            tolerance: t, a fraction.
        """
        limits = Limits(tolerance, spread=0.0, runs=None, budget_z=0.0)
        return REASONS[found].format(
            W=limits.tolerated, critical=limits.critical, from99=self.lower99, from90=self.lower90, upto=self.upper90
        )


def verdict(estimate: Estimate, tolerance: float) -> Verdict:
    """The first line of the table that holds; a value on a boundary belongs to the milder side.

    Args:
        estimate: of enough runs; too few are NO_DATA, which is the caller's to say.
        tolerance: t, a fraction.
    """
    tolerated, critical, info = _thresholds(tolerance)
    if estimate.lower99 > tolerated:
        return Verdict.CRITICAL if estimate.lower90 > critical else Verdict.WARNING
    if estimate.ratio > tolerated:
        return Verdict.SUSPECT
    if estimate.upper90 > tolerated:
        return Verdict.INCONCLUSIVE
    if info is not None and estimate.ratio > info and estimate.lower99 > 1:
        return Verdict.INFO
    return Verdict.IMPROVED if estimate.upper90 < STALE_IMPROVEMENT else Verdict.OK


@lru_cache
def _thresholds(tolerance: float) -> tuple[float, float, float | None]:
    """W, what is critical, and what is info: the same few for thousands of operations."""
    limits = Limits(tolerance, spread=0.0, runs=None, budget_z=0.0)
    return limits.tolerated, limits.critical, limits.info
