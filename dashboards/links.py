"""Ways from board to board, which keep the time shown and what is chosen."""

from collections.abc import Container, Iterable, Mapping

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


def _as_it_is(variable: str) -> str:
    return f"${{{variable}:queryparam}}"


def others(board: Board, variables: Container[str]) -> list[Builder[models.DashboardLink]]:
    """A link to each other board, in their order, from one that has these variables."""
    kept = [name for name in (DATASOURCE, TARGET) if name in variables]
    return [_to(other, kept) for other in Board if other is not board]


def _to(board: Board, kept: Iterable[str]) -> builders.DashboardLink:
    link = builders.DashboardLink(board.short).type(models.DashboardLinkType.LINK).icon("dashboard").keep_time(True)
    if board in ONE_OPERATION:
        return link.url(f"{board.path}?{'&'.join(map(_as_it_is, kept))}").include_vars(False).tooltip(f"Open {board.short}")
    return link.url(board.path).include_vars(True).tooltip(f"Open {board.short}")


def to_operation() -> DataLink:
    """A line's link: its own operation and target, the time shown."""
    return to(Board.OPERATION, _OPERATION, {label: f"${{__field.labels.{label}}}" for label in (OPERATION, TARGET)})


def row_to_operation(*, on_targets: bool = False) -> DataLink:
    """The same for a row of a table that has these columns.

    Args:
        on_targets: it has no target of its own, and the board's are kept.
    """
    labels = (OPERATION,) if on_targets else (OPERATION, TARGET)
    kept = (TARGET, DATASOURCE) if on_targets else (DATASOURCE,)
    return to(Board.OPERATION, _OPERATION, {label: f"${{__data.fields.{label}}}" for label in labels}, kept=kept)


def to_backend() -> DataLink:
    """A line's link: its own backend beside the others' figures."""
    return to(Board.BACKENDS, "This backend", {BACKEND: f"${{__field.labels.{BACKEND}}}"})


def to(
    board: Board, title: str, chosen: Mapping[str, str], shown: str = SHOWN, kept: Iterable[str] = (DATASOURCE,)
) -> DataLink:
    """A data link to a board with these variables, a time, and the variables of this board that are kept as they are."""
    variables = [f"var-{name}={value}" for name, value in chosen.items()]
    parts = "&".join([*variables, *map(_as_it_is, kept), shown])
    return {"title": title, "url": f"{board.path}?{parts}"}


def data(link: DataLink) -> Builder[models.DashboardLink]:
    """A data link for all values of a panel."""
    return builders.DashboardLink(link["title"]).url(link["url"])


def between(start: str, end: str) -> str:
    """Another time for a URL, Unix milliseconds."""
    return f"from={start}&to={end}"
