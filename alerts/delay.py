"""How long until the notification: the delay from a step to its alert, computed from the table of defaults."""

import math
from dataclasses import dataclass

from alerts.judgement import Limits, Rule
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
    """How much of the rule's window the step must fill before R passes the threshold; infinite where it never does.

    The fast rule takes the mean of a window, the slow one the mean of 20 windows' logarithms.
    """
    threshold = limits.threshold(severity, rule)
    if step.end <= threshold or step.start <= 0:
        return math.inf
    if step.start >= threshold:
        return 0.0
    window = limits.live.fast_window_seconds(step.cadence_seconds)
    if rule is Rule.FAST:
        return window * (threshold - step.start) / (step.end - step.start)
    return window * limits.live.slow_runs * math.log(threshold / step.start) / math.log(step.end / step.start)


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
