"""What a committed board shows on a Prometheus at a moment, panel by panel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grafana_asking import Asking, Line
from grafana_interpolation import Span
from grafana_panels import of_board, sent, span_of
from grafana_variables import Choice, filled

from dashboards.shipped import shipped
from steadyline.boards import Board
from steadyline.durations import parse


@dataclass(frozen=True, slots=True)
class Shown:
    """A board, opened.

    Attributes:
        board: which.
        asking: its Prometheus.
        end: of the time shown, Unix seconds.
        choice: what is chosen in place of the board's own.
        since: how far back it shows, such as `7d`, in place of the board's own.
    """

    board: Board
    asking: Asking
    end: float
    choice: Choice = field(default_factory=dict)
    since: str = ""

    def lines(self, title: str, ref: str = "A") -> list[Line]:
        """What a panel's query answers with."""
        document = self._document
        span = self.span
        variables = filled(document, self.asking, span, self.choice)
        (query,) = [one for one in of_board(document) if (one.panel, one.ref) == (title, ref)]
        return [line for one in sent(query, variables, span) for line in one.answered(self.asking)]

    def last(self, title: str, *labels: str, ref: str = "A") -> dict[Any, float]:
        """The latest number of each line, by these labels: by one alone, or by a tuple of several."""
        return {_key(line.labels, labels): line.last for line in self.lines(title, ref) if line.points[-1][0] >= self.end - 60}

    def column(self, title: str, name: str, *labels: str) -> dict[Any, float]:
        """A table's column, by these labels."""
        (panel,) = [panel for panel in self._document["panels"] if panel["title"] == title]
        (organized,) = [one["options"] for one in panel["transformations"] if one["id"] == "organize"]
        (value,) = [value for value, shown in organized["renameByName"].items() if shown == name]
        return self.last(title, *labels, ref=value.removeprefix("Value").removeprefix(" #") or "A")

    @property
    def span(self) -> Span:
        """The time shown."""
        return Span(self.end - parse(self.since), self.end) if self.since else span_of(self._document, self.end)

    @property
    def _document(self) -> Mapping[str, Any]:
        return shipped()[self.board]


def _key(found: Mapping[str, str], labels: tuple[str, ...]) -> Any:
    values = tuple(found.get(label, "") for label in labels)
    return values[0] if len(values) == 1 else values
