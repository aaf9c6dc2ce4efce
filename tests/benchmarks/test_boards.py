"""A board that is drawn without Grafana: what the drawing shows of each panel."""

from xml.etree import ElementTree as ET

import pytest
from drawn_board import LABEL, Answer, Cell, picture, rows
from drawn_field import field_of, shown
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
    ],
    "fieldConfig": {
        "defaults": {"unit": "s"},
        "overrides": [{"matcher": {"id": "byName", "options": "ratio"}, "properties": [{"id": "unit", "value": "none"}]}],
    },
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
    assert {
        panel["title"].replace("$backend", "each backend") for panel in shipped()[board]["panels"] if panel["type"] != "row"
    } <= set(said)
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
    assert rows(TABLE, answers) == [
        {"operation": Cell("a"), "mean": Cell("1.5 s"), "ratio": Cell("2"), "held to": Cell("recorded")}
    ]


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.05, "s", "50 ms"),
        (2.0, "s", "2 s"),
        (0.5, "percentunit", "50.0%"),
        (1.5, "suffix: x", "1.5 x"),
        (3, "none", "3"),
        (40_300_000, "bytes", "40.3 MB"),
        (500, "Bps", "500 B/s"),
        (1.8e12, "dateTimeAsIso", "2027-01-15 08:00:00"),
        (12, "cpm", "12/min"),
        (8760, None, "8,760"),
        (1, None, "1"),
    ],
)
def test_units(number, unit, text):
    """As one reads them."""
    assert shown(number, unit) == text


def test_words():
    """A value that the board has a word for is that word, in its colour; of several overrides those of its name or query."""
    critical = {"type": "value", "options": {"3": {"text": "critical", "color": "red"}}}
    overrides = [
        {"matcher": {"id": "byName", "options": "alert"}, "properties": [{"id": "mappings", "value": [critical]}]},
        {"matcher": {"id": "byRegexp", "options": "/^p9/"}, "properties": [{"id": "unit", "value": "s"}]},
        {"matcher": {"id": "byFrameRefID", "options": "B"}, "properties": [{"id": "unit", "value": "bytes"}]},
    ]
    panel = {"fieldConfig": {"defaults": {"unit": "percentunit"}, "overrides": overrides}}
    assert field_of(panel, "alert", "A").shown(3.0) == ("critical", "#b91c1c")
    assert [field_of(panel, *one).unit for one in (("p95", "A"), ("x", "B"), ("x", "A"))] == ["s", "bytes", "percentunit"]
