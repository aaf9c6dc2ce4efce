"""The board "compare runs": two load runs side by side, aligned at their start."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards.board import empty, numbered
from dashboards.panel import graph, over_time
from dashboards.variables import datasource
from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_USERS


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(Board.COMPARE, "Two load runs side by side, aligned at their start.", (datasource(),))
    return numbered(made.with_panel(users()).build())


def users() -> timeseries.Panel:
    """Users."""
    panel = graph("Users", "How many users are active; both runs should ask the same.", "none")
    return panel.with_target(over_time(f"sum({LOAD_USERS.name})", "users"))
