"""The committed boards, as Grafana loads them."""

import json
import re
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from dashboards.generate import BOARDS, GENERATED, drifted, generate, text
from dashboards.panel import COLUMNS
from steadyline.load_vocabulary import LOAD_BOARD_UID, LOAD_METRICS, LOAD_RECORDED
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION
from steadyline.vocabulary import METRICS, OPERATIONS_BOARD_UID, RECORDED

DOCUMENTS = {name: json.loads((GENERATED / name).read_text(encoding="utf-8")) for name in BOARDS}
UIDS = {"operations.json": OPERATIONS_BOARD_UID, "load.json": LOAD_BOARD_UID}
PANELS = {
    f"{name}: {panel['title']}": panel
    for name, board in DOCUMENTS.items()
    for panel in board["panels"]
    if panel["type"] != "row"
}
KNOWN_TO_GRAFANA_9_4 = {"timeseries", "stat", "table", "heatmap", "state-timeline", "bargauge", "text", "row"}
PROMETHEUS_OWN = {"up", "ALERTS", "ALERTS_FOR_STATE"}
SUFFIXES = ("_bucket", "_count", "_sum")
NAME = re.compile(r"\b(?:steadyline[_:][a-z0-9_:]+|up|ALERTS[A-Z_]*)\b")


def queries(document: Any) -> list[str]:
    """Every PromQL expression and variable query in a board."""
    if isinstance(document, dict):
        own = [document[key] for key in ("expr", "query") if isinstance(document.get(key), str)]
        return own + [query for value in document.values() for query in queries(value)]
    return [query for value in document for query in queries(value)] if isinstance(document, list) else []


def test_what_is_committed_is_what_would_be_generated() -> None:
    """No drift; and generating twice gives the same bytes."""
    assert drifted() == []
    assert all(text(board()) == text(board()) for board in BOARDS.values())


def test_drift_is_found(tmp_path: Path) -> None:
    """A file that is missing, or differs by a byte."""
    assert len(drifted(tmp_path)) == len(BOARDS)
    written = generate(tmp_path)
    assert drifted(tmp_path) == []
    written[0].write_text(written[0].read_text() + " ")
    assert drifted(tmp_path) == written[:1]


each_board = pytest.mark.parametrize("name", DOCUMENTS)


@each_board
def test_it_is_the_board_that_alerts_link_to(name: str) -> None:
    """Its uid, its variables, and that it says it is generated."""
    board = DOCUMENTS[name]
    assert board["uid"] == UIDS[name]
    assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "operation", "target"]
    assert "do not edit" in board["description"]


@each_board
def test_every_series_is_of_the_vocabulary(name: str) -> None:
    """No name is made up: each is a metric, a part of a histogram, a recorded series, or Prometheus' own."""
    every = (*METRICS, *LOAD_METRICS)
    histograms = {metric.name for metric in every if metric.kind == "histogram"}
    known = {metric.name for metric in every} - histograms | {part + suffix for part in histograms for suffix in SUFFIXES}
    known |= PROMETHEUS_OWN | {series.name for series in (*RECORDED, *LOAD_RECORDED)}
    used = {found for query in queries(DOCUMENTS[name]) for found in NAME.findall(re.sub(r'"[^"]*"', '""', query))}
    assert used
    assert used - known == set()


@each_board
def test_panels_fill_the_grid_and_do_not_overlap(name: str) -> None:
    """24 columns, nothing on top of anything else."""
    places = [panel["gridPos"] for panel in DOCUMENTS[name]["panels"]]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= COLUMNS and p["h"] > 0 for p in places)
    for one, other in combinations(places, 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above
    assert all(sum(p["w"] for p in places if p["y"] == y) == COLUMNS for y in {p["y"] for p in places})


@each_board
def test_panels_are_in_reading_order_with_ids_of_their_own(name: str) -> None:
    """Numbered from the top left to the bottom right."""
    panels = DOCUMENTS[name]["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    places = [(panel["gridPos"]["y"], panel["gridPos"]["x"]) for panel in panels]
    assert all(one < other for one, other in pairwise(places))


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_says_what_it_shows_and_what_to_do(title: str) -> None:
    """A description, a unit for what is measured, a data source by variable, queries with distinct ids."""
    panel = PANELS[title]
    assert panel["type"] in KNOWN_TO_GRAFANA_9_4
    assert len(panel["description"]) > 10
    if panel["type"] == "timeseries":
        assert panel["fieldConfig"]["defaults"]["unit"]
    for target in panel.get("targets", []):
        assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    refs = [target["refId"] for target in panel.get("targets", [])]
    assert len(refs) == len(set(refs))


def test_the_ratio_is_coloured_at_the_severities_levels() -> None:
    """The same numbers as the rules, on every panel of ratios."""
    for title in ("Ratio to the baseline", "Ratio and its limits"):
        steps = [
            step["value"] for step in PANELS[f"operations.json: {title}"]["fieldConfig"]["defaults"]["thresholds"]["steps"]
        ]
        assert steps[-2:] == [1 + WARNING_DEGRADATION, 1 + CRITICAL_DEGRADATION]


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
