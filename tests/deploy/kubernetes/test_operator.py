"""What the Prometheus operator reads says what the native stack's files say."""

import json
from collections.abc import Callable
from pathlib import Path

import manifests
import pytest
import yaml

from alerts.rules import alertmanager
from alerts.rules.generate import COMMITTED, RULES
from deploy.kubernetes import cluster, generate
from steadyline.load_vocabulary import LOAD_JOB
from steadyline.vocabulary import EXPORTER_JOB

Built = Callable[[str], list[manifests.Document]]
APPLY_BYTES = 262_144
"""Most that the annotation of `kubectl apply` may take."""


def without_namespace(rule: manifests.Document) -> manifests.Document:
    """The rule as it is elsewhere: the namespace is for the operator's routes."""
    if "alert" not in rule:
        return rule
    labels = {**rule["labels"]}
    assert labels.pop("namespace") == cluster.NAMESPACE
    return {**rule, "labels": labels}


def test_the_rules_are_the_committed_ones(built: Built) -> None:
    """All objects together hold each group once, and in each the same rules in the same order."""
    found = {
        group["name"]: {**group, "rules": [without_namespace(rule) for rule in group["rules"]]}
        for one in manifests.of_kind(built("overlays/operator"), "PrometheusRule")
        for group in one["spec"]["groups"]
    }
    groups = yaml.load((COMMITTED / RULES).read_text(), Loader=yaml.CSafeLoader)["groups"]

    assert found == {group["name"]: group for group in groups}


def test_no_object_is_too_large_to_apply(built: Built) -> None:
    """Each fits into the annotation that `kubectl apply` keeps of it."""
    for one in manifests.of_kind(built("overlays/operator"), "PrometheusRule"):
        assert len(json.dumps(one)) < APPLY_BYTES, one["metadata"]["name"]


def test_jobs_have_the_names_that_rules_ask_for(built: Built) -> None:
    """Else the exporter would count as down, and no load run would be found."""
    documents = built("overlays/operator")
    (service,) = manifests.of_kind(documents, "ServiceMonitor")
    (podded,) = manifests.of_kind(documents, "PodMonitor")
    jobs = [
        endpoint["relabelings"][0]["replacement"]
        for endpoint in (*service["spec"]["endpoints"], *podded["spec"]["podMetricsEndpoints"])
    ]

    assert jobs == [EXPORTER_JOB, LOAD_JOB]


def prometheus_form(matchers: list[manifests.Document]) -> list[str]:
    """The operator's matchers as Alertmanager writes them."""
    return [f'{one["name"]}{one["matchType"]}"{one["value"]}"' for one in matchers]


def test_routes_and_inhibitions_are_alertmanagers(built: Built) -> None:
    """Translated back, the AlertmanagerConfig routes, waits and mutes as the native stack's file."""
    (config,) = manifests.of_kind(built("overlays/operator"), "AlertmanagerConfig")
    plain = alertmanager.configuration(cluster.SETTINGS)
    route = config["spec"]["route"]

    for ours, theirs in zip(config["spec"]["inhibitRules"], plain["inhibit_rules"], strict=True):
        assert prometheus_form(ours["sourceMatch"]) == theirs["source_matchers"]
        assert prometheus_form(ours["targetMatch"]) == theirs["target_matchers"]
        assert ours.get("equal") == theirs.get("equal")
    for ours, theirs in zip([route, *route["routes"]], [plain["route"], *plain["route"]["routes"]], strict=True):
        assert ours["receiver"] == theirs["receiver"]
        waits = (ours["groupWait"], ours["groupInterval"], ours["repeatInterval"])
        assert waits == (theirs["group_wait"], theirs["group_interval"], theirs["repeat_interval"])
        assert prometheus_form(ours.get("matchers", [])) == theirs.get("matchers", [])
    assert route["groupBy"] == plain["route"]["group_by"]


def test_the_receiver_is_told(built: Built) -> None:
    """Each receiver's webhook leads to the Service of the receiver, by a name that holds in every namespace."""
    documents = built("overlays/operator")
    (config,) = manifests.of_kind(documents, "AlertmanagerConfig")
    port = cluster.SETTINGS.ports.receiver

    urls = {one["name"]: [hook["url"] for hook in one["webhookConfigs"]] for one in config["spec"]["receivers"]}
    assert urls == {
        alertmanager.NOTIFICATIONS: [f"http://receiver.steadyline.svc:{port}/alerts"],
        alertmanager.HEARTBEAT: [f"http://receiver.steadyline.svc:{port}/watchdog"],
    }


def test_what_is_committed_is_what_the_code_makes() -> None:
    """No manifest was changed by hand, and none is left over."""
    assert generate.drift() == []


def test_a_changed_manifest_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was changed and one that nothing makes are both told."""
    folder = manifests.copied(tmp_path)
    monkeypatch.setattr(generate, "HERE", folder)
    (folder / "base/exporter.yaml").write_text("")
    (folder / generate.RULES / "steadyline-gone.yaml").write_text("")

    assert generate.drift() == ["base/exporter.yaml", f"{generate.RULES}/steadyline-gone.yaml"]


def test_rules_of_ones_own_settings(tmp_path: Path, judge: manifests.Judge) -> None:
    """Links and budget follow the settings, and a build of the folder is valid."""
    generate.own_rules(
        {"STEADYLINE_GRAFANA_URL": "https://boards.example", "STEADYLINE_STATE_DIR": str(tmp_path)}, tmp_path / "rules"
    )

    text = manifests.build(tmp_path / "rules")
    assert "https://boards.example" in text
    assert judge.faults(text) == []
