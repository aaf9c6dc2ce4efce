"""The board "operations against baselines": which panels it has, in which order, under which variables."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.panel import SOURCE
from dashboards.panels import machinery, operation, overview
from steadyline.vocabulary import OPERATION_DURATION, OPERATIONS_BOARD_UID

TITLE = "Steadyline: operations against baselines"
DESCRIPTION = "Generated, do not edit: `steadyline dashboards generate` makes it from dashboards/."
ALL = models.VariableOption(selected=True, text="All", value="$__all")


def _variables() -> list[builders.DatasourceVariable | builders.QueryVariable]:
    count = f"{OPERATION_DURATION.name}_count"
    return [
        builders.DatasourceVariable(queries.DATASOURCE).label("Prometheus").type("prometheus"),
        _labels_of(queries.OPERATION, "Operation", count),
        _labels_of(queries.TARGET, "Target", f'{count}{{{queries.OPERATION}=~"${queries.OPERATION}"}}'),
    ]


def _labels_of(label: str, title: str, series: str) -> builders.QueryVariable:
    return (
        builders.QueryVariable(label)
        .label(title)
        .query(f"label_values({series}, {label})")
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(ALL)
    )


def board() -> models.Dashboard:
    """The whole board, its panels numbered in their order."""
    made = (
        builders.Dashboard(TITLE)
        .uid(OPERATIONS_BOARD_UID)
        .description(DESCRIPTION)
        .tags(["steadyline", "generated"])
        .time("now-1h", "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
    )
    for variable in _variables():
        made = made.with_variable(variable)
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
    return _numbered(made.build())


def _numbered(made: models.Dashboard) -> models.Dashboard:
    for number, panel in enumerate(made.panels or [], start=1):
        panel.id_val = number
    return made
