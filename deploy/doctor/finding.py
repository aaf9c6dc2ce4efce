"""What the doctor says of one thing that it looked at: how it is, what was found, what to do, and of which closed reason."""

from dataclasses import dataclass
from enum import StrEnum

from steadyline.outcome import Reason


class Health(StrEnum):
    """How it is, the worst first."""

    FAULT = "fault"
    """Something does not work, or will not tell you when it should."""
    WARNING = "warning"
    """It works, and something of it will not for long, or not as well as it could."""
    UNKNOWN = "cannot tell"
    """It could not be looked at: whoever knows was not there."""
    OK = "ok"


WORST_FIRST = tuple(Health)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        health: how it is.
        found: one sentence, without its cure.
        cure: what to do; empty only where nothing is to be done.
        reason: of a host that does not answer, or refuses.
    """

    health: Health
    found: str
    cure: str = ""
    reason: Reason | None = None


def ok(found: str) -> Finding:
    """All is well with it."""
    return Finding(Health.OK, found)


def warning(found: str, cure: str, reason: Reason | None = None) -> Finding:
    """It works, but not for long, or not well."""
    return Finding(Health.WARNING, found, cure, reason)


def fault(found: str, cure: str, reason: Reason | None = None) -> Finding:
    """It does not work."""
    return Finding(Health.FAULT, found, cure, reason)


def unknown(found: str, cure: str = "") -> Finding:
    """It could not be looked at."""
    return Finding(Health.UNKNOWN, found, cure)


def several(names: list[str], most: int = 4) -> str:
    """Some of the names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
