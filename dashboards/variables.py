"""What is chosen on top of a board: variables in Grafana's classic schema, filled from the series there are."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.models import dashboard as models

from dashboards.panel import SOURCE
from dashboards.queries import BACKEND, DATASOURCE, DRIVER, OPERATION, TARGET, select
from dashboards.source import NAME, TYPE, UID
from steadyline.vocabulary import OPERATION_DURATION, SCHEDULE_INTERVAL


class _Hidden(cog.Builder[models.VariableModel]):
    """A variable that is neither shown nor kept in a URL, where it would be of another moment."""

    def __init__(self, shown: builders.QueryVariable) -> None:
        self._shown = shown

    def build(self) -> models.VariableModel:
        made = self._shown.hide(models.VariableHide.HIDE_VARIABLE).build()
        made.skip_url_sync = True
        return made


Variable = builders.DatasourceVariable | builders.QueryVariable | _Hidden
ALL = models.VariableOption(selected=True, text="All", value="$__all")
COUNTED = select(OPERATION_DURATION, suffix="_count")
"""The series whose labels may be chosen: every driver has it."""
SCHEDULED = select(SCHEDULE_INTERVAL)
"""Of these the exporter's schedule has one each."""


def datasource() -> Variable:
    """Which Prometheus is asked: ours at first; where a Grafana has none of that name, it takes its first one."""
    ours = models.VariableOption(selected=True, text=NAME, value=UID)
    return builders.DatasourceVariable(DATASOURCE).label("Prometheus").type(TYPE).current(ours)


def backend(series: str = COUNTED) -> Variable:
    """Several backends, or all."""
    return several(BACKEND, "Backend", series)


def operation(series: str = COUNTED) -> Variable:
    """Several operations, or all."""
    return several(OPERATION, "Operation", series)


def target(series: str = COUNTED) -> Variable:
    """Several targets, or all."""
    return several(TARGET, "Target", series)


def driver(series: str = COUNTED) -> Variable:
    """Several drivers, or all."""
    return several(DRIVER, "Driver", series)


def one(label: str, title: str, series: str = COUNTED) -> builders.QueryVariable:
    """One value of a label; at first, the first there is."""
    return (
        builders.QueryVariable(label)
        .label(title)
        .query(f"label_values({series}, {label})")
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )


def several(label: str, title: str, series: str) -> Variable:
    """Values of a label; at first, all: of what has it, so that an alert of no operation is none of all operations."""
    return one(label, title, series).multi(True).include_all(True).all_value(".+").current(ALL)


def asked(name: str, title: str, expression: str, regex: str) -> builders.QueryVariable:
    """One of an instant query's samples, in the query's order.

    Args:
        name: of the variable.
        title: beside it.
        expression: PromQL; Grafana writes each sample as `name{labels} value milliseconds`.
        regex: what of that is the value, by its group, or by groups named `text` and `value`.
    """
    return (
        builders.QueryVariable(name)
        .label(title)
        .query(f"query_result({expression})")
        .regex(regex)
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.DISABLED)
    )


def hidden(name: str, expression: str, regex: str) -> Variable:
    """The same for other queries alone; not shown."""
    return _Hidden(asked(name, name, expression, regex))


def worked_out(name: str, expression: str) -> Variable:
    """A number, for other queries; not shown.

    Args:
        name: of the variable.
        expression: PromQL whose answer is one sample.
    """
    return hidden(name, expression, r"/.* ([-+.\deInfNa]+) \d+/")
