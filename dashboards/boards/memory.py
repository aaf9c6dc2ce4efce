"""The board "memory": whether a process grows, and what is left behind in the targets."""

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, dashed, graph, over_time
from dashboards.queries import select
from dashboards.variables import datasource, several
from steadyline.boards import Board
from steadyline.vocabulary import PROCESS_RESIDENT

PROCESS = "process"
CHOSEN = queries.chosen(PROCESS)


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.MEMORY,
        "Does a process grow, how long until it breaks its budget, and what is left behind in the targets?",
        (datasource(), several(PROCESS, "Process", PROCESS_RESIDENT.name)),
    )
    return numbered(made.with_panel(resident()).build())


def resident() -> timeseries.Panel:
    """Resident memory of the processes."""
    panel = graph(
        "Resident memory, by process",
        "Processes of the settings, their children included. A line that only rises is a leak. The dashed line is the budget.",
        "bytes",
        span=COLUMNS,
    )
    panel = panel.thresholds(colours.memory()).thresholds_style(dashed())
    return panel.with_target(over_time(queries.by(PROCESS, select(PROCESS_RESIDENT, *CHOSEN)), "{{process}}"))
