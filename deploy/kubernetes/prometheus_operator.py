"""What the Prometheus operator reads: whom Prometheus scrapes, its rules, and Alertmanager's routes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from alerts.rules import alertmanager
from deploy.kubernetes.cluster import (
    APPLICATION,
    LOAD_MASTER,
    METRICS_PATH,
    NAMESPACE,
    SETTINGS,
    Document,
    metadata,
    selector,
)
from steadyline.durations import promql
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_JOB
from steadyline.vocabulary import EXPORTER_JOB

RULE_OBJECT_BYTES = 200_000
"""Of one PrometheusRule: `kubectl apply` writes the whole object into an annotation of at most 262 144 bytes."""
NAMESPACE_LABEL = "namespace"
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"(.*)"')


def monitors() -> list[Document]:
    """The exporter by its Service, load runs by their pods; the jobs have the names that the rules know them by."""
    return [
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "ServiceMonitor",
            "metadata": metadata(EXPORTER_JOB, "exporter"),
            "spec": {"selector": {"matchLabels": selector("exporter")}, "endpoints": [_endpoint(EXPORTER_JOB)]},
        },
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PodMonitor",
            "metadata": metadata(LOAD_JOB, LOAD_MASTER),
            "spec": {
                "selector": {"matchLabels": selector(LOAD_MASTER, None)},
                "podMetricsEndpoints": [_endpoint(LOAD_JOB)],
            },
        },
    ]


def _endpoint(job: str) -> Document:
    scrape = promql(LIVE.scrape_seconds)
    return {
        "port": "metrics",
        "path": METRICS_PATH,
        "interval": scrape,
        "scrapeTimeout": scrape,
        "relabelings": [{"action": "replace", "targetLabel": "job", "replacement": job}],
    }


def rules(document: Document) -> dict[str, Document]:
    """The rule file's groups as several objects, by name; none too large for `kubectl apply`.

    Args:
        document: what `rule_groups` makes.
    """
    return {name: _rule(name, groups) for name, groups in _objects(document["groups"])}


def _objects(groups: Iterable[Document]) -> Iterator[tuple[str, list[Document]]]:
    by_backend: dict[str, list[list[Document]]] = {}
    for group in groups:
        parts = by_backend.setdefault(_subject(group["name"]), [[]])
        if parts[-1] and len(json.dumps([*parts[-1], _labelled(group)])) > RULE_OBJECT_BYTES:
            parts.append([])
        parts[-1].append(_labelled(group))
    for subject, parts in by_backend.items():
        for number, found in enumerate(parts, start=1):
            yield f"{APPLICATION}-{subject}" + (f"-{number}" if len(parts) > 1 else ""), found


def _subject(group: str) -> str:
    """The backend of an operation's group; the stack's own groups, which name none, are together."""
    return group.partition(".")[0] if "." in group else "stack"


def _labelled(group: Document) -> Document:
    """The group with a namespace on its alerts: by it the operator finds the routes of an AlertmanagerConfig."""
    return {**group, "rules": [_in_namespace(rule) for rule in group["rules"]]}


def _in_namespace(rule: Document) -> Document:
    if "alert" not in rule:
        return rule
    return {**rule, "labels": {**rule.get("labels", {}), NAMESPACE_LABEL: NAMESPACE}}


def _rule(name: str, groups: list[Document]) -> Document:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata(name, "rules"),
        "spec": {"groups": groups},
    }


def alerting() -> Document:
    """Alertmanager's routes, inhibitions and the stack's own receiver, as the operator writes them."""
    said = alertmanager.configuration(SETTINGS)
    return {
        "apiVersion": "monitoring.coreos.com/v1alpha1",
        "kind": "AlertmanagerConfig",
        "metadata": metadata(APPLICATION, "alerts"),
        "spec": {
            "route": _route(said["route"]),
            "inhibitRules": [_inhibition(rule) for rule in said["inhibit_rules"]],
            "receivers": [_receiver(receiver) for receiver in said["receivers"]],
        },
    }


def _route(route: Mapping[str, Any]) -> Document:
    """The same keys in the operator's letters."""
    said: Document = {_camel(key): value for key, value in route.items()}
    if "matchers" in said:
        said["matchers"] = [_matcher(text) for text in said["matchers"]]
    if "routes" in said:
        said["routes"] = [_route(inner) for inner in said["routes"]]
    return said


def _inhibition(rule: Mapping[str, Any]) -> Document:
    return {
        "sourceMatch": [_matcher(text) for text in rule["source_matchers"]],
        "targetMatch": [_matcher(text) for text in rule["target_matchers"]],
        **({"equal": rule["equal"]} if "equal" in rule else {}),
    }


def _matcher(text: str) -> Document:
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text}: no matcher of Alertmanager")
    name, kind, value = found.groups()
    return {"name": name, "matchType": kind, "value": value}


def _receiver(receiver: Mapping[str, Any]) -> Document:
    """Webhooks of the stack's receiver; whom else to tell is the user's, whose secrets are Secrets."""
    webhooks = [_webhook(one) for one in receiver.get("webhook_configs", [])]
    return {"name": receiver["name"], "webhookConfigs": webhooks}


def _webhook(webhook: Mapping[str, Any]) -> Document:
    path = urlsplit(webhook["url"]).path
    namespaced = SETTINGS.url_of("receiver").replace(SETTINGS.hosts.receiver, f"{SETTINGS.hosts.receiver}.{NAMESPACE}.svc")
    return {"url": namespaced + path, "sendResolved": webhook["send_resolved"]}


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)
