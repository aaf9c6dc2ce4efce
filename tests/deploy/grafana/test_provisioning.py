"""What a Grafana of the user's own is told to load."""

import re
from pathlib import Path

import pytest
import yaml

import deploy
from dashboards.panel import SOURCE
from dashboards.shipped import shipped
from steadyline.durations import promql
from steadyline.live import LIVE

PROVISIONING = Path(deploy.__file__).parent / "grafana" / "provisioning"


@pytest.mark.parametrize(("kind", "key"), [("datasources", "datasources"), ("dashboards", "providers")])
def test_each_file_is_of_the_version_that_grafana_knows(kind: str, key: str) -> None:
    """One document with one entry."""
    found = yaml.safe_load((PROVISIONING / kind / "steadyline.yml").read_text(encoding="utf-8"))
    assert found["apiVersion"] == 1
    assert len(found[key]) == 1


def test_the_data_source_is_of_the_kind_that_the_boards_ask() -> None:
    """Prometheus, told the interval at which it scrapes."""
    found = yaml.safe_load((PROVISIONING / "datasources" / "steadyline.yml").read_text(encoding="utf-8"))["datasources"][0]
    assert found["type"] == SOURCE.type_val
    assert found["jsonData"]["timeInterval"] == promql(LIVE.scrape_seconds)


def test_the_boards_choose_that_data_source_at_first() -> None:
    """Beside another Prometheus, and whichever is Grafana's default: by its uid, and by its name for Grafana 9."""
    found = yaml.safe_load((PROVISIONING / "datasources" / "steadyline.yml").read_text(encoding="utf-8"))["datasources"][0]
    for uid, board in shipped().items():
        (variable,) = [one for one in board["templating"]["list"] if one["type"] == "datasource"]
        current = variable["current"]
        assert (current["text"], current["value"], variable["query"]) == (found["name"], found["uid"], found["type"]), uid


def test_the_guide_names_every_variable_of_the_files() -> None:
    """Grafana takes a missing one for empty, and says nothing."""
    guide = (Path(__file__).parents[3] / "docs" / "dashboards.md").read_text(encoding="utf-8")
    example = guide.partition("## Provisioned from files")[2].partition("\n## ")[0]
    files = [path.read_text(encoding="utf-8") for path in PROVISIONING.glob("*/*.yml")]
    names = {name for text in files for name in re.findall(r"\$\{(\w+)\}", text)}
    assert names
    assert all(f"export {name}=" in example or f" {name}=" in example for name in names), names
