"""What all boards have in common: that they are generated, their variables, and the numbers of their panels."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import queries
from dashboards.panel import SOURCE

DESCRIPTION = "Generated, do not edit: `steadyline dashboards generate` makes it from dashboards/."
ALL = models.VariableOption(selected=True, text="All", value="$__all")
Variable = builders.DatasourceVariable | builders.QueryVariable


def empty(title: str, uid: str, counted: str, driver: str = "") -> builders.Dashboard:
    """A board without panels, under the variables of operation and target.

    Args:
        title: on top.
        uid: by which links find it.
        counted: the series whose operations and targets may be chosen.
        driver: theirs alone, where one is given.
    """
    made = (
        builders.Dashboard(title)
        .uid(uid)
        .description(DESCRIPTION)
        .tags(["steadyline", "generated"])
        .time("now-1h", "now")
        .refresh("10s")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
    )
    for variable in _variables(counted, f'driver="{driver}"' if driver else ""):
        made = made.with_variable(variable)
    return made


def _variables(counted: str, matcher: str) -> Iterable[Variable]:
    chosen = ",".join(part for part in (f'{queries.OPERATION}=~"${queries.OPERATION}"', matcher) if part)
    return (
        builders.DatasourceVariable(queries.DATASOURCE).label("Prometheus").type("prometheus"),
        _labels_of(queries.OPERATION, "Operation", f"{counted}{{{matcher}}}" if matcher else counted),
        _labels_of(queries.TARGET, "Target", f"{counted}{{{chosen}}}"),
    )


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


def numbered(made: models.Dashboard) -> models.Dashboard:
    """The board, its panels numbered in their order."""
    for number, panel in enumerate(made.panels or [], start=1):
        panel.id_val = number
    return made
