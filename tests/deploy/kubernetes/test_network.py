"""The network policies let through each connection that the manifests name, and no other."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import manifests
import pytest

from deploy.kubernetes import cluster
from steadyline import settings
from steadyline.settings import Settings

Built = Callable[[str], list[manifests.Document]]
Labels = manifests.Document
MONITORING = "monitoring"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod, by what policies see of it."""

    namespace: str
    labels: tuple[tuple[str, str], ...]


def pod(namespace: str, labels: Labels) -> Pod:
    """It, with labels that can be hashed."""
    return Pod(namespace, tuple(sorted(labels.items())))


def outside(name: str, namespace: str = MONITORING) -> Pod:
    """A pod of the operator's stack."""
    return pod(namespace, {"app.kubernetes.io/name": name})


def fits(selector: Labels, labels: Labels) -> bool:
    """Whether a label selector takes these labels."""
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )


def side_lets(policies: list[Labels], side: str, here: Pod, there: Pod, port: int) -> bool:
    """Whether the policies of one end let the connection through; an end that no policy isolates lets everything."""
    if here.namespace != cluster.NAMESPACE:
        return True
    kind = side.capitalize()
    chosen = [
        one["spec"]
        for one in policies
        if kind in one["spec"]["policyTypes"] and fits(one["spec"]["podSelector"], dict(here.labels))
    ]
    rules = [rule for spec in chosen for rule in spec.get(side, [])]
    return not chosen or any(_lets(rule, "from" if side == "ingress" else "to", there, port) for rule in rules)


def _lets(rule: Labels, direction: str, there: Pod, port: int) -> bool:
    return port in {one["port"] for one in rule["ports"]} and any(_is(peer, there) for peer in rule[direction])


def _is(peer: Labels, there: Pod) -> bool:
    if "ipBlock" in peer:
        return False
    namespaces = peer.get("namespaceSelector", {"matchLabels": {"kubernetes.io/metadata.name": cluster.NAMESPACE}})
    in_namespace = fits(namespaces, {"kubernetes.io/metadata.name": there.namespace})
    return in_namespace and fits(peer.get("podSelector", {}), dict(there.labels))


def connects(documents: list[Labels], source: Pod, destination: Pod, port: int) -> bool:
    """Whether both ends let it through."""
    policies = manifests.of_kind(documents, "NetworkPolicy")
    return side_lets(policies, "egress", source, destination, port) and side_lets(
        policies, "ingress", destination, source, port
    )


def by_component(documents: list[Labels]) -> dict[str, Pod]:
    """A pod of each component."""
    found = {}
    for _, template in manifests.pods(documents):
        labels = template["metadata"]["labels"]
        found[labels["app.kubernetes.io/component"]] = pod(cluster.NAMESPACE, labels)
    return found


def behind(documents: list[Labels], host: str) -> Pod:
    """The pod that a host's name leads to: behind a Service of ours, or of the operator's stack."""
    first, _, rest = host.partition(".")
    if rest.startswith(MONITORING):
        return outside(first.removesuffix("-operated"))
    (service,) = [one for one in manifests.of_kind(documents, "Service") if one["metadata"]["name"] == first]
    return next(
        pod(cluster.NAMESPACE, template["metadata"]["labels"])
        for _, template in manifests.pods(documents)
        if service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    )


def settings_of(documents: list[Labels]) -> Settings:
    """What the pods are told."""
    (said,) = [
        one["data"] for one in manifests.of_kind(documents, "ConfigMap") if one["metadata"]["name"] == cluster.ENVIRONMENT
    ]
    return settings.load(said)


