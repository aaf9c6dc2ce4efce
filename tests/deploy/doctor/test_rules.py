"""Rules: what Prometheus has loaded held to what it should have, over facts in the form of its API."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.doctor import rules
from deploy.doctor.finding import Health
from deploy.doctor.promql_tokens import same
from deploy.doctor.rules import Facts

NOW = 1_800_000_000.0


def moment(age: float) -> str:
    """As Prometheus writes when something was."""
    return datetime.fromtimestamp(NOW - age, UTC).isoformat()


WANTED = {
    "name": "trace.item_create",
    "interval": "5s",
    "rules": [
        {"record": "r", "expr": 'sum by (a) (x{b="1",a="2"}[60s])', "labels": {"operation": "o"}},
        {"alert": "A", "expr": "r > 500000000", "for": "10s", "keep_firing_for": "60s", "labels": {"severity": "critical"}},
    ],
}
LOADED = {
    "name": "trace.item_create",
    "file": "/rules.yml",
    "interval": 5,
    "evaluationTime": 0.1,
    "lastEvaluation": moment(3),
    "rules": [
        {
            "name": "r",
            "query": 'sum by (a) (x{a="2",b="1"}[1m])',
            "labels": {"operation": "o"},
            "health": "ok",
            "type": "recording",
        },
        {
            "name": "A",
            "query": "r > 5e+08",
            "duration": 10,
            "keepFiringFor": 60,
            "labels": {"severity": "critical"},
            "annotations": {},
            "health": "ok",
            "type": "alerting",
        },
    ],
}
GOOD = Facts((WANTED,), (LOADED,), "", NOW, reloaded=True, own_files=(), cure="steadyline up")


def loaded(**changed) -> Facts:
    """The same with a loaded group that differs."""
    return replace(GOOD, loaded=({**LOADED, **changed},))


def first_rule(**changed) -> Facts:
    """The same with a loaded rule that differs."""
    group = deepcopy(LOADED)
    group["rules"][0] |= changed
    return replace(GOOD, loaded=(group,))


BAD = {
    "no rules": (replace(GOOD, loaded=()), rules.loaded, Health.FAULT, "no rules"),
    "a group is missing": (loaded(name="other"), rules.loaded, Health.FAULT, "trace.item_create"),
    "another number": (
        first_rule(query='sum by (a) (x{a="2",b="1"}[2m])'),
        rules.current,
        Health.FAULT,
        "not as these settings",
    ),
    "another label": (first_rule(labels={"operation": "p"}), rules.current, Health.FAULT, "not as these settings"),
    "a rule fewer": (loaded(rules=LOADED["rules"][:1]), rules.current, Health.FAULT, "not as these settings"),
    "baselines elsewhere": (replace(GOOD, refused="the volumes"), rules.current, Health.UNKNOWN, "the volumes"),
    "an evaluation failed": (
        first_rule(health="err", lastError="many-to-many"),
        rules.evaluated,
        Health.FAULT,
        "many-to-many",
    ),
    "not evaluated any more": (loaded(lastEvaluation=moment(60)), rules.in_time, Health.FAULT, "not evaluated any more"),
    "longer than the interval": (loaded(evaluationTime=6.0), rules.in_time, Health.FAULT, "longer than"),
    "tight": (loaded(evaluationTime=3.0), rules.in_time, Health.WARNING, "over 50%"),
    "a refused reload": (replace(GOOD, reloaded=False), rules.configuration, Health.FAULT, "refused"),
    "own rules not read": (
        replace(GOOD, reloaded=False, own_files=(Path("/own.yml"),)),
        rules.configuration,
        Health.FAULT,
        "refused",
    ),
}


@pytest.mark.parametrize("check", rules.SUBJECT.checks, ids=lambda check: check.__name__)
def test_rules_as_they_should_be_are_well(check):
    """Though Prometheus prints them in a form of its own."""
    assert [finding.health for finding in check(GOOD)] == [Health.OK]


@pytest.mark.parametrize(("facts", "check", "health", "found"), BAD.values(), ids=BAD)
def test_anything_else_is_told(facts, check, health, found):
    """With the group or the rule that it is about."""
    first = next(iter(check(facts)))
    assert first.health is health
    assert found in first.found


def test_own_rules_that_are_not_read_are_told():
    """A file that was put there after the start."""
    found = list(rules.configuration(replace(GOOD, own_files=(Path("/own.yml"), Path("/rules.yml")))))
    assert [(one.health, one.found) for one in found[1:]] == [(Health.WARNING, "rules of your own are not loaded: own.yml")]


def test_before_the_first_evaluation_nothing_is_late():
    """Prometheus writes the year 1 then."""
    assert next(iter(rules.in_time(loaded(lastEvaluation="0001-01-01T00:00:00Z")))).health is Health.OK


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a[90s]", "a[1m30s]", True),
        ("a:b[1h:150s]", "a:b[60m:2m30s]", True),
        ("a{} > 0", "a > 0", True),
        ("0.050 * x", "0.05 * x", True),
        ('x{a="1s"}', 'x{a="1000ms"}', False),
        ("x > 1.5", "x > 1.6", False),
        ("x > 1", "x < 1", False),
        ("run_p50", "run_p51", False),
    ],
)
def test_expressions_are_compared_by_their_tokens(one, other, alike):
    """A number or a span that is written otherwise is the same; any other difference is one."""
    assert same(one, other) is alike
