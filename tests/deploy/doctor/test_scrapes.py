"""Scrapes, judged over facts."""

from dataclasses import replace

import pytest

from deploy.doctor import scrapes
from deploy.doctor.finding import Health
from deploy.doctor.scrapes import Scrape
from steadyline.upstream import ALERTMANAGER_JOB, PROMETHEUS_JOB
from steadyline.vocabulary import EXPORTER_JOB


def scrape(job: str) -> Scrape:
    """One target that is well."""
    return Scrape(f"{job} 127.0.0.1:1", job, "up", "", 3.0, 0.05, 5.0, 5.0)


EXPORTER = scrape(EXPORTER_JOB)
OTHERS = (scrape(PROMETHEUS_JOB), scrape(ALERTMANAGER_JOB))
BAD = {
    "down": (
        (replace(EXPORTER, health="down", error="connection refused"), *OTHERS),
        scrapes.up,
        Health.FAULT,
        "connection refused",
    ),
    "own down": ((replace(scrape("own"), health="down", error="404"),), scrapes.up, Health.FAULT, "404"),
    "not scraped yet": (
        (replace(EXPORTER, health="unknown", age_seconds=None),),
        scrapes.up,
        Health.UNKNOWN,
        "not scraped yet",
    ),
    "no exporter": (OTHERS, scrapes.expected, Health.FAULT, EXPORTER_JOB),
    "no Alertmanager": ((EXPORTER, OTHERS[0]), scrapes.expected, Health.WARNING, ALERTMANAGER_JOB),
    "not scraped any more": ((replace(EXPORTER, age_seconds=40.0),), scrapes.in_time, Health.FAULT, "not scraped any more"),
    "slow": ((replace(EXPORTER, took_seconds=3.0),), scrapes.in_time, Health.WARNING, "over 50%"),
}


@pytest.mark.parametrize("check", scrapes.SUBJECT.checks, ids=lambda check: check.__name__)
def test_targets_that_answer_soon_are_well(check):
    """Exporter, Prometheus and Alertmanager among them."""
    assert [finding.health for finding in check((EXPORTER, *OTHERS))] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health", "found"), BAD.values(), ids=BAD)
def test_a_target_that_does_not_is_told(facts, check, health, found):
    """By job and instance, with Prometheus' words and a cure."""
    first = next(iter(check(facts)))
    assert first.health is health
    assert found in first.found
    assert first.cure
