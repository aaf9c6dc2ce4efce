"""The board "backends": where each backend's time goes, why it fails, and what grows with size."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, graph, over_time
from dashboards.queries import BACKEND, DRIVER, TARGET, select
from dashboards.variables import backend, datasource, driver, target
from steadyline.boards import Board
from steadyline.vocabulary import OPERATION_DURATION

CHOSEN = queries.chosen(BACKEND, TARGET, DRIVER)


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.BACKENDS,
        "The backends beside each other: where their time goes, why they fail, and what grows with size.",
        (datasource(), backend(), target(), driver()),
    )
    return numbered(made.with_panel(successes()).build())


def successes() -> timeseries.Panel:
    """Successes a second, by backend."""
    panel = graph(
        "Successes per second, by backend",
        "Follows the schedule and the load. A backend that falls alone answers no more, or its attempts wait.",
        "reqps",
        span=COLUMNS,
    )
    expression = queries.rate(BACKEND, select(OPERATION_DURATION, *CHOSEN, suffix="_count"))
    return panel.with_target(over_time(expression, "{{backend}}"))
