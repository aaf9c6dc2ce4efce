"""How long until the notification: the delay from a step to its alert, computed from the table of defaults."""

import math
from dataclasses import dataclass

from alerts.judgement.limits import Limits, Rule
from steadyline.live import LIVE, Live
from steadyline.severity import Severity


@dataclass(frozen=True, slots=True)
class Delay:
    """From the first slow attempt to the notification, seconds; infinite where the rule never sees the step."""

    expected_seconds: float
    worst_seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """A change of R at one moment, for an operation probed every `cadence_seconds`."""

    cadence_seconds: float
    start: float
    end: float


def window_seconds(limits: Limits, severity: Severity, rule: Rule, step: Step) -> float:
    """How long the step must last before R passes the rule's limits; infinite where it never does."""
    window = limits.live.fast_window_seconds(step.cadence_seconds)
    threshold = limits.threshold(severity, rule)
    if step.end <= threshold or step.start <= 0:
        return math.inf
    if step.start >= threshold:
        return 0.0
    if rule is Rule.FAST:
        return window * (threshold - step.start) / (step.end - step.start)
    return window * _runs_needed(limits, severity, step)


def _runs_needed(limits: Limits, severity: Severity, step: Step) -> int:
    """How many of the slow rule's runs must lie after the step: while both kinds are there, they spread and widen it."""
    m = limits.live.slow_runs
    rise = math.log(step.end / step.start)
    levels = {limits.tolerated: limits.detect_quantile(Rule.SLOW)}
    if severity is Severity.CRITICAL:
        levels[limits.critical] = max(limits.live.grade_level_z, levels.get(limits.critical, 0.0))
    for runs in range(1, m):
        share = runs / m
        spread = max(limits.spread, rise * math.sqrt(share * (1 - share) * m / (m - 1)))
        mean = math.log(step.start) + rise * share
        if all(mean - q * spread * limits.error(Rule.SLOW) > math.log(level) for level, q in levels.items()):
            return runs
    return m


def delay(limits: Limits, severity: Severity, rule: Rule, step: Step) -> Delay:
    """The expected and the worst delay: an attempt, its window, a scrape, an evaluation, `for` and `group_wait`.

    Raises:
        ValueError: the severity is neither warning nor critical.
    """
    live = limits.live
    certain = (
        window_seconds(limits, severity, rule, step)
        + math.ceil(live.for_seconds / live.evaluation_seconds) * live.evaluation_seconds
        + group_wait_seconds(severity, live)
    )
    chance = step.cadence_seconds + live.scrape_seconds + live.evaluation_seconds
    return Delay(expected_seconds=certain + chance / 2, worst_seconds=certain + chance)


def resolve_seconds(cadence_seconds: float, live: Live = LIVE) -> float:
    """The longest from the mending to the notification that it is resolved."""
    kept = live.fast_window_seconds(cadence_seconds) + live.keep_firing_seconds
    return kept + live.scrape_seconds + 2 * live.evaluation_seconds + live.group_interval_critical_seconds


def group_wait_seconds(severity: Severity, live: Live = LIVE) -> float:
    """How long Alertmanager waits before the first notification of a severity."""
    return live.group_wait_critical_seconds if severity is Severity.CRITICAL else live.group_wait_warning_seconds
