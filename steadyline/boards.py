"""The boards by the uids that links find them with: those of alerts, of load runs, and of boards to each other."""

from enum import StrEnum


class Board(StrEnum):
    """A board's uid in Grafana, which is its file's name too."""

    OVERVIEW = "steadyline-overview"
    OPERATION = "steadyline-operation"
    LOAD = "steadyline-load"
    COMPARE = "steadyline-compare"
    BACKENDS = "steadyline-backends"
    MEMORY = "steadyline-memory"
    STACK = "steadyline-stack"

    @property
    def heading(self) -> str:
        """Its title."""
        return f"Steadyline: {self.short}"

    @property
    def short(self) -> str:
        """What a link to it says."""
        return _SHORT[self]

    @property
    def path(self) -> str:
        """Where it is under Grafana's URL; Grafana puts its own sub-path before it."""
        return f"/d/{self.value}"


_SHORT = {
    Board.OVERVIEW: "Overview",
    Board.OPERATION: "Operation",
    Board.LOAD: "Load",
    Board.COMPARE: "Compare runs",
    Board.BACKENDS: "Backends",
    Board.MEMORY: "Memory",
    Board.STACK: "Stack health",
}

TAG = "steadyline"
"""On every board of ours, and on every mark that a load run leaves in Grafana."""
GENERATED = "generated"
"""On every board of ours too: it says that an edit of it is lost."""
