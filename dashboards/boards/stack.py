"""The board "stack health": whether what measures, judges and alerts is itself well."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, graph, over_time
from dashboards.variables import datasource
from steadyline.boards import Board
from steadyline.vocabulary import PROCESS_CPU


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(Board.STACK, "Is what measures, judges and alerts itself well, and what does it cost?", (datasource(),))
    return numbered(made.with_panel(processor()).build())


def processor() -> timeseries.Panel:
    """Processor time of the processes."""
    panel = graph(
        "Cores in use, by process",
        "A measuring process near one core measures itself: probe less often, or on another machine.",
        "none",
        span=COLUMNS,
    )
    return panel.with_target(over_time(queries.rate("process", PROCESS_CPU.name), "{{process}}"))