def named(documents: list[Labels]) -> Iterator[tuple[str, str, int]]:
    """Each connection that settings, arguments and variables name: component, host, port."""
    told = settings_of(documents)
    asked = {part: urlsplit(told.url_of(part)) for part in Settings().ports.model_dump()}
    for part in ("prometheus", "alertmanager", "grafana"):
        yield "load-master", asked[part].hostname or "", asked[part].port or 0
    for backend in cluster.TARGETS if told.embedded else ():
        for component in ("exporter", "load-worker"):
            yield component, asked[backend].hostname or "", asked[backend].port or 0
    for _, template in manifests.pods(documents):
        component = template["metadata"]["labels"]["app.kubernetes.io/component"]
        container = template["spec"]["containers"][0]
        arguments = container["args"]
        if "--worker-of" in arguments:
            host, _, port = arguments[arguments.index("--worker-of") + 1].partition(":")
            yield component, host, int(port)
        words = arguments if component in cluster.TARGETS else []
        variables = [one["value"] for one in container.get("env", [])] if component == "tams" else []
        for url in filter(None, (re.fullmatch(r"http://([\w.-]+):(\d+)", word) for word in [*words, *variables])):
            yield component, url[1], int(url[2])


@pytest.mark.parametrize("name", manifests.BUILT)
def test_what_is_named_is_let_through(name: str, built: Built) -> None:
    """Workers reach their master, the exporter the embedded targets, these each other, the master the monitoring."""
    documents = built(name)
    parts = by_component(documents)
    found = list(named(documents))

    assert ("load-worker", "load-master", cluster.MASTER_PORT) in found
    refused = [one for one in found if not connects(documents, parts[one[0]], behind(documents, one[1]), one[2])]
    assert refused == []


@pytest.mark.parametrize("name", manifests.BUILT)
def test_prometheus_scrapes_and_alertmanager_tells(name: str, built: Built) -> None:
    """Prometheus of the namespace of monitoring reaches both pages; Alertmanager the receiver, where there is one."""
    documents = built(name)
    parts, ports = by_component(documents), settings_of(documents).ports
    prometheus = outside("prometheus")

    assert connects(documents, prometheus, parts["exporter"], ports.exporter)
    assert connects(documents, prometheus, parts["load-master"], ports.load)
    if "receiver" in parts:
        assert connects(documents, outside("alertmanager"), parts["receiver"], ports.receiver)


@pytest.mark.parametrize("name", manifests.BUILT)
def test_everybody_asks_the_name_server(name: str, built: Built) -> None:
    """Without it no name leads anywhere."""
    documents = built(name)
    server = pod("kube-system", {"k8s-app": "kube-dns"})

    assert all(connects(documents, part, server, 53) for part in by_component(documents).values())


@pytest.mark.parametrize("name", manifests.BUILT)
def test_nothing_else_is_let_through(name: str, built: Built) -> None:
    """Neither strangers, nor a part of ours at another's port, nor Prometheus of another namespace."""
    documents = built(name)
    parts, ports = by_component(documents), settings_of(documents).ports
    stranger = outside("stranger", "default")
    every_port = {*ports.model_dump().values(), cluster.MASTER_PORT, cluster.WEB_PORT}

    for part in parts.values():
        for port in every_port:
            assert not connects(documents, stranger, part, port)
            assert not connects(documents, part, stranger, port)
    assert not connects(documents, outside("prometheus", "elsewhere"), parts["exporter"], ports.exporter)
    assert not connects(documents, parts["exporter"], parts["load-master"], cluster.MASTER_PORT)
    assert not connects(documents, outside("prometheus"), parts["load-master"], cluster.MASTER_PORT)


@pytest.mark.parametrize("policy", ["default-deny", "load-worker-loaded", "exporter-embedded", "dns", "load-master-loaded"])
def test_a_policy_that_is_gone_is_found(policy: str, built: Built) -> None:
    """Without any one of them something is refused that is named, or let through that is not."""
    whole = built("overlays/demo")
    left = [one for one in whole if (one["kind"], one["metadata"]["name"]) != ("NetworkPolicy", policy)]
    assert len(left) == len(whole) - 1
    parts = by_component(whole)
    server = pod("kube-system", {"k8s-app": "kube-dns"})

    refused = [one for one in named(whole) if not connects(left, parts[one[0]], behind(whole, one[1]), one[2])]
    is_dumb = not all(connects(left, part, server, 53) for part in parts.values())
    is_open = side_lets(manifests.of_kind(left, "NetworkPolicy"), "ingress", parts["load-worker"], outside("stranger"), 1)
    assert refused or is_dumb or is_open
