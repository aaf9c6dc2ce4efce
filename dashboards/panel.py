"""What all panels have in common: the data source, a query, a title with a description that says what to do."""

from typing import Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.colours import GREY, absent
from dashboards.queries import DATASOURCE
from steadyline.durations import promql
from steadyline.live import LIVE

SOURCE = models.DataSourceRef(type_val="prometheus", uid=f"${{{DATASOURCE}}}")
COLUMNS = 24
"""Grafana's grid."""
NOTHING = "No data: nothing of this was measured in the time shown."
"""What a panel says that has no words of its own for it."""


class _Panel(Protocol):
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: models.DataSourceRef) -> Self: ...
    def interval(self, interval: str) -> Self: ...
    def height(self, h: int) -> Self: ...
    def span(self, w: int) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def with_target(self, target: cog.Builder[variants.Dataquery]) -> Self: ...


P = TypeVar("P", bound=_Panel)


def titled(panel: P, title: str, description: str, *, empty: str, span: int, height: int) -> P:
    """The panel with its data source, its place's size and its words.

    Args:
        panel: of any kind.
        title: a statement, or a quantity with its unit.
        description: what it shows, and what to do when it looks wrong.
        empty: what it says without data.
        span: its columns of `COLUMNS`.
        height: its rows; one is 38 pixels.
    """
    return (
        panel.title(title)
        .description(description)
        .datasource(SOURCE)
        .interval(promql(LIVE.scrape_seconds))
        .span(span)
        .height(height)
        .no_value(empty)
    )


def over_time(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """A query over the time shown."""
    return prometheus.Dataquery().expr(expression).range().legend_format(legend).ref_id(ref).datasource(SOURCE)


def now(expression: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """A query at the end of the time shown."""
    return prometheus.Dataquery().expr(expression).instant().legend_format(legend).ref_id(ref).datasource(SOURCE)


def row_now(expression: str, ref: str) -> prometheus.Dataquery:
    """A query at the end of the time shown, as a table with a column for each label."""
    return now(expression, ref=ref).format(PromQueryFormat.TABLE)


def graph(
    title: str,
    description: str,
    unit: str,
    *,
    empty: str = NOTHING,
    span: int = 12,
    height: int = 8,
    from_zero: bool = True,
) -> timeseries.Panel:
    """A graph over time, its legend below; its axis begins at 0, but where values below are to be seen."""
    legend = (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode.LIST)
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    tooltip = common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI).sort(common_models.SortOrder.DESCENDING)
    panel = titled(timeseries.Panel(), title, description, empty=empty, span=span, height=height)
    panel = panel.unit(unit).line_width(1).fill_opacity(0).legend(legend).tooltip(tooltip)
    return panel.min(0) if from_zero else panel


def dashed() -> common.GraphThresholdsStyleConfig:
    """Thresholds as dashed lines of a graph."""
    return common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)


def number(
    title: str, description: str, unit: str = "none", *, empty: str = NOTHING, span: int = 4, height: int = 3
) -> stat.Panel:
    """One large number, or a few; the background has the threshold's colour."""
    panel = titled(stat.Panel(), title, description, empty=empty, span=span, height=height)
    return (
        panel.unit(unit)
        .mappings(absent())
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(common_models.BigValueGraphMode.NONE)
        .color_mode(common_models.BigValueColorMode.BACKGROUND)
    )


def timeline(title: str, description: str, *, empty: str, span: int = 12, height: int = 8) -> statetimeline.Panel:
    """States over time, a row for each series; the mappings say what a value means."""
    panel = titled(statetimeline.Panel(), title, description, empty=empty, span=span, height=height)
    return panel.merge_values(True).row_height(0.8).line_width(0).fill_opacity(80)


def bars(title: str, description: str, unit: str, *, empty: str = NOTHING, span: int = 8, height: int = 8) -> bargauge.Panel:
    """A bar for each series, in the order of the query."""
    panel = titled(bargauge.Panel(), title, description, empty=empty, span=span, height=height)
    return (
        panel.unit(unit)
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .display_mode(common_models.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def value(identifier: str, content: object) -> models.DynamicConfigValue:
    """One property of an override."""
    return models.DynamicConfigValue(id_val=identifier, value=content)


def line(colour: str = GREY, *, dashed: bool = True, width: int = 1) -> list[models.DynamicConfigValue]:
    """How a line that is no measurement looks."""
    style = {"fill": "dash", "dash": [8, 6]} if dashed else {"fill": "solid"}
    colours = {"mode": "fixed", "fixedColor": colour}
    return [value("color", colours), value("custom.lineStyle", style), value("custom.lineWidth", width)]


def on_the_right(unit: str) -> list[models.DynamicConfigValue]:
    """A graph's second axis, of another unit."""
    return [value("unit", unit), value("custom.axisPlacement", "right")]
