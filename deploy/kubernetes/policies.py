"""Network policies: nothing is allowed but what stands in the tables here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.kubernetes.cluster import (
    LOAD_MASTER,
    LOAD_WORKER,
    MASTER_PORT,
    MONITORING,
    SETTINGS,
    TARGETS,
    Document,
    metadata,
    selector,
)

DNS_PORT = 53
_NAME = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True)
class Outside:
    """Pods of the namespace of monitoring, by the name that kube-prometheus gives them."""

    name: str


PROMETHEUS, ALERTMANAGER, GRAFANA = Outside("prometheus"), Outside("alertmanager"), Outside("grafana")
Peer = str | Outside
"""A component of ours, or pods outside."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Who may ask whom, at which port."""

    source: Peer
    destination: Peer
    port: int


_PORTS = SETTINGS.ports
MEASURED = (Connection(PROMETHEUS, "exporter", _PORTS.exporter),)
LOADED = (
    Connection(LOAD_WORKER, LOAD_MASTER, MASTER_PORT),
    Connection(PROMETHEUS, LOAD_MASTER, _PORTS.load),
    Connection(LOAD_MASTER, PROMETHEUS, _PORTS.prometheus),
    Connection(LOAD_MASTER, ALERTMANAGER, _PORTS.alertmanager),
    Connection(LOAD_MASTER, GRAFANA, _PORTS.grafana),
)
NOTIFIED = (Connection(ALERTMANAGER, "receiver", _PORTS.receiver),)
EMBEDDED = (
    *(Connection(asking, name, getattr(_PORTS, name)) for asking in ("exporter", LOAD_WORKER) for name in TARGETS),
    Connection("tams", "vast", _PORTS.vast),
    Connection("tams", "s3", _PORTS.s3),
    Connection("vast", "s3", _PORTS.s3),
)


def defaults() -> list[Document]:
    """Deny everything, then let everybody ask the cluster's name server."""
    names = _pods("kube-system", {"k8s-app": "kube-dns"})
    ports = [{"protocol": protocol, "port": DNS_PORT} for protocol in ("UDP", "TCP")]
    return [
        _policy("default-deny", {}, {"policyTypes": ["Ingress", "Egress"]}),
        _policy("dns", {}, {"policyTypes": ["Egress"], "egress": [{"to": [names], "ports": ports}]}),
    ]


def allowed(what: str, connections: Iterable[Connection]) -> list[Document]:
    """A policy for each component that sends or takes any of these connections; both ends have to allow one.

    Args:
        what: the names' suffix.
        connections: between components, or a component and pods outside.
    """
    table = list(connections)
    ours = dict.fromkeys(end for one in table for end in (one.source, one.destination) if isinstance(end, str))
    return [_of(f"{component}-{what}", component, table) for component in ours]


def _of(name: str, component: str, table: Iterable[Connection]) -> Document:
    taken = [_rule("from", one.source, one.port) for one in table if one.destination == component]
    sent = [_rule("to", one.destination, one.port) for one in table if one.source == component]
    rules: Document = {
        "policyTypes": [*(["Ingress"] if taken else []), *(["Egress"] if sent else [])],
        **({"ingress": taken} if taken else {}),
        **({"egress": sent} if sent else {}),
    }
    return _policy(name, selector(component, None), rules)


def _rule(direction: str, peer: Peer, port: int) -> Document:
    inside = {"podSelector": {"matchLabels": selector(peer, None)}} if isinstance(peer, str) else None
    outside = _pods(MONITORING, {_NAME: peer.name}) if isinstance(peer, Outside) else None
    return {direction: [inside or outside], "ports": [{"protocol": "TCP", "port": port}]}


def _pods(namespace: str, labels: Mapping[str, str]) -> Document:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": dict(labels)},
    }


def _policy(name: str, pods: Mapping[str, str], rules: Document) -> Document:
    chosen = {"podSelector": {"matchLabels": dict(pods)} if pods else {}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(name, "network"),
        "spec": {**chosen, **rules},
    }
