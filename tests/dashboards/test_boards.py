"""The committed boards, as Grafana loads them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.generate import BOARDS, drifted, generate, text
from dashboards.not_shown import NOT_SHOWN
from dashboards.panel import COLUMNS
from dashboards.shipped import GENERATED
from steadyline import durations
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_METRICS, LOAD_RECORDED
from steadyline.vocabulary import METRICS, RECORDED

DOCUMENTS = {name: json.loads((GENERATED / name).read_text(encoding="utf-8")) for name in BOARDS}
PANELS = {
    f"{board['uid']}: {panel['title']}": panel
    for board in DOCUMENTS.values()
    for panel in board["panels"]
    if panel["type"] != "row"
}
KNOWN_TO_GRAFANA_9_4 = {"timeseries", "stat", "table", "heatmap", "state-timeline", "bargauge", "text", "row"}
PIXELS, CHARACTER, PADDING = 1280 / COLUMNS, 7.2, 24
"""At 1280 pixels: of a column of the grid, of a title's character, of what is left and right of it."""
HIDDEN = 2
"""Grafana's number for a variable that is not shown."""
MOST_PANELS = 16
SUFFIXES = ("_bucket", "_count", "_sum")
OURS = re.compile(r"\bsteadyline[_:][a-z0-9_:]+\b")
VARIABLE = re.compile(r"var-(\w+)=|\$\{(\w+):queryparam\}")


def queries(document: Any) -> Iterator[str]:
    """Every PromQL expression and variable query in a board, without what stands in quotes."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield re.sub(r'"[^"]*"', '""', value)
            else:
                yield from queries(value)
    elif isinstance(document, list):
        for value in document:
            yield from queries(value)


def used(document: Any) -> set[str]:
    """The names of ours that a board asks for, of a histogram its family's."""
    found = {name for query in queries(document) for name in OURS.findall(query)}
    histograms = {metric.name for metric in (*METRICS, *LOAD_METRICS) if metric.kind == "histogram"}
    parts = {part + suffix: part for part in histograms for suffix in SUFFIXES}
    return {parts.get(name, name) for name in found}


def urls(document: Any) -> Iterator[str]:
    """Every link in a board."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "url":
                yield value
            else:
                yield from urls(value)
    elif isinstance(document, list):
        for value in document:
            yield from urls(value)


def test_what_is_committed_is_what_would_be_generated() -> None:
    """No drift; and generating twice gives the same bytes."""
    assert drifted() == []
    assert all(text(board()) == text(board()) for board in BOARDS.values())


def test_drift_is_found(tmp_path: Path) -> None:
    """A file that is missing, that differs by a byte, that is no board of ours any more; generating mends all."""
    assert len(drifted(tmp_path)) == len(BOARDS)
    written = generate(tmp_path)
    assert drifted(tmp_path) == []
    written[0].write_text(written[0].read_text() + " ")
    old = tmp_path / "old.json"
    old.write_text("{}")
    assert set(drifted(tmp_path)) == {old, written[0]}
    generate(tmp_path)
    assert drifted(tmp_path) == []
    assert not old.exists()


each_board = pytest.mark.parametrize("name", DOCUMENTS)
each_panel = pytest.mark.parametrize("title", PANELS)


def test_each_board_has_its_uid() -> None:
    """The one that links find it by, which is its file's name; what it is for, and that it is generated."""
    assert {document["uid"] for document in DOCUMENTS.values()} == set(Board)
    for name, document in DOCUMENTS.items():
        assert name == f"{document['uid']}.json"
        assert document["title"] == Board(document["uid"]).heading
        assert "Generated, do not edit" in document["description"]


@each_board
def test_a_board_is_of_grafanas_schema(name: str) -> None:
    """Read by the SDK's models and written again, all of it is still there: they know every field.

    Annotations are left out: what only those of Prometheus have is no part of the common schema.
    """
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(DOCUMENTS[name]), cls=JSONEncoder))
    assert list(lost({**DOCUMENTS[name], "annotations": {}}, again)) == []


def lost(ours: Any, read: Any, path: str = "") -> Iterator[str]:
    """Where a document has what another one has not."""
    if isinstance(ours, dict) and isinstance(read, dict):
        for key, value in ours.items():
            yield from lost(value, read[key], f"{path}/{key}") if key in read else [f"{path}/{key}"]
    elif isinstance(ours, list) and isinstance(read, list) and len(ours) == len(read):
        for number, (one, other) in enumerate(zip(ours, read, strict=True)):
            yield from lost(one, other, f"{path}/{number}")
    elif ours != read:
        yield path


