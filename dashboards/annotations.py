"""Marks on every graph of a board: alerts while they fire, and when load runs began, were steady and ended."""

from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, queries
from dashboards import runs as runs_of
from dashboards.panel import SOURCE
from steadyline.boards import TAG
from steadyline.durations import promql
from steadyline.live import LIVE
from steadyline.load_vocabulary import RUN_END, RUN_STEADY
from steadyline.severity import Severity
from steadyline.vocabulary import RUN_START, Metric

Mark = cog.Builder[models.AnnotationQuery]
RUN_WORDS = ((RUN_START, "begins", colours.BLUE), (RUN_STEADY, "is steady", colours.QUIET), (RUN_END, "ended", colours.GREY))
MILLISECONDS = 1000


class _Asked(models.AnnotationQuery, cog.Builder[models.AnnotationQuery]):
    """Marks that Prometheus is asked for; Grafana keeps what only Prometheus knows beside the common fields."""

    def __init__(self, name: str, expression: str, colour: str, **facts: Any) -> None:
        super().__init__(name=name, datasource=SOURCE, icon_color=colour, expr=expression, built_in=None, hide=False)
        self._facts = facts

    def to_json(self) -> dict[str, object]:
        return super().to_json() | self._facts

    def build(self) -> models.AnnotationQuery:
        return self


class _Kept(models.AnnotationQuery, cog.Builder[models.AnnotationQuery]):
    """Marks that lie in Grafana's own database, by tag."""

    def __init__(self, name: str, tag: str) -> None:
        target = models.AnnotationTarget(limit=100, match_any=True, tags=[tag], type_val="tags")
        source = models.DataSourceRef(type_val="grafana", uid="-- Grafana --")
        super().__init__(name=name, datasource=source, icon_color=colours.BLUE, target=target, enable=False, built_in=None)

    def build(self) -> models.AnnotationQuery:
        return self


def alerts(*matchers: str) -> Mark:
    """A region for as long as an alert fires.

    Args:
        matchers: which alerts of ours.
    """
    return _Asked(
        "Alerts",
        queries.firing(*matchers, f'severity=~"{Severity.CRITICAL}|{Severity.WARNING}"'),
        colours.COLOURS[Severity.CRITICAL],
        step=promql(LIVE.scrape_seconds),
        titleFormat="{{alertname}} {{severity}}",
        textFormat="{{operation}} {{target}} {{driver}}",
        tagKeys="severity",
    )


def runs() -> Iterator[Mark]:
    """A line where a load run began, was steady, ended: their series' values are the moments."""
    for metric, what, colour in RUN_WORDS:
        yield _run(metric, what, colour)


def _run(metric: Metric, what: str, colour: str) -> Mark:
    """Grafana asks for some hundred points: what the series showed between two of them counts, too."""
    shown = f"last_over_time({queries.select(metric, runs_of.LOAD)}[{queries.INTERVAL}])"
    return moments(f"Run {what}", shown, colour, f"load run {{{{run}}}} {what}")


def moments(name: str, expression: str, colour: str, said: str) -> Mark:
    """A line at each moment that is a value of an expression, Unix seconds.

    Args:
        name: of the switch on top of the board.
        expression: PromQL.
        colour: of the line.
        said: beside it, with labels in double braces.
    """
    in_milliseconds = f"({expression}) * {MILLISECONDS}"
    return _Asked(name, in_milliseconds, colour, step=promql(LIVE.scrape_seconds), titleFormat=said, useValueForTime="on")


def marks() -> Mark:
    """What load runs wrote into this Grafana: the same moments as regions; off, for the series say them too."""
    return _Kept("Marks of load runs", TAG)
