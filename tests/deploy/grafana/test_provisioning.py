"""What a Grafana of the user's own is told to load."""

from pathlib import Path

import pytest
import yaml

import deploy
from dashboards.panel import SOURCE
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
