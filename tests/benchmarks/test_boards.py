"""A board that is drawn without Grafana: what the drawing shows of each panel."""

from xml.etree import ElementTree as ET

import pytest
from drawn_board import LABEL, Answer, picture, rows, shown
from grafana_asking import Line
from grafana_panels import of_board

from dashboards.shipped import shipped
from steadyline.boards import Board

TABLE = {
    "transformations": [
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": {"operation": 0, "Value #A": 1, "Value #B": 2, "source": 3},
                "renameByName": {"Value #A": "mean", "Value #B": "ratio", "source": "held to"},
            },
        }
    ]
}


def answered(board):
    """Each query with one line of two points."""
    found = {}
    for query in of_board(shipped()[board]):
        line = Line({"operation": "sql.item_read", "target": "<orders>"}, ((0.0, 1.0), (10.0, 2.0)))
        found.setdefault(query.panel, []).append(Answer(query, (line,)))
    return found


def texts(svg):
    """All words of a drawing, which is well-formed."""
    return [one.text or "" for one in ET.fromstring(svg).iter() if one.tag.endswith("text")]


@pytest.mark.parametrize("board", list(Board))
def test_each_panel_is_there(board):
    """By its title, on every board, in a drawing that says what it is."""
    said = texts(picture(shipped()[board], answered(board)))
    assert {panel["title"] for panel in shipped()[board]["panels"] if panel["type"] != "row"} <= set(said)
    assert LABEL in said


def test_without_data():
    """A panel says what the board says of it."""
    said = texts(picture(shipped()[Board.OVERVIEW], {}))
    assert {"Nothing was asked.", "Not scraped.", "No failures."} <= set(said)


def test_rows_are_merged():
    """Queries that know a label more than others are in the row of those; columns have the table's names and order."""
    queries = [query for query in of_board(shipped()[Board.OVERVIEW]) if query.panel == "Operations against their baselines"]
    first, second = queries[:2]
    lines = [Line({"operation": "a"}, ((0.0, 1.5),)), Line({"operation": "a", "source": "recorded"}, ((0.0, 2.0),))]
    answers = [Answer(first, (lines[0],)), Answer(second, (lines[1],))]
    assert rows(TABLE, answers) == [{"operation": "a", "mean": "1.5", "ratio": "2", "held to": "recorded"}]


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.05, "s", "50 ms"),
        (2.0, "s", "2 s"),
        (0.5, "percentunit", "50.0%"),
        (1.5, "suffix: x", "1.5 x"),
        (3, "none", "3"),
        (1, None, "1"),
    ],
)
def test_units(number, unit, text):
    """As one reads them."""
    assert shown(number, unit) == text
