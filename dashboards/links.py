"""Ways from board to board, which keep the time shown and what is chosen."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.queries import BACKEND, DATASOURCE, OPERATION, TARGET
from steadyline.boards import Board

DataLink = dict[str, str]
"""Title and URL, as an override has them."""
SHOWN = "${__url_time_range}"
"""The time shown, as a URL has it."""
_OPERATION = "Figures of this operation"
ONE_OPERATION = frozenset({Board.OPERATION})
"""Boards that show a single operation: "all" of another board would be none of theirs."""


def others(board: Board) -> list[Builder[models.DashboardLink]]:
    """A link to each other board, in their order."""
    return [_to(other) for other in Board if other is not board]


def _to(board: Board) -> builders.DashboardLink:
    link = builders.DashboardLink(board.short).type(models.DashboardLinkType.LINK).icon("dashboard").keep_time(True)
    if board in ONE_OPERATION:
        return link.url(f"{board.path}?${{{DATASOURCE}:queryparam}}").include_vars(False).tooltip(f"Open {board.short}")
    return link.url(board.path).include_vars(True).tooltip(f"Open {board.short}")


def to_operation(*, with_target: bool = True) -> DataLink:
    """A cell's or a line's link: its own operation, its target where it has one, the time shown."""
    labels = (OPERATION, TARGET) if with_target else (OPERATION,)
    return to(Board.OPERATION, _OPERATION, {label: f"${{__field.labels.{label}}}" for label in labels})


def row_to_operation() -> DataLink:
    """The same for a row of a table that has these columns."""
    return to(Board.OPERATION, _OPERATION, {label: f"${{__data.fields.{label}}}" for label in (OPERATION, TARGET)})


def to_backend() -> DataLink:
    """A line's link: its own backend beside the others' figures."""
    return to(Board.BACKENDS, "This backend", {BACKEND: f"${{__field.labels.{BACKEND}}}"})


def to(board: Board, title: str, chosen: Mapping[str, str], shown: str = SHOWN) -> DataLink:
    """A data link to a board with these variables, the data source and a time."""
    variables = [f"var-{name}={value}" for name, value in chosen.items()]
    parts = "&".join([*variables, f"${{{DATASOURCE}:queryparam}}", shown])
    return {"title": title, "url": f"{board.path}?{parts}"}


def data(link: DataLink) -> Builder[models.DashboardLink]:
    """A data link for all values of a panel."""
    return builders.DashboardLink(link["title"]).url(link["url"])


def between(start: str, end: str) -> str:
    """Another time for a URL, Unix milliseconds."""
    return f"from={start}&to={end}"