def test_a_field_that_grafana_does_not_know_is_found() -> None:
    """In a panel's options, in a variable, on top."""
    document = json.loads(json.dumps(DOCUMENTS[f"{Board.OVERVIEW}.json"]))
    for place in (document, document["panels"][0]["options"], document["templating"]["list"][1]):
        place["madeUp"] = True
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(document), cls=JSONEncoder))
    found = list(lost({**document, "annotations": {}}, again))
    assert set(found) == {"/madeUp", "/panels/0/options/madeUp", "/templating/list/1/madeUp"}


@each_board
def test_variables_are_of_the_classic_schema(name: str) -> None:
    """The data source first; all others are filled from it, and say so to Grafana of any age."""
    first, *others = DOCUMENTS[name]["templating"]["list"]
    assert (first["type"], first["name"], first["query"]) == ("datasource", "datasource", "prometheus")
    for variable in others:
        assert variable["type"] == "query"
        assert isinstance(variable["query"], str)
        assert variable["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    names = [variable["name"] for variable in (first, *others)]
    assert len(names) == len(set(names))


@each_board
def test_what_is_worked_out_is_not_kept_in_a_url(name: str) -> None:
    """It would be of another moment."""
    for variable in DOCUMENTS[name]["templating"]["list"]:
        assert variable.get("skipUrlSync", False) == (variable.get("hide") == HIDDEN)


@each_board
def test_every_series_is_of_the_vocabulary(name: str) -> None:
    """No name of ours is made up."""
    known = {metric.name for metric in (*METRICS, *LOAD_METRICS)} | {series.name for series in (*RECORDED, *LOAD_RECORDED)}
    assert used(DOCUMENTS[name])
    assert used(DOCUMENTS[name]) - known == set()


def test_the_vocabulary_is_shown() -> None:
    """Every metric and recorded series is on a board, or is listed as not shown with its reason; none is both."""
    known = {metric.name for metric in (*METRICS, *LOAD_METRICS)} | {series.name for series in (*RECORDED, *LOAD_RECORDED)}
    shown = set().union(*(used(document) for document in DOCUMENTS.values()))
    assert known - shown == set(NOT_SHOWN)


@each_board
def test_panels_fill_the_grid_and_do_not_overlap(name: str) -> None:
    """24 columns, nothing on top of anything else, no gap at the right."""
    places = [panel["gridPos"] for panel in DOCUMENTS[name]["panels"]]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= COLUMNS and p["h"] > 0 for p in places)
    for one, other in combinations(places, 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above
    assert all(sum(p["w"] for p in places if p["y"] == y) == COLUMNS for y in {p["y"] for p in places})
    assert all(len({p["h"] for p in places if p["y"] == y}) == 1 for y in {p["y"] for p in places})
    assert len(places) <= MOST_PANELS


@each_board
def test_panels_are_in_reading_order_with_ids_of_their_own(name: str) -> None:
    """Numbered from the top left to the bottom right."""
    panels = DOCUMENTS[name]["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    places = [(panel["gridPos"]["y"], panel["gridPos"]["x"]) for panel in panels]
    assert all(one < other for one, other in pairwise(places))


@each_panel
def test_a_panel_says_what_it_shows_and_what_to_do(title: str) -> None:
    """A description, a unit for what is measured, words for no data, a data source by variable, queries with distinct ids."""
    panel = PANELS[title]
    assert panel["type"] in KNOWN_TO_GRAFANA_9_4
    assert len(panel["description"]) > 60
    assert panel["description"].endswith((".", "`)."))
    defaults = panel["fieldConfig"]["defaults"]
    if panel["type"] != "text":
        assert defaults["noValue"].endswith(".")
    if panel["type"] in ("timeseries", "stat", "bargauge"):
        assert defaults["unit"]
    for target in panel.get("targets", []):
        assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    refs = [target["refId"] for target in panel.get("targets", [])]
    assert len(refs) == len(set(refs))


@each_panel
def test_a_title_fits_at_1280_pixels(title: str) -> None:
    """Over its panel's width."""
    panel = PANELS[title]
    assert len(panel["title"]) * CHARACTER + PADDING <= panel["gridPos"]["w"] * PIXELS


@each_board
def test_links_lead_to_boards_of_ours_and_choose_what_they_have(name: str) -> None:
    """Each names a board that is there, variables that it has, and keeps the time or says another."""
    document = DOCUMENTS[name]
    has = {board["uid"]: {variable["name"] for variable in board["templating"]["list"]} for board in DOCUMENTS.values()}
    assert {url.partition("?")[0] for url in urls(document["links"])} == {
        Board(uid).path for uid in has if uid != document["uid"]
    }
    assert all(link["keepTime"] for link in document["links"])
    for url in urls(document["panels"]):
        place, _, rest = url.partition("?")
        assert place.removeprefix("/d/") in has
        assert "${__url_time_range}" in rest or re.search(r"&from=\$\{.+&to=\$\{", rest)
    for url in urls(document):
        place, _, rest = url.partition("?")
        asked = {one or other for one, other in VARIABLE.findall(rest)}
        assert asked <= has[place.removeprefix("/d/")]


@each_board
def test_alerts_and_runs_are_marked(name: str) -> None:
    """Alerts and the three moments of load runs, out of Prometheus, and the marks in Grafana, off at first.

    Where two runs are moved to begin at the same place these would stand beside them: it marks when each was steady.
    """
    marks = DOCUMENTS[name]["annotations"]["list"]
    if DOCUMENTS[name]["uid"] == Board.COMPARE:
        assert [mark["name"] for mark in marks] == ["run is steady", "against is steady"]
        assert all(mark["enable"] and mark["useValueForTime"] == "on" for mark in marks)
        return
    assert [mark["name"] for mark in marks] == ["Alerts", "Run begins", "Run is steady", "Run ended", "Marks of load runs"]
    assert [mark["enable"] for mark in marks] == [True] * 4 + [False]
    assert [mark.get("useValueForTime") for mark in marks] == [None, "on", "on", "on", None]


TABLES = [title for title, panel in PANELS.items() if panel["type"] == "table"]
NOTHING = {"match": "null+nan", "result": {"color": "transparent"}}


@pytest.mark.parametrize("title", TABLES)
def test_an_empty_cell_is_neither_coloured_nor_explained_as_an_empty_table(title: str) -> None:
    """Grafana would put the table's own words into it, and the colour of the lowest threshold."""
    panel = PANELS[title]
    looks: dict[str, dict[str, Any]] = {}
    for override in panel["fieldConfig"]["overrides"]:
        found = looks.setdefault(override["matcher"]["options"], {})
        found |= {one["id"]: one["value"] for one in override["properties"]}
    names = panel["transformations"][-1]["options"]["renameByName"].values()
    for name in names:
        assert looks[name]["noValue"], name
        if "custom.cellOptions" in looks[name]:
            assert [one["options"] for one in looks[name]["mappings"] if one["type"] == "special"] == [NOTHING], name


def test_an_empty_number_has_no_colour() -> None:
    """Nothing measured is neither good nor bad."""
    for title, panel in PANELS.items():
        if panel["type"] == "stat":
            mappings = panel["fieldConfig"]["defaults"]["mappings"]
            assert [one["options"] for one in mappings if one["type"] == "special"] == [NOTHING], title


def test_the_heatmap_counts_each_success_once() -> None:
    """Each of its columns is what was counted since the one before, and holds two scrapes and more."""
    panel = PANELS[f"{Board.OPERATION}: Durations of every success"]
    (target,) = panel["targets"]
    assert "[$__interval]" in target["expr"]
    assert durations.parse(panel["interval"]) >= 2 * LIVE.scrape_seconds


def test_only_generating_needs_the_sdk() -> None:
    """What runs imports none of it."""
    code = "import sys, steadyline.cli.main as m; m.build(); print('grafana_foundation_sdk' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_without_the_sdk_it_says_what_to_install() -> None:
    """One message, exit code 2."""
    code = (
        "import sys; sys.modules['grafana_foundation_sdk'] = None; sys.argv = ['steadyline', 'dashboards', 'check'];"
        "from steadyline.cli.main import main; main()"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "pip install 'steadyline[dashboards]'" in found.stderr
    assert "Traceback" not in found.stderr
