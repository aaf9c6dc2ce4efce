"""Baselines, judged over facts."""

from dataclasses import replace

import pytest

from alerts.view.rows import Held, Row
from deploy.doctor import baselines
from deploy.doctor.baselines import Facts
from deploy.doctor.finding import Health
from steadyline.live import LIVE
from steadyline.severity import Verdict

ROW = Row(
    operation="trace.item_create",
    target="embedded",
    driver="probe",
    scheduled_seconds=2,
    rate_per_second=0.5,
    p50_seconds=0.05,
    p95_seconds=0.06,
    mean_seconds=0.05,
    held=Held.RECORDED,
    baseline_seconds=0.05,
    tolerance=0.1,
    budget_seconds=20,
    ratio=1.0,
    lower99=0.9,
    visible_factor=1.2,
    failures=0,
    failing_streak=0,
    verdict=Verdict.OK,
    severity=None,
)
GOOD = Facts((ROW,))
BAD = {
    "blind": (Facts((replace(ROW, visible_factor=LIVE.blind_factor + 1),)), baselines.sight, Health.WARNING, "below 3x"),
    "budget alone": (Facts((replace(ROW, held=Held.BUDGET),)), baselines.sight, Health.WARNING, "budget alone"),
    "nothing held yet": (Facts(()), baselines.sight, Health.UNKNOWN, "no operation yet"),
    "stale": (Facts((replace(ROW, verdict=Verdict.IMPROVED),)), baselines.fresh, Health.WARNING, "faster"),
    "drifted": (replace(GOOD, drifted=("trace.item_create",)), baselines.drift, Health.FAULT, "another baseline"),
    "damaged": (replace(GOOD, refused=("b.json: cut off; restore it",)), baselines.recorded, Health.FAULT, "cut off"),
}


@pytest.mark.parametrize("check", baselines.SUBJECT.checks, ids=lambda check: check.__name__)
def test_a_recorded_baseline_near_what_is_measured_is_well(check):
    """It shows what matters."""
    assert [finding.health for finding in check(GOOD)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health", "found"), BAD.values(), ids=BAD)
def test_a_baseline_that_shows_little_is_told(facts, check, health, found):
    """With a cure."""
    (finding,) = check(facts)
    assert finding.health is health
    assert found in finding.found
    assert finding.cure
