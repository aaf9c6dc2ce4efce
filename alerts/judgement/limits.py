"""How a baseline judges: the limits of R by the fast and the slow rule, what they can see, and how soon.

R is the time-like ratio to the baseline, above 1 worse. Its lower limit over m runs is
`L = R * exp(-q * s * sqrt(1/m + 1/k))`: detect strictly (q from the false alarm budget), grade leniently (90 %).
The rules, their tests, `status`, `regress` and the boards all take their figures from here (DESIGN.md, Degradation and
severity).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from alerts.judgement.quantiles import normal_quantile, normal_upper_tail, t_quantile
from steadyline.baseline import Baseline
from steadyline.live import LIVE, Live
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity

MONTH_SECONDS = 30 * 24 * 3600.0
LARGEST_EXPONENT = 600.0
"""Of a baseline of two runs the quantile is in the thousands: it can show nothing, which is no reason to overflow."""


class Rule(StrEnum):
    """Which rule sees it: one run for big steps, the last 20 for small ones."""

    FAST = "fast"
    SLOW = "slow"


def tolerated(tolerance: float) -> float:
    """W: up to this R is no warning."""
    return max(1 + WARNING_DEGRADATION, 1 + tolerance)


def windows_judged(cadences_seconds: Iterable[float], live: Live = LIVE) -> float:
    """How many windows are judged in a month over all operations: each run once by the fast rule and once by the slow."""
    return sum(len(Rule) * MONTH_SECONDS / live.fast_window_seconds(cadence) for cadence in cadences_seconds)


def budget_quantile(false_alarms_per_month: float, windows: float) -> float:
    """z_budget: the normal quantile that leaves so many false alarms among the windows of a month."""
    return normal_quantile(min(0.5, false_alarms_per_month / max(windows, 1.0)))


def relative_error(current_runs: float, baseline_runs: int | None) -> float:
    """sqrt(1/m + 1/k): the error of log R in units of s; a sourced constant (None) has no sampling error of its own."""
    return math.sqrt(1 / current_runs + (1 / baseline_runs if baseline_runs else 0.0))


def detect_quantile(
    *, tolerated_ratio: float, spread: float, error: float, baseline_runs: int | None, budget_z: float, live: Live = LIVE
) -> float:
    """The q to detect: 99 %, or as far out as the false alarm budget asks; Student's where s was estimated from k runs.

    Args:
        tolerated_ratio: W, which R must pass anyway; so far out is R = 1 from an alarm before any margin.
        spread: s.
        error: sqrt(1/m + 1/k).
        baseline_runs: k, or None for a sourced constant.
        budget_z: z_budget.
        live: the live defaults.
    """
    z = max(live.detect_level_z, budget_z - math.log(tolerated_ratio) / (spread * error))
    if baseline_runs is None:
        return z
    return t_quantile(normal_upper_tail(z), max(1, baseline_runs - 1))


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one baseline's alarms lie, as ratios R; all `threshold`s are passed strictly.

    Attributes:
        tolerance: t, a fraction.
        spread: s, not under the floor.
        runs: k, or None for a sourced constant.
        budget_z: z_budget.
        live: the live defaults.
    """

    tolerance: float
    spread: float
    runs: int | None
    budget_z: float
    live: Live = LIVE

    @property
    def tolerated(self) -> float:
        """W: what must be passed at 99 % for a warning."""
        return tolerated(self.tolerance)

    @property
    def critical(self) -> float:
        """max(1.30, W): what must be passed at 90 % for a critical alert."""
        return max(1 + CRITICAL_DEGRADATION, self.tolerated)

    @property
    def info(self) -> float | None:
        """1 + t: what must be passed for an info alert, or None where the tolerance reaches the warning level."""
        return 1 + self.tolerance if self.tolerance < WARNING_DEGRADATION else None

    def error(self, rule: Rule) -> float:
        """sqrt(1/m + 1/k) with the rule's own number of runs."""
        return relative_error(1 if rule is Rule.FAST else self.live.slow_runs, self.runs)

    def detect_quantile(self, rule: Rule) -> float:
        """The q to detect; the slow rule's holds the budget with its fewest runs, and with all though they are alike.

        The baseline's runs lie side by side, too: they tell its spread no better than fewer independent ones. For the fast
        rule, which judges most often, that counts.
        """
        if rule is Rule.FAST:
            return self._detect_quantile(1, self.budget_z, self._independent_runs)
        alike = self.live.neighbours_alike * self.budget_z
        fewest = self._detect_quantile(self.live.minimum_slow_runs, self.budget_z, self.runs)
        return max(fewest, self._detect_quantile(self.live.slow_runs, alike, self.runs))

    @property
    def _independent_runs(self) -> int | None:
        return None if self.runs is None else max(2, round(self.runs / self.live.neighbours_alike**2))

    def _detect_quantile(self, runs: int, budget_z: float, baseline_runs: int | None) -> float:
        return detect_quantile(
            tolerated_ratio=self.tolerated,
            spread=self.spread,
            error=relative_error(runs, self.runs),
            baseline_runs=baseline_runs,
            budget_z=budget_z,
            live=self.live,
        )

    def detect_margin(self, rule: Rule) -> float:
        """R over its 99 % lower limit, while the runs spread no more than the baseline's."""
        return math.exp(min(self.detect_quantile(rule) * self.spread * self.error(rule), LARGEST_EXPONENT))

    def grade_margin(self, rule: Rule) -> float:
        """R over its 90 % lower limit, likewise."""
        return math.exp(self.live.grade_level_z * self.spread * self.error(rule))

    def threshold(self, severity: Severity, rule: Rule) -> float:
        """The R above which the rule says warning or critical.

        Raises:
            ValueError: the severity is neither.
        """
        warning = self.tolerated * self.detect_margin(rule)
        if severity is Severity.WARNING:
            return warning
        if severity is Severity.CRITICAL:
            return max(warning, self.critical * self.grade_margin(rule))
        raise ValueError(f"no threshold for {severity}: warning or critical")

    def visible_factor(self, severity: Severity, rule: Rule, present_ratio: float = 1.0) -> float:
        """The smallest multiple of the present mean that the rule sees.

        Args:
            severity: warning or critical.
            rule: fast or slow.
            present_ratio: present mean over baseline; 1 answers in multiples of the baseline.
        """
        return self.threshold(severity, rule) / present_ratio

    def blind_factor(self, present_ratio: float) -> float:
        """W x baseline / current: a slowdown up to this multiple of the present mean stays under the warning level."""
        return self.tolerated / present_ratio


def limits_of(baseline: Baseline, budget_z: float, live: Live = LIVE) -> Limits:
    """The limits of one baseline under a false alarm budget (`budget_quantile`)."""
    return Limits(baseline.tolerance, max(baseline.spread, live.spread_floor), baseline.runs, budget_z, live)
