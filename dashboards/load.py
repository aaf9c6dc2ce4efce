"""The board "load": what a load run asks for, what it gets, and whether it keeps its criteria."""

from grafana_foundation_sdk.models import dashboard as models

from dashboards.board import empty, numbered
from dashboards.panels import load
from steadyline.load_vocabulary import LOAD_BOARD_UID
from steadyline.vocabulary import OPERATION_DURATION, Driver

TITLE = "Steadyline: load"


def board() -> models.Dashboard:
    """The whole board, its panels numbered in their order."""
    made = empty(TITLE, LOAD_BOARD_UID, f"{OPERATION_DURATION.name}_count", Driver.LOAD)
    for panel in (load.kept, load.criteria, load.users, load.requests, load.latency, load.drops, load.generator):
        made = made.with_panel(panel())
    return numbered(made.build())
