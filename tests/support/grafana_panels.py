"""The queries of a board's panels and annotations, as Grafana sends them once the variables are filled."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grafana_asking import Asking, Line
from grafana_interpolation import WIDE, Chosen, Span, interpolated, intervals
from grafana_variables import SOURCE_SECONDS, Filled
from promql_stripped import stripped

from steadyline import durations

ANNOTATION_SECONDS = 60.0
"""The step of an annotation's query that names none."""
ANNOTATION_POINTS = 100
"""How many Grafana asks for where an annotation does not say."""
PROMETHEUS = "prometheus"
LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a board, as its JSON has it.

    Attributes:
        panel: the panel's title, or the annotation's name.
        ref: the query's letter.
        expression: PromQL with variables in it.
        instant: asked at the end of the time shown.
        ranged: asked over the time shown.
        smallest_seconds: between two points.
        legend: with labels in double braces.
        repeat: the variable for each of whose values the panel is there once; "" for once.
        relative: the panel's own time in place of the board's, such as `5m`.
        shift: how long before the board's time the panel's is.
        points: how many it asks for.
    """

    panel: str
    ref: str
    expression: str
    instant: bool
    ranged: bool
    smallest_seconds: float
    legend: str = ""
    repeat: str = ""
    relative: str = ""
    shift: str = ""
    points: int = WIDE


def of_board(document: Mapping[str, Any]) -> list[Query]:
    """All of them, in the order in which they are shown."""
    return [*_of_panels(document["panels"]), *_of_annotations(document)]


def _of_panels(panels: list[dict[str, Any]], repeat: str = "") -> Iterator[Query]:
    of_row = repeat
    for panel in panels:
        if panel["type"] == "row":
            of_row = panel.get("repeat") or ""
            yield from _of_panels(panel.get("panels") or [], of_row)
            continue
        for target in panel.get("targets") or []:
            yield _of_target(panel, target, panel.get("repeat") or of_row)


def _of_target(panel: Mapping[str, Any], target: Mapping[str, Any], repeat: str) -> Query:
    smallest = target.get("interval") or panel.get("interval")
    instant = bool(target.get("instant"))
    return Query(
        panel["title"],
        target["refId"],
        target["expr"],
        instant,
        bool(target.get("range")) or not instant,
        durations.parse(smallest) if smallest else SOURCE_SECONDS,
        target.get("legendFormat") or "",
        repeat,
        panel.get("timeFrom") or "",
        panel.get("timeShift") or "",
    )


def _of_annotations(document: Mapping[str, Any]) -> Iterator[Query]:
    for annotation in document.get("annotations", {}).get("list", []):
        if annotation.get("builtIn") or annotation["datasource"]["type"] != PROMETHEUS:
            continue
        target = annotation.get("target") or {}
        step = annotation.get("step") or target.get("step") or target.get("interval")
        seconds = durations.parse(step) if step else ANNOTATION_SECONDS
        yield Query(
            f"annotation {annotation['name']}",
            target.get("refId") or "Anno",
            target.get("expr") or annotation["expr"],
            instant=False,
            ranged=True,
            smallest_seconds=seconds,
            points=ANNOTATION_POINTS,
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A query with everything put in.

    Attributes:
        query: as the board has it.
        expression: as Prometheus gets it.
        span: of the panel.
        step: seconds between two points.
    """

    query: Query
    expression: str
    span: Span
    step: float

    def without_constants(self) -> "Sent":
        """The same without what answers although nothing was measured."""
        return replace(self, expression=stripped(self.expression))

    def answered(self, asking: Asking) -> list[Line]:
        """The lines that the panel gets."""
        found = asking.now(self.expression, self.span.end) if self.query.instant else []
        return found + (asking.over(self.expression, self.span, self.step) if self.query.ranged else [])


def sent(query: Query, variables: Mapping[str, Filled], span: Span) -> list[Sent]:
    """What Grafana sends for a query: once, or once for each value that the panel is repeated for."""
    chosen = {name: one.chosen for name, one in variables.items()}
    if not query.repeat:
        return [_sent(query, chosen, span)]
    repeated = variables[query.repeat]
    values = repeated.options if repeated.chosen.verbatim else repeated.chosen.values
    return [_sent(query, chosen | {query.repeat: Chosen((value,), escaped=True)}, span) for value in values]


def _sent(query: Query, chosen: Mapping[str, Chosen], span: Span) -> Sent:
    shown = _shown(query, chosen, span)
    step = shown.interval(query.smallest_seconds, query.points)
    known = shown.names | intervals(step, query.smallest_seconds)
    return Sent(query, interpolated(query.expression, chosen, known), shown, step)


def due(query: Query, span: Span) -> Span:
    """The time shown when a query's next point is due: what happened since the last one shows no earlier."""
    step = span.interval(query.smallest_seconds, query.points)
    return Span(span.start, math.ceil(span.end / step) * step)


def _shown(query: Query, chosen: Mapping[str, Chosen], span: Span) -> Span:
    """The panel's own time."""
    if query.relative:
        span = Span(span.end - durations.parse(interpolated(query.relative, chosen, span.names)), span.end)
    if query.shift:
        seconds = durations.parse(interpolated(query.shift, chosen, span.names))
        span = Span(span.start - seconds, span.end - seconds)
    return span


def labels_of(legend: str) -> set[str]:
    """The labels that a legend shows."""
    return set(LEGEND.findall(legend))


def span_of(document: Mapping[str, Any], end: float) -> Span:
    """The time that a board shows when it is opened."""
    shown = document["time"]
    assert shown["to"] == "now", f"no end of a board's time that is supported here: {shown['to']}"
    return Span(end - durations.parse(shown["from"].removeprefix("now-")), end)
