"""The page of the metrics: each with its unit, said once, and labels with what the code lets them be."""

import pytest

from docs.metrics import page, unit
from steadyline.load_vocabulary import LOAD_METRICS, LOAD_RECORDED
from steadyline.outcome import Reason
from steadyline.vocabulary import METRICS, RECORDED

ALL = (*METRICS, *LOAD_METRICS)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_unit_is_said_once(metric):
    """By the end of the name, or beside it."""
    named = unit(metric) != metric.unit
    assert unit(metric)
    assert named != bool(metric.unit)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_each_metric_says_when_it_moves(metric):
    """And its row has its type, unit and labels."""
    assert metric.moves
    row = next(line for line in page().splitlines() if line.startswith(f"| `{metric.name}` |"))
    assert row.split(" | ")[1:4] == [metric.kind, unit(metric), ", ".join(metric.labels) or "-"]


@pytest.mark.parametrize("series", [*RECORDED, *LOAD_RECORDED], ids=lambda series: series.name)
def test_each_recorded_series_has_its_row(series):
    """With unit and labels."""
    row = next(line for line in page().splitlines() if line.startswith(f"| `{series.name}` |"))
    assert row.split(" | ")[1:3] == [series.unit, ", ".join(series.labels)]


def test_every_reason_is_listed():
    """The closed list is the code's."""
    assert all(f"`{reason}`" in page() for reason in Reason)
