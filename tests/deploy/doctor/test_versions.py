"""Versions, judged over facts."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.doctor import versions
from deploy.doctor.finding import Health
from deploy.doctor.lock import Difference, differences
from deploy.doctor.versions import Facts, numbers
from deploy.native.programs import NEEDS, Found, Survey

GOOD = Facts(
    python=(3, 11, 7),
    ours="0.1.0",
    locked=(),
    programs=Survey({need.name: Found(f"/bin/{need.name}", need.minimum) for need in NEEDS}, (), {}),
    needed=True,
    instruction="",
    running={"Prometheus": (2, 42, 0), "Alertmanager": (0, 25, 0), "Grafana": (11, 6, 0)},
    docker="not in this folder",
    docker_fault="",
)
CHECKS = versions.SUBJECT.checks
TOO_OLD = "prometheus: /bin/prometheus is version 2.30.0; 2.42 or newer is needed: put one first on PATH"
BAD = {
    "Python": (replace(GOOD, python=(3, 10, 1)), versions.python, Health.FAULT, "3.10.1"),
    "not installed": (replace(GOOD, ours=""), versions.python, Health.FAULT, "steadyline is not installed"),
    "a package is missing": (
        replace(GOOD, locked=(Difference("boto3", "1.40.0", None),)),
        versions.packages,
        Health.FAULT,
        "boto3",
    ),
    "a package is another": (
        replace(GOOD, locked=(Difference("boto3", "1.40.0", "1.39.1"),)),
        versions.packages,
        Health.WARNING,
        "boto3 1.39.1 for 1.40.0",
    ),
    "a wheel has no lock": (replace(GOOD, locked=None), versions.packages, Health.UNKNOWN, "no lock"),
    "a program is missing": (
        replace(GOOD, programs=Survey({}, NEEDS[:1], {}), instruction="missing: prometheus; run this once"),
        versions.programs,
        Health.FAULT,
        "not on PATH: prometheus",
    ),
    "a program is old": (
        replace(GOOD, programs=Survey({}, (), {"prometheus": TOO_OLD})),
        versions.programs,
        Health.FAULT,
        "2.30.0",
    ),
    "no program told": (replace(GOOD, programs=Survey({}, (), {})), versions.programs, Health.UNKNOWN, "did not say"),
    "a running one is old": (
        replace(GOOD, running={"Prometheus": (2, 40)}),
        versions.running,
        Health.FAULT,
        "Prometheus 2.40",
    ),
    "an Alertmanager is old": (replace(GOOD, running={"Alertmanager": (0, 24)}), versions.running, Health.FAULT, "0.24"),
    "Grafana is old": (replace(GOOD, running={"Grafana": (10, 4, 1)}), versions.running, Health.WARNING, "Grafana 10.4.1"),
    "nobody answers": (replace(GOOD, running={}), versions.running, Health.UNKNOWN, "neither"),
    "Docker is old": (
        replace(GOOD, docker="", docker_fault="the Docker engine is version 19.3, older than 20.10; install a newer one"),
        versions.docker_engine,
        Health.WARNING,
        "19.3",
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_does_is_well(check):
    """The oldest versions that do are well."""
    assert {finding.health for finding in check(GOOD)} == {Health.OK}


@pytest.mark.parametrize(("facts", "check", "health", "found"), BAD.values(), ids=BAD)
def test_what_does_not_is_told_with_its_cure(facts, check, health, found):
    """Its version is named; what is wrong has a cure."""
    first = next(iter(check(facts)))
    assert first.health is health
    assert found in first.found
    assert first.cure or health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("text", "found"), [("2.42.0+ds", (2, 42, 0)), ("11.6.0", (11, 6, 0)), ("3.0.0-rc.1", (3, 0, 0)), ("", ())]
)
def test_a_version_is_its_leading_numbers(text, found):
    """What distributions put behind them does not count."""
    assert numbers(text) == found


def test_programs_that_run_elsewhere_need_not_be_here():
    """In a container of the stack, or where the settings name a Prometheus."""
    facts = replace(GOOD, needed=False, programs=Survey({}, NEEDS, {}))
    assert [finding.health for finding in versions.programs(facts)] == [Health.OK]


def test_what_is_installed_is_held_to_the_lock(tmp_path: Path):
    """Another version and a missing package are found; one that is for other machines may be missing."""
    lock = tmp_path / "runtime.txt"
    lock.write_text(
        "nowhere-at-all==1.0 \\\n    --hash=sha256:0\nelsewhere==1.0 ; sys_platform == 'win32' \\\npydantic==0.1 \\\n"
    )
    found = differences(lock)
    assert found is not None
    assert [one.name for one in found] == ["nowhere-at-all", "pydantic"]
    assert found[0].installed is None
    assert differences(tmp_path / "none") is None
