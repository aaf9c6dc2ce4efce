"""The board "stack health": whether what measures, judges and alerts is itself well, and what it costs."""

from grafana_foundation_sdk.models import dashboard as models

from dashboards.board import empty, numbered
from dashboards.panels import health, judge, overhead
from dashboards.variables import datasource
from steadyline.boards import Board


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(Board.STACK, "Is what measures, judges and alerts itself well, and what does it cost?", (datasource(),))
    for panel in (
        health.holding,
        health.targets,
        judge.rules,
        judge.slowest_rules,
        judge.notifications,
        judge.alerts,
        overhead.schedule,
        overhead.processor,
        overhead.storage,
        overhead.collectors,
        overhead.generator,
        health.versions,
    ):
        made = made.with_panel(panel())
    return numbered(made.build())
