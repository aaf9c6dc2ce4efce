"""The doctor's questions to a real Prometheus and a real Alertmanager: what they answer is what the checks read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import tenacity
import yaml

from alerts.rules.generate import generate
from deploy.doctor import alerting, clocks, exporter, operations, rules, scrapes, versions
from deploy.doctor.asking import Patience
from deploy.doctor.finding import Health
from deploy.doctor.scene import Scene
from steadyline import settings
from steadyline.addresses import local_url
from steadyline.settings import Settings
from steadyline.upstream import ALERTMANAGER_JOB, PROMETHEUS_JOB

pytestmark = pytest.mark.stack

PATIENT = Patience(60)
"""A busy machine is waited for."""


@pytest.fixture(scope="module")
def scene(
    start_prometheus: Callable[..., str],
    start_alertmanager: Callable[..., str],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Scene:
    """A Prometheus with the rules of the defaults, which scrapes itself and sends to an Alertmanager with ours."""
    folder: Path = tmp_path_factory.mktemp("doctor")
    ports = {f"STEADYLINE_PORTS_{name.upper()}": str(free_port()) for name in settings.Ports.model_fields}
    found = settings.load({"STEADYLINE_STATE_DIR": str(folder), **ports})
    generate(found, found.state.generated)
    text = (found.state.generated / "alertmanager.yml").read_text()
    alertmanager = start_alertmanager(text, place=found.state.generated)
    config = _prometheus(found, httpx.URL(alertmanager).netloc.decode())
    prometheus = start_prometheus(config=config, folder=folder, port=found.ports.prometheus)
    own = found.model_copy(update={"alertmanager_url": alertmanager})
    assert prometheus == local_url(found.ports.prometheus)
    return Scene(own, folder=folder, judges=True, patience=PATIENT)


def _prometheus(found: Settings, alertmanager: str) -> str:
    jobs = {PROMETHEUS_JOB: f"127.0.0.1:{found.ports.prometheus}", ALERTMANAGER_JOB: alertmanager}
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(found.state.rules)],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [at]}]} for job, at in jobs.items()],
        }
    )


def _healths(check, facts):
    return [finding.health for finding in check(facts)]


def _waiting():
    return tenacity.Retrying(stop=tenacity.stop_after_delay(90), wait=tenacity.wait_fixed(0.5), reraise=True)


def test_loaded_are_the_rules_of_these_settings(scene):
    """Though Prometheus prints each expression in its own way; those of settings that changed meanwhile are not."""
    facts = rules.gather(scene)
    assert _healths(rules.loaded, facts) == [Health.OK]
    assert _healths(rules.current, facts) == [Health.OK]
    assert _healths(rules.configuration, facts) == [Health.OK]
    changed = scene.settings.model_copy(update={"runbook_url": "http://runbook.example"})
    assert _healths(rules.current, rules.gather(replace(scene, settings=changed))) == [Health.FAULT]


def test_what_is_scraped_is_told(scene):
    """Prometheus and Alertmanager are up; that no exporter is among them is a fault."""
    for attempt in _waiting():
        with attempt:
            facts = scrapes.gather(scene)
            assert _healths(scrapes.up, facts) == [Health.OK]
    assert _healths(scrapes.expected, facts) == [Health.FAULT]
    assert _healths(operations.measured, operations.gather(scene)) == [Health.FAULT]
    assert _healths(exporter.version, exporter.gather(scene)) == [Health.FAULT]


def test_versions_and_clocks_are_told(scene):
    """Both servers say which they are, and what time it is."""
    assert set(versions.gather(scene).running) >= {"Prometheus", "Alertmanager"}
    facts = clocks.gather(scene)
    assert {clock.name for clock in facts.clocks} == {"Prometheus", "Alertmanager"}
    assert _healths(clocks.agree, facts) == [Health.OK]


def test_alerts_reach_somebody_until_a_silence_mutes_them(scene):
    """The watchdog arrives, each severity ends in a webhook; a silence over everything is found."""
    for attempt in _waiting():
        with attempt:
            facts = alerting.gather(scene)
            assert _healths(alerting.watchdog, facts) == [Health.OK]
    for check in (alerting.connected, alerting.routed, alerting.silences, alerting.inhibitions):
        assert set(_healths(check, facts)) == {Health.OK}
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "severity", "value": ".+", "isRegex": True, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "test",
        "comment": "over everything",
    }
    url = f"{scene.settings.alertmanager}/api/v2/silences"
    made = httpx.post(url, json=silence, trust_env=False).raise_for_status().json()["silenceID"]
    assert Health.FAULT in _healths(alerting.silences, alerting.gather(scene))
    httpx.delete(f"{scene.settings.alertmanager}/api/v2/silence/{made}", trust_env=False).raise_for_status()
    assert _healths(alerting.silences, alerting.gather(scene)) == [Health.OK]
