"""The stack in a cluster: its settings, its names, and the labels by which its parts find each other."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exporters.web import PAGES
from steadyline.environment import leaves, variable
from steadyline.settings import Hosts, Settings

Document = dict[str, Any]

APPLICATION = "steadyline"
NAMESPACE = APPLICATION
MONITORING = "monitoring"
"""Where Prometheus, Alertmanager and Grafana are; kube-prometheus and its Helm chart both say so."""
IMAGE = f"{APPLICATION}:{version(APPLICATION)}"
ENVIRONMENT = f"{APPLICATION}-environment"
"""ConfigMap with our variables."""
CONFIGURATION = APPLICATION
"""ConfigMap with the user's files: steadyline.toml, and baselines.json."""
SECRETS = f"{APPLICATION}-secrets"
"""Secret with the user's files; it need not be there."""
CONFIGURATION_PATH = "/etc/steadyline"
SECRETS_PATH = f"{CONFIGURATION_PATH}/secrets"
METRICS_PATH, HEALTHY_PATH, READY_PATH = PAGES
LOAD_MASTER, LOAD_WORKER = "load-master", "load-worker"
WEB_PORT, MASTER_PORT = 8089, 5557
"""Locust's own defaults."""
TARGETS = ("trace", "tams", "s3", "vast")

SETTINGS = Settings(
    state_dir=Path("/var/lib/steadyline"),
    listen_address="0.0.0.0",  # noqa: S104 - network policies are the guard
    anonymous=True,
    embedded=False,
    hosts=Hosts(
        **{name: name for name in (*TARGETS, "exporter", "receiver")},
        load=LOAD_MASTER,
        prometheus=f"prometheus-operated.{MONITORING}.svc",
        alertmanager=f"alertmanager-operated.{MONITORING}.svc",
        grafana=f"grafana.{MONITORING}.svc",
    ),
)
"""What every part is told; the two services ending in -operated are those that the Prometheus operator makes."""


def environment() -> dict[str, str]:
    """The variables that make these settings: those that differ from what holds without them."""
    plain, ours = (settings.model_dump(mode="json", by_alias=True) for settings in (Settings(), SETTINGS))
    told = {variable(path): (_at(plain, path), _at(ours, path)) for path in leaves(Settings)}
    return {name: value for name, (without, value) in told.items() if value != without}


def _at(document: Any, path: tuple[str, ...]) -> str:
    for part in path:
        document = document[part]
    return str(document).lower() if isinstance(document, bool) else str(document)


def labels(component: str, instance: str = APPLICATION) -> dict[str, str]:
    """The recommended labels; the Deployments' parts and those of one load run differ by their instance."""
    return {
        "app.kubernetes.io/name": APPLICATION,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": APPLICATION,
    }


def selector(component: str, instance: str | None = APPLICATION) -> dict[str, str]:
    """What pods of a component are found by.

    Args:
        component: which.
        instance: None finds those of every instance.
    """
    found = {key: value for key, value in labels(component, instance or "").items() if not key.endswith("/part-of")}
    return found if instance else {key: value for key, value in found.items() if not key.endswith("/instance")}


def metadata(name: str, component: str, instance: str = APPLICATION) -> Document:
    """The metadata of an object of ours."""
    return {"name": name, "namespace": NAMESPACE, "labels": labels(component, instance)}


def namespace() -> Document:
    """The namespace, in which only pods of the strictest security standard may run."""
    modes = ("enforce", "audit", "warn")
    restricted = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE, "labels": {"app.kubernetes.io/name": APPLICATION, **restricted}},
    }


def service(name: str, component: str, ports: Mapping[str, int], instance: str = APPLICATION) -> Document:
    """A Service in front of a component's pods; the ports have the names that the container gives them."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, component, instance),
        "spec": {"selector": selector(component, instance), "ports": list(_ports(ports))},
    }


def _ports(ports: Mapping[str, int]) -> Iterator[Document]:
    for name, port in ports.items():
        yield {"name": name, "port": port, "targetPort": name}
