"""What a run counts with: the edges of its histograms."""

import pytest

from load.plan import edges_of
from steadyline import catalogue
from steadyline.baseline import Baseline, LoadShape, Quantity, Recorded
from steadyline.criterion import parse

READ = "trace.item_read"


def baseline(value, **facts):
    """A recorded one of `trace.item_read`."""
    recorded = Recorded("2026-01-01T00:00:00Z", "h", "abc", 5, 500, None, {}, (0.1,), {}, LoadShape(10))
    known = {"driver": "load", "target": "embedded", "profile": "low"} | facts
    return Baseline(READ, known.pop("driver"), Quantity.DURATION, value, 0.2, 0.05, "recorded", recorded=recorded, **known)


def edges(*baselines, profile="low", criteria=()):
    """Those of `trace.item_read`."""
    operations = {READ: catalogue.operations()[READ]}
    return edges_of(operations, baselines, map(parse, criteria), profile)[READ]


def test_a_recorded_baseline_of_one_target_has_edges_of_its_own():
    """Where it is crossed, a quantile needs no interpolation; those of several targets stand side by side."""
    found = edges(baseline(0.01), baseline(0.03, target="other"))
    assert {0.01, 0.0115, 0.012, 0.03, 0.0345, 0.036} <= set(found)
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize("facts", [{"profile": "high"}, {"driver": "bench", "profile": "*"}])
def test_the_baselines_of_others_have_none(facts):
    """Neither another profile's nor another driver's."""
    assert 0.0115 not in edges(baseline(0.01, **facts))


def test_budget_and_criteria_have_edges():
    """Each limit is one."""
    assert {20.0, 0.08} <= set(edges(criteria=[f"{READ} p95 < 80ms"]))
