"""Tables: a query for each column, joined by their labels, and how a column looks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours
from dashboards.links import DataLink
from dashboards.panel import row_now, titled, value

BACKGROUND = [value("custom.cellOptions", {"type": "color-background"}), value("custom.displayMode", "color-background")]
"""The second is what Grafana 9.4 knows it by."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: its heading.
        expression: PromQL; its value is shown.
        unit: of the value.
        decimals: of the value; Grafana's choice where None.
        colours: the thresholds that colour it, if any.
        mappings: words for its values, coloured as they say, if any.
        width: in pixels; None is an equal share, at least 150, so that many such columns need scrolling.
        label: what is shown in place of the value: this label of its series.
        empty: what a row says that the query has nothing for.
    """

    name: str
    expression: str
    unit: str = "none"
    decimals: int | None = 2
    colours: Callable[[], builders.ThresholdsConfig] | None = None
    mappings: Sequence[models.ValueMapping] = ()
    width: int | None = None
    label: str = ""
    empty: str = "-"

    def looks(self) -> list[models.DynamicConfigValue]:
        """Its properties."""
        found = [value("unit", self.unit)]
        if self.decimals is not None:
            found.append(value("decimals", self.decimals))
        if self.colours is not None:
            found += [value("thresholds", self.colours().build()), value("mappings", colours.absent()), *BACKGROUND]
        if self.mappings:
            found += [value("mappings", list(self.mappings)), *BACKGROUND]
        if self.width is not None:
            found.append(value("custom.width", self.width))
        return [*found, value("noValue", self.empty)]


def of(
    title: str,
    description: str,
    columns: Sequence[Column],
    *,
    labels: Sequence[str],
    empty: str,
    worst_first: Iterable[str] = (),
    links: Mapping[str, DataLink] | None = None,
    span: int,
    height: int,
) -> table.Panel:
    """A table whose rows are what the columns' queries have the same labels for.

    Args:
        title: see `panel.titled`, as description, empty, span and height.
        description: see there.
        columns: at most 26.
        labels: shown before them, in this order; any other label is left out of sight by the queries' own `by`.
        empty: see there.
        worst_first: columns it is sorted by, largest first.
        links: a data link by the column or label it hangs on.
        span: see there.
        height: see there.
    """
    panel = titled(table.Panel(), title, description, empty=empty, span=span, height=height)
    for ref, column in zip(ascii_uppercase, columns, strict=False):
        panel = panel.with_target(row_now(column.expression, ref)).override_by_name(column.name, column.looks())
    for name in labels:
        panel = panel.override_by_name(name, [value("noValue", "-")])
    for name, link in (links or {}).items():
        panel = panel.override_by_name(name, [value("links", [link])])
    return (
        panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(_in_their_order(columns, labels))
        .sort_by([common.TableSortByFieldState().display_name(name).desc(True) for name in worst_first])
    )


def _in_their_order(columns: Sequence[Column], labels: Sequence[str]) -> models.DataTransformerConfig:
    """The labels and then the columns, each under its name."""
    values = [f"Value #{ref}" for ref, _ in zip(ascii_uppercase, columns, strict=False)]
    if len(columns) == 1:
        values = ["Value"]  # without a second query Grafana gives it no letter
    names = {column.label or field: column.name for field, column in zip(values, columns, strict=True)}
    left_out = {"Time": True} | {field: True for field, column in zip(values, columns, strict=True) if column.label}
    order = {name: place for place, name in enumerate([*labels, *names])}
    return organized(left_out, order, names)


def organized(
    left_out: Mapping[str, bool], order: Mapping[str, int], names: Mapping[str, str]
) -> models.DataTransformerConfig:
    """Columns left out, in this order, under these names."""
    options = {"excludeByName": dict(left_out), "indexByName": dict(order), "renameByName": dict(names)}
    return models.DataTransformerConfig(id_val="organize", options=options)
