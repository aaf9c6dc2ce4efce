"""docs/boards.md: every board and panel: what it shows, what to do when it looks wrong, and the series that it asks for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboards.shipped import Document, shipped
from steadyline import load_vocabulary, upstream, vocabulary
from steadyline.boards import Board

_GENERATED = re.compile(r" Generated, do not edit:.*")
_SERIES = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_PARTS = re.compile(r"_(bucket|count|sum)$")
_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
"""What Prometheus makes of alerts itself."""
_QUOTED = re.compile(r'"[^"]*"')
_HEAD = "| panel | kind | what it shows, and what to do | without data | asks for |\n|---|---|---|---|---|"


def page() -> str:
    """The page."""
    boards = shipped()
    panels = sum(len(list(_panels(one))) for one in boards.values())
    lines = [
        "# Boards and their panels\n",
        f"All {len(boards)} boards, {panels} panels. How they come into a Grafana, and how to read their colours and marks:",
        "[dashboards](dashboards.md). What the series mean: [metrics](metrics.md). A panel's words stand behind its `i` in",
        "Grafana, too.",
    ]
    for board in Board:
        lines += _board(board, boards[board])
    return "\n".join(lines) + "\n"


def known() -> frozenset[str]:
    """The names of all series that a board may ask for."""
    scraped = (*vocabulary.METRICS, *load_vocabulary.LOAD_METRICS, *upstream.UPSTREAM, upstream.PROCESS_START)
    recorded = (*vocabulary.RECORDED, *load_vocabulary.LOAD_RECORDED)
    return frozenset([*(one.name for one in scraped), *(one.name for one in recorded), *_ALERTS])


def asked(expressions: Iterable[str]) -> list[str]:
    """The series that queries name, without the parts of a histogram; in order."""
    names = {name for text in expressions for name in _SERIES.findall(_QUOTED.sub("", text))}
    return sorted({whole for name in names for whole in (name, _PARTS.sub("", name)) if whole in known()})


def _board(board: Board, document: Document) -> Iterator[str]:
    yield f"\n## {board.short}\n"
    yield f"{_GENERATED.sub('', document['description'])}\n"
    chosen = [f"`{one['name']}`" for one in document["templating"]["list"]]
    yield f"uid `{board}`; to be chosen: {', '.join(chosen)}; shows the time from `{document['time']['from']}` at first.\n"
    yield _HEAD
    yield from (_panel(panel, row) for row, panel in _panels(document))


def _panels(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each panel with the title of its row, "" where it is in none."""
    row = ""
    for panel in document["panels"]:
        if panel["type"] != "row":
            yield row, panel
            continue
        row = panel["title"]
        yield from ((row, inner) for inner in panel.get("panels") or [])


def _panel(panel: Mapping[str, Any], row: str) -> str:
    series = ", ".join(f"`{name}`" for name in asked(target["expr"] for target in panel.get("targets") or []))
    title = f"{row}: {panel['title']}" if row else panel["title"]
    empty = panel["fieldConfig"]["defaults"].get("noValue", "-")
    facts = (title, panel["type"], panel.get("description", ""), empty, series or "-")
    return f"| {' | '.join(_cell(fact) for fact in facts)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
