"""What all boards have in common: that they are generated, their variables, marks and links, the numbers of their panels."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import annotations, links
from dashboards.variables import Variable
from steadyline.boards import GENERATED, TAG, Board


def empty(board: Board, description: str, variables: Iterable[Variable], *, since: str = "now-1h") -> builders.Dashboard:
    """A board without panels.

    Args:
        board: which.
        description: what it is for.
        variables: in their order.
        since: from when it shows at first.
    """
    made = (
        builders.Dashboard(board.heading)
        .uid(board)
        .description(f"{description} Generated, do not edit: `steadyline dashboards generate` makes it from dashboards/.")
        .tags([TAG, GENERATED])
        .time(since, "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
    )
    has = list(variables)
    for variable in has:
        made = made.with_variable(variable)
    made = made.links(links.others(board, {variable.build().name for variable in has}))
    for mark in (annotations.alerts(), *annotations.runs(), annotations.marks()):
        made = made.annotation(mark)
    return made


def numbered(made: models.Dashboard) -> models.Dashboard:
    """The board, its panels numbered in their order."""
    for number, panel in enumerate(made.panels or [], start=1):
        panel.id_val = number
    return made
