"""The exporter's word of itself, judged over facts."""

from dataclasses import replace

import pytest

from deploy.doctor import exporter
from deploy.doctor.exporter import Facts
from deploy.doctor.finding import Health

GOOD = Facts(versions=("0.1.0",), ours="0.1.0", reload_taken=True, collectors={"process": True})
BAD = {
    "nothing is held": (replace(GOOD, versions=()), exporter.version, Health.FAULT),
    "another version": (replace(GOOD, versions=("0.0.9",)), exporter.version, Health.WARNING),
    "a refused reload": (replace(GOOD, reload_taken=False), exporter.reload, Health.FAULT),
    "a collector failed": (replace(GOOD, collectors={"process": False}), exporter.collectors, Health.FAULT),
    "starts left out": (replace(GOOD, skipped={"sql.item_create on main": 0.3}), exporter.schedule, Health.WARNING),
}


@pytest.mark.parametrize("check", exporter.SUBJECT.checks, ids=lambda check: check.__name__)
def test_an_exporter_that_keeps_up_is_well(check):
    """Of our version, its collectors answering."""
    assert [finding.health for finding in check(GOOD)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health"), BAD.values(), ids=BAD)
def test_what_it_complains_of_is_told(facts, check, health):
    """With a cure."""
    (finding,) = check(facts)
    assert finding.health is health
    assert finding.cure


def test_without_a_collector_nothing_is_told_of_any():
    """Prometheus knows none."""
    (finding,) = exporter.collectors(Facts())
    assert finding.health is Health.UNKNOWN
