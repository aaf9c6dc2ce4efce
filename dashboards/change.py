"""What a push does to one thing in Grafana, and how it is told."""

from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """The word that a line begins with."""

    FOUND = "found"
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"

    @property
    def is_one(self) -> bool:
        """Whether Grafana is another one afterwards."""
        return self not in (Change.FOUND, Change.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Done:
    """One thing of a push.

    Attributes:
        change: what became of it.
        what: it was, by its name.
        note: more about it, or empty.
    """

    change: Change
    what: str
    note: str = ""
