"""A board drawn without Grafana: a stand-in that shows each panel's place, title and data, and says of itself that it is one.

Its queries are the committed board's, answered by a real Prometheus. Colours, axes and tables are simpler than Grafana's.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from drawn_field import INK, field_of, shown
from grafana_asking import Asking, Line
from grafana_panels import LEGEND, Query, of_board, sent, span_of
from grafana_variables import Choice, filled

from dashboards.shipped import shipped
from steadyline.boards import Board

COLUMN, ROW, MARGIN, TOP = 53, 38, 8, 30
"""Pixels: a column and a row of Grafana's grid, the way between panels, the place above for the label."""
LINES, ROWS = 8, 12
"""So many lines of a graph and rows of a table are drawn."""
LETTER, LONGEST = 6, 20
"""Pixels of a letter in a table, and so many letters a column has room for at most where all shall fit."""
COLOURS = ("#2563eb", "#ea580c", "#059669", "#9333ea", "#dc2626", "#0891b2", "#a16207", "#475569")
LABEL = (
    "Drawn by tests/bench/boards.py from a running stack's Prometheus, not by Grafana: its panels, titles and data, simply."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A query with its lines."""

    query: Query
    lines: tuple[Line, ...]


def drawn(board: Board, url: str, choice: Choice, at: float | None = None) -> str:
    """The board as SVG.

    Args:
        board: which.
        url: of the Prometheus that a stack has.
        choice: what is chosen at its top.
        at: the end of the time shown, Unix seconds; now where it is not given.
    """
    document, asking = shipped()[board], Asking(url)
    span = span_of(document, at or time.time())
    variables = filled(document, asking, span, choice)
    answers: dict[str, list[Answer]] = {}
    for query in of_board(document):
        lines = tuple(line for one in sent(query, variables, span) for line in one.answered(asking))
        answers.setdefault(query.panel, []).append(Answer(query, lines))
    return picture(document, answers)


def picture(document: Mapping[str, Any], answers: Mapping[str, list[Answer]]) -> str:
    """The SVG of a board whose queries were answered."""
    panels = [panel for panel in document["panels"] if panel["type"] != "row"]
    height = TOP + ROW * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    size = f'viewBox="0 0 {24 * COLUMN + MARGIN} {height + MARGIN}" font-family="system-ui, sans-serif" font-size="11"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(document["title"])}">',
            '<rect width="100%" height="100%" fill="#f8fafc"/>',
            f'<text x="{MARGIN}" y="20" font-size="15" font-weight="600">{escape(document["title"])}</text>',
            f'<text x="{24 * COLUMN}" y="20" text-anchor="end" fill="#64748b">{LABEL}</text>',
            *(part for panel in panels for part in _panel(panel, answers.get(panel["title"], []))),
            "</svg>\n",
        ]
    )


def _panel(panel: Mapping[str, Any], answers: list[Answer]) -> Iterator[str]:
    place = panel["gridPos"]
    width, height = place["w"] * COLUMN - MARGIN, place["h"] * ROW - MARGIN
    yield f'<svg x="{place["x"] * COLUMN + MARGIN}" y="{place["y"] * ROW + TOP}" width="{width}" height="{height}">'
    yield f'<rect width="{width}" height="{height}" rx="4" fill="#fff" stroke="#e2e8f0"/>'
    yield f'<text x="8" y="17" font-weight="600" fill="#0f172a">{escape(_title(panel))}</text>'
    defaults = panel["fieldConfig"]["defaults"]
    if not any(answer.lines for answer in answers):
        yield f'<text x="8" y="38" fill="#64748b">{escape(defaults.get("noValue", "No data"))}</text>'
    elif panel["type"] in {"stat", "bargauge"}:
        yield from _numbers(panel, answers)
    elif panel["type"] == "table":
        yield from _table(panel, answers, width)
    elif panel["type"] == "timeseries":
        yield from _graph(answers, defaults, width, height)
    else:
        yield f'<text x="8" y="38" fill="#64748b">a {panel["type"]}: Grafana alone draws it</text>'
    yield "</svg>"


def _named(answer: Answer, line: Line) -> str:
    legend = LEGEND.sub(lambda found: line.labels.get(found[1], ""), answer.query.legend)
    return legend or ", ".join(f"{name}={value}" for name, value in line.labels.items() if name != "__name__")


def _title(panel: Mapping[str, Any]) -> str:
    """A panel that Grafana repeats for each value of a variable is drawn once, with all of them."""
    return str(panel["title"]).replace(f"${panel.get('repeat')}", f"each {panel.get('repeat')}")


def _numbers(panel: Mapping[str, Any], answers: list[Answer]) -> Iterator[str]:
    lines = [(answer, line) for answer in answers for line in answer.lines][:LINES]
    for number, (answer, line) in enumerate(lines):
        name = _named(answer, line)
        size, (text, ink) = (22 if len(lines) == 1 else 13), field_of(panel, name, answer.query.ref).shown(line.last)
        beside = "" if len(lines) == 1 else f' <tspan fill="#64748b" font-size="11">{escape(name)}</tspan>'
        yield f'<text x="8" y="{44 + number * 18}" font-size="{size}" fill="{ink}">{escape(text)}{beside}</text>'


def _graph(answers: list[Answer], defaults: Mapping[str, Any], width: int, height: int) -> Iterator[str]:
    lines = [(answer, line) for answer in answers for line in answer.lines if len(line.points) > 1][:LINES]
    points = [point for _, line in lines for point in line.points]
    if not points:
        yield '<text x="8" y="38" fill="#64748b">one point alone</text>'
        return
    first, last = min(at for at, _ in points), max(at for at, _ in points)
    low, high = min(0.0, *(value for _, value in points)), max(value for _, value in points) or 1.0
    left, right, top, bottom = 56, width - 8, 28, height - 18 - 13 * ((len(lines) + 1) // 2)
    for value in (low, (low + high) / 2, high):
        y = bottom - (value - low) / (high - low or 1) * (bottom - top)
        yield f'<path d="M{left} {y:.0f}H{right}" stroke="#e2e8f0"/>'
        yield f'<text x="{left - 4}" y="{y + 4:.0f}" text-anchor="end" fill="#64748b">'
        yield f"{escape(shown(value, defaults.get('unit')))}</text>"
    for number, (answer, line) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        across, up = (right - left) / (last - first or 1), (bottom - top) / (high - low or 1)
        path = " ".join(f"{left + (at - first) * across:.0f},{bottom - (value - low) * up:.1f}" for at, value in line.points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
        x, y = 8 + number % 2 * (width // 2), bottom + 16 + 13 * (number // 2)
        yield f'<text x="{x}" y="{y}" fill="{colour}">{escape(_named(answer, line)[: width // 13])}</text>'


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's: what is written, in which colour."""

    text: str
    ink: str = INK


def rows(panel: Mapping[str, Any], answers: Iterable[Answer]) -> list[dict[str, Cell]]:
    """A table's rows as its transformations leave them: merged by the labels that all have, columns named and in order."""
    answers = list(answers)
    (organized,) = [one["options"] for one in panel["transformations"] if one["id"] == "organize"]
    shared = set.intersection(*({*line.labels} - {"__name__"} for answer in answers for line in answer.lines))
    named = organized["renameByName"]
    merged: dict[tuple[str, ...], dict[str, Cell]] = {}
    for answer in answers:
        column = f"Value #{answer.query.ref}" if len(answers) > 1 else "Value"
        field = field_of(panel, named.get(column, column), answer.query.ref)
        for line in answer.lines:
            row = merged.setdefault(tuple(line.labels[name] for name in sorted(shared)), {})
            row.update({name: Cell(text) for name, text in line.labels.items()} | {column: Cell(*field.shown(line.last))})
    order = sorted(organized["indexByName"], key=lambda name: organized["indexByName"][name])
    columns = [name for name in order if not organized["excludeByName"].get(name)]
    return [{named.get(name, name): row.get(name, Cell("")) for name in columns} for row in merged.values()]


def _table(panel: Mapping[str, Any], answers: list[Answer], width: int) -> Iterator[str]:
    found = rows(panel, answers)
    columns = list(found[0])
    edges = _edges(found, columns, width - 16)
    for name, (left, room) in zip(columns, edges, strict=True):
        yield f'<text x="{left}" y="36" fill="#64748b">{escape(name[:room])}</text>'
    for line, row in enumerate(found[: min(ROWS, panel["gridPos"]["h"] * 2 - 3)]):
        for cell, (left, room) in zip(row.values(), edges, strict=True):
            yield f'<text x="{left}" y="{53 + line * 16}" fill="{cell.ink}">{escape(cell.text[:room])}</text>'


def _edges(found: list[dict[str, Cell]], columns: list[str], width: int) -> list[tuple[int, int]]:
    """Where each column begins, and for how many letters it has room: by what stands in it."""
    longest = [max(len(name), *(len(row[name].text) for row in found[:ROWS])) for name in columns]
    wanted = [min(LONGEST, letters) + 2 for letters in longest]
    each, left, edges = width / sum(wanted), 8.0, []
    for letters in wanted:
        edges.append((round(left), max(1, int(letters * each / LETTER))))
        left += letters * each
    return edges
