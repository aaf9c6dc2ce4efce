"""The board "operations against baselines": which panels it has, in which order, under which variables."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.board import empty, numbered
from dashboards.panels import machinery, operation, overview
from steadyline.vocabulary import OPERATION_DURATION, OPERATIONS_BOARD_UID

TITLE = "Steadyline: operations against baselines"


def board() -> models.Dashboard:
    """The whole board, its panels numbered in their order."""
    made = empty(TITLE, OPERATIONS_BOARD_UID, f"{OPERATION_DURATION.name}_count")
    for panel in (overview.alerts, overview.judge, overview.blind, overview.unheld, overview.leaked, overview.reading):
        made = made.with_panel(panel())
    made = made.with_panel(overview.operations()).with_panel(overview.firing()).with_panel(overview.history())
    made = made.with_panel(operation.ratios()).with_panel(operation.blindness())
    made = made.with_row(builders.Row(f"${queries.OPERATION}").repeat(queries.OPERATION))
    for one in (
        operation.latency,
        operation.limits,
        operation.heat,
        operation.traffic,
        operation.failures,
        operation.phases,
        operation.moved,
    ):
        made = made.with_panel(one())
    made = made.with_row(builders.Row("Budgets, schedule and processes")).with_panel(operation.budget())
    for own in (machinery.memory, machinery.processor, machinery.schedule, machinery.collectors):
        made = made.with_panel(own())
    return numbered(made.build())
