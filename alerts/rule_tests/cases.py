"""The cases of the rules' unit tests: a ratio a little under or over each limit, and the alerts it must bring."""

import math
from dataclasses import dataclass

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule
from steadyline.severity import Severity

EPSILON = 0.002
"""How far beside a limit a case lies, a fraction: more than the slow rule's one run more or less makes."""
FAST_START_SECONDS = 0.002
"""A machine much faster than its baseline."""
CRITICAL, WARNING, INFO = (severity.value for severity in (Severity.CRITICAL, Severity.WARNING, Severity.INFO))


@dataclass(frozen=True, slots=True)
class Case:
    """One target whose operation takes a multiple of its baseline.

    Attributes:
        name: the target's name.
        ratio: R, in the end.
        expected: the severities that must fire, and no other.
        start_seconds: the mean before; None is the baseline.
    """

    name: str
    ratio: float
    expected: tuple[str, ...] = ()
    start_seconds: float | None = None


def fast_cases(judged: Judged) -> list[Case]:
    """The fast rule: each limit from the baseline, the critical one from 2 ms, and what must stay silent."""
    warning, critical = (judged.limits.threshold(s, Rule.FAST) for s in (Severity.WARNING, Severity.CRITICAL))
    over = critical * (1 + EPSILON)
    return [
        Case("baseline", 1.0),
        Case("improved", 0.5),
        Case("zero", 0.0),
        Case("warning-minus", warning * (1 - EPSILON)),
        Case("warning-plus", warning * (1 + EPSILON), severities_at(judged, warning * (1 + EPSILON))),
        Case("critical-minus", critical * (1 - EPSILON), severities_at(judged, critical * (1 - EPSILON))),
        Case("critical-plus", over, (CRITICAL, WARNING)),
        Case("from-2ms-to-baseline", 1.0, start_seconds=FAST_START_SECONDS),
        Case("from-2ms-critical-plus", over, (CRITICAL, WARNING), start_seconds=FAST_START_SECONDS),
    ]


def severities_at(judged: Judged, ratio: float, rule: Rule = Rule.FAST) -> tuple[str, ...]:
    """What a steady ratio must bring; a wide tolerance or spread lifts the warning's limit to the critical one."""
    limits = {CRITICAL: Severity.CRITICAL, WARNING: Severity.WARNING}
    return tuple(name for name, severity in limits.items() if ratio > judged.limits.threshold(severity, rule))


def _slow_severities(judged: Judged, ratio: float) -> tuple[str, ...]:
    """As the fast rule's, and INFO from W on."""
    return tuple(sorted((INFO, *severities_at(judged, ratio, Rule.SLOW))))


def slow_cases(judged: Judged) -> list[Case]:
    """The slow rule, with constant latency over all its runs: each limit of each severity."""
    limits = judged.limits
    warning, critical = (limits.threshold(s, Rule.SLOW) for s in (Severity.WARNING, Severity.CRITICAL))
    w = limits.tolerated
    named = {
        "warning-minus": warning * (1 - EPSILON),
        "warning-plus": warning * (1 + EPSILON),
        "critical-minus": critical * (1 - EPSILON),
        "critical-plus": critical * (1 + EPSILON),
    }
    return [
        Case("suspect-minus", w * (1 - EPSILON)),
        Case("suspect-plus", w * (1 + EPSILON), (INFO,)),
        *(Case(name, ratio, _slow_severities(judged, ratio)) for name, ratio in named.items()),
        *_info_cases(judged),
    ]


def _info_cases(judged: Judged) -> list[Case]:
    """INFO lies between 1 + t and W, as far as W is not surely passed; where t reaches 15 % there is no such place."""
    limits = judged.limits
    if limits.info is None:
        return []
    upper = limits.tolerated / math.exp(limits.live.grade_level_z * limits.spread * limits.error(Rule.SLOW))
    lower = max(limits.info, limits.detect_margin(Rule.SLOW))
    if lower * (1 + EPSILON) > upper * (1 - EPSILON):
        return []
    return [
        Case("info-minus", lower * (1 - EPSILON)),
        Case("info-plus", lower * (1 + EPSILON), (INFO,)),
        Case("info-upper-minus", upper * (1 - EPSILON), (INFO,)),
        Case("info-upper-plus", upper * (1 + EPSILON)),
    ]
