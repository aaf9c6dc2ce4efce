"""The board "operation": one operation against its baseline, what it does, how it fails, and how sure a verdict is."""

from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.board import empty, numbered
from dashboards.panels import course, verdict
from dashboards.queries import OPERATION, select
from dashboards.variables import datasource, driver, one, target
from steadyline.boards import Board
from steadyline.vocabulary import OPERATION_DURATION

_COUNTED = select(OPERATION_DURATION, *queries.chosen(OPERATION), suffix="_count")


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.OPERATION,
        "One operation against its baseline: is it slower, since when, how surely, and where its time goes.",
        (datasource(), one(OPERATION, "Operation"), target(_COUNTED), driver(_COUNTED)),
    )
    for number in (verdict.severity, verdict.ratio, verdict.at_least, verdict.mean, verdict.samples, verdict.sight):
        made = made.with_panel(number())
    made = made.with_panel(verdict.latency()).with_panel(verdict.limits()).with_panel(course.heat())
    for graph in (course.traffic, course.failures, course.phases, course.moved, course.schedule, course.budget):
        made = made.with_panel(graph())
    return numbered(made.build())
