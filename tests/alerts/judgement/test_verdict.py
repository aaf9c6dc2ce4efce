"""The table of verdicts, line by line."""

import math

import pytest

from alerts.judgement.verdict import Estimate, verdict
from steadyline.severity import Verdict

CASES = {
    "far above both levels": (Estimate(1.6, 1.5, 1.55, 1.65), 0.10, Verdict.CRITICAL),
    "surely a warning, not surely critical": (Estimate(1.35, 1.20, 1.29, 1.42), 0.10, Verdict.WARNING),
    "the grading limit exactly at critical": (Estimate(1.4, 1.2, 1.30, 1.5), 0.10, Verdict.WARNING),
    "above the warning level, not surely": (Estimate(1.2, 1.1, 1.16, 1.3), 0.10, Verdict.SUSPECT),
    "the detecting limit exactly at the warning level": (Estimate(1.3, 1.15, 1.2, 1.4), 0.10, Verdict.SUSPECT),
    "a wide tolerance lifts the warning level": (Estimate(1.25, 1.21, 1.22, 1.27), 0.30, Verdict.OK),
    "a wide tolerance lifts the critical level": (Estimate(1.5, 1.36, 1.38, 1.6), 0.35, Verdict.CRITICAL),
    "above its tolerance and below the warning level": (Estimate(1.12, 1.05, 1.08, 1.15), 0.10, Verdict.INFO),
    "the same within a tolerance of 15 %": (Estimate(1.12, 1.05, 1.08, 1.15), 0.15, Verdict.OK),
    "might be above the warning level": (Estimate(1.1, 0.8, 0.9, 1.3), 0.10, Verdict.INCONCLUSIVE),
    "surely far faster": (Estimate(0.5, 0.4, 0.45, 0.55), 0.10, Verdict.IMPROVED),
    "as fast as it was": (Estimate(1.0, 0.95, 0.97, 1.03), 0.10, Verdict.OK),
}


@pytest.mark.parametrize(("estimate", "tolerance", "expected"), CASES.values(), ids=CASES)
def test_the_first_line_that_holds(estimate: Estimate, tolerance: float, expected: Verdict) -> None:
    """A value on a boundary belongs to the milder side."""
    assert verdict(estimate, tolerance) is expected


def test_an_upper_limit_that_was_not_recorded() -> None:
    """It lies as far above R as the lower one below it, on the scale of logarithms."""
    estimate = Estimate.symmetric(1.2, 1.0, 1.1)
    assert math.isclose(estimate.upper90 / estimate.ratio, estimate.ratio / estimate.lower90)
    assert Estimate.symmetric(1.2, 0.0, 0.0).upper90 == math.inf
