"""The three regression levels and the verdicts, in the seeds' words."""

from enum import StrEnum

WARNING_DEGRADATION = 0.15
"""Source: the Trace seed, "WARNING (15-30% degradation): Schedule investigation"."""
CRITICAL_DEGRADATION = 0.30
"""Source: the Trace seed, "CRITICAL (>30% degradation): Immediate investigation required"."""
STALE_IMPROVEMENT = 0.7
"""A ratio surely below this says that the baseline is stale."""


class Severity(StrEnum):
    """How bad an alert is; `NONE` is the watchdog's, which nobody is told of while it fires."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"


class Verdict(StrEnum):
    """What a comparison with a baseline came to (DESIGN.md, Degradation and severity)."""

    NO_DATA = "NO_DATA"
    CRITICAL = "CRITICAL"
    WARNING = "WARNING"
    SUSPECT = "SUSPECT"
    INFO = "INFO"
    IMPROVED = "IMPROVED"
    OK = "OK"
    INCONCLUSIVE = "INCONCLUSIVE"
