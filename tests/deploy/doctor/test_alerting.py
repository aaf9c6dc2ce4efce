"""Whether alerts reach somebody, judged over facts."""

from dataclasses import replace

import pytest

from alerts.rules.alertmanager import configuration
from deploy.doctor import alerting
from deploy.doctor.alerting import Facts
from deploy.doctor.finding import Health
from deploy.doctor.routing import Matcher
from steadyline.settings import Settings
from steadyline.vocabulary import AlertName

CONFIGURATION = configuration(Settings())
WATCHDOG = {"alertname": AlertName.WATCHDOG, "severity": "none"}
CRITICAL = {"alertname": AlertName.REGRESSION, "severity": "critical", "operation": "trace.item_create"}
GOOD = Facts(
    sends_to=("http://127.0.0.1:9093/api/v2/alerts",),
    rules=(WATCHDOG, CRITICAL),
    watchdog=True,
    failed={},
    configuration=CONFIGURATION,
    held=(WATCHDOG,),
)
DEAF = {**CONFIGURATION, "receivers": [{"name": one["name"]} for one in CONFIGURATION["receivers"]]}
GAGGED = {
    **CONFIGURATION,
    "inhibit_rules": [{"source_matchers": ['severity="none"'], "target_matchers": ['severity=~"critical|warning"']}],
}


def silenced(*conditions: Matcher) -> Facts:
    """The same with a silence."""
    return replace(GOOD, silences=((conditions, "2027-01-01"),))


BAD = {
    "no Alertmanager": (replace(GOOD, sends_to=()), alerting.connected, Health.FAULT),
    "no watchdog": (replace(GOOD, watchdog=False), alerting.watchdog, Health.FAULT),
    "it does not arrive": (replace(GOOD, held=()), alerting.watchdog, Health.FAULT),
    "it has only begun": (replace(GOOD, watchdog=False, runs_seconds=30.0), alerting.watchdog, Health.UNKNOWN),
    "it is on its way": (replace(GOOD, held=(), runs_seconds=30.0), alerting.watchdog, Health.UNKNOWN),
    "it has not come for long": (replace(GOOD, held=(), runs_seconds=120.0), alerting.watchdog, Health.FAULT),
    "nobody to ask": (replace(GOOD, away="away"), alerting.watchdog, Health.UNKNOWN),
    "nobody is told": (replace(GOOD, configuration=DEAF), alerting.routed, Health.FAULT),
    "routes are not known": (replace(GOOD, away="away"), alerting.routed, Health.UNKNOWN),
    "a silence over all": (silenced(Matcher("alertname", ".*", is_regex=True)), alerting.silences, Health.FAULT),
    "a silence over warnings": (silenced(Matcher("severity", "warning")), alerting.silences, Health.WARNING),
    "a critical one is silenced": (replace(GOOD, silenced=("SteadylineFailing",)), alerting.silences, Health.WARNING),
    "the watchdog inhibits": (replace(GOOD, configuration=GAGGED), alerting.inhibitions, Health.FAULT),
    "not delivered": (replace(GOOD, failed={"email": 3.0}), alerting.delivered, Health.FAULT),
}


@pytest.mark.parametrize("check", alerting.SUBJECT.checks, ids=lambda check: check.__name__)
def test_alerts_that_reach_somebody_are_well(check):
    """By our own configuration."""
    assert {finding.health for finding in check(GOOD)} == {Health.OK}


@pytest.mark.parametrize(("facts", "check", "health"), BAD.values(), ids=BAD)
def test_whatever_is_in_the_way_is_told(facts, check, health):
    """With a cure, where it is wrong."""
    first = next(iter(check(facts)))
    assert first.health is health
    assert first.cure or health is Health.UNKNOWN


def test_a_silence_over_one_operation_hides_no_severity():
    """It is what silences are for."""
    (finding,) = alerting.silences(silenced(Matcher("operation", "sql.query_count")))
    assert finding.health is Health.OK


def test_each_severity_is_told_with_its_receivers():
    """Critical, warning and info, and who is told of each."""
    found = [finding.found for finding in alerting.routed(GOOD)]
    assert [text.partition(" ")[0] for text in found] == ["critical", "warning", "info"]
    assert all("webhook" in text for text in found)
