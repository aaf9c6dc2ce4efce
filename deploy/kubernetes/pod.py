"""A pod of our image: one container under the security standard `restricted`, its files, its resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.kubernetes.cluster import (
    APPLICATION,
    CONFIGURATION,
    CONFIGURATION_PATH,
    ENVIRONMENT,
    IMAGE,
    SECRETS,
    SECRETS_PATH,
    SETTINGS,
    Document,
    labels,
    metadata,
    selector,
)

USER = 10001
"""User and group of the image."""
GROUP_READABLE = 0o440
_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the stack.

    Attributes:
        name: of the workload and its container.
        component: the label; two workloads may be of one component.
        arguments: of the command.
        ports: where it listens, by name.
        memory: what it asks for, and what it may not exceed.
        cpu: what it asks for. There is no limit: a throttled part measures its own throttling.
        command: without it, the image's `steadyline`.
        probes: of the container.
        variables: beside those that every part has.
        instance: the label.
        grace_seconds: how long it may take to end.
        state_bytes: how much its state may take.
        is_configured: whether it reads the user's files; what does not is a target, whose state is its data folder.
    """

    name: str
    component: str
    arguments: Sequence[str]
    ports: Mapping[str, int]
    memory: tuple[str, str]
    cpu: str
    command: Sequence[str] = ("steadyline",)
    probes: Document = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    instance: str = APPLICATION
    grace_seconds: int = _GRACE_SECONDS
    state_bytes: str = "1Gi"
    is_configured: bool = True


def deployment(part: Part, *, replicas: int | None = 1, is_alone: bool = True) -> Document:
    """A Deployment.

    Args:
        part: what runs.
        replicas: how many; None leaves it to an autoscaler.
        is_alone: two at once would do harm, so the old one ends before the new one starts.
    """
    sized = {} if replicas is None else {"replicas": replicas}
    strategy = {"strategy": {"type": "Recreate"}} if is_alone else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(part.name, part.component, part.instance),
        "spec": {
            **sized,
            "revisionHistoryLimit": 3,
            **strategy,
            "selector": {"matchLabels": selector(part.component, part.instance)},
            "template": template(part),
        },
    }


def template(part: Part, restart: str = "Always") -> Document:
    """The pod."""
    return {
        "metadata": {"labels": labels(part.component, part.instance)},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": restart,
            "terminationGracePeriodSeconds": part.grace_seconds,
            "topologySpreadConstraints": [_spread(part)],
            "securityContext": _nobody(),
            "containers": [_container(part)],
            "volumes": _volumes(part),
        },
    }


def _spread(part: Part) -> Document:
    """Over nodes, where it can be."""
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": selector(part.component, part.instance)},
    }


def _nobody() -> Document:
    """Whom the pod runs as."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _container(part: Part) -> Document:
    requested, limit = part.memory
    return {
        "name": part.name,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": list(part.command),
        "args": list(part.arguments),
        **({"workingDir": CONFIGURATION_PATH} if part.is_configured else {}),
        "envFrom": [{"configMapRef": {"name": ENVIRONMENT}}],
        **_listed("env", [{"name": name, "value": value} for name, value in part.variables.items()]),
        **_listed("ports", [{"name": name, "containerPort": port} for name, port in part.ports.items()]),
        **part.probes,
        "resources": {"requests": {"cpu": part.cpu, "memory": requested}, "limits": {"memory": limit}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": _mounts(part),
    }


def _listed(key: str, found: list[Document]) -> Document:
    """The key, unless there is nothing to list."""
    return {key: found} if found else {}


def _mounts(part: Part) -> list[Document]:
    state = SETTINGS.state.root if part.is_configured else SETTINGS.state.data(part.name)
    own: list[Document] = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "state", "mountPath": str(state)}]  # noqa: S108
    if not part.is_configured:
        return own
    baselines = SETTINGS.state.baselines
    return [
        *own,
        {"name": "configuration", "mountPath": CONFIGURATION_PATH, "readOnly": True},
        {"name": "configuration", "mountPath": str(baselines), "subPath": baselines.name, "readOnly": True},
        {"name": "secrets", "mountPath": SECRETS_PATH, "readOnly": True},
    ]


def _volumes(part: Part) -> list[Document]:
    own: list[Document] = [
        {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        {"name": "state", "emptyDir": {"sizeLimit": part.state_bytes}},
    ]
    if not part.is_configured:
        return own
    secret = {"secretName": SECRETS, "optional": True, "defaultMode": GROUP_READABLE}
    return [*own, {"name": "configuration", "configMap": {"name": CONFIGURATION}}, {"name": "secrets", "secret": secret}]


def http_probe(path: str, port: str, *, period_seconds: int = 10, failures: int = 3) -> Document:
    """A probe that asks a page."""
    ask = {"path": path, "port": port}
    return {"httpGet": ask, "periodSeconds": period_seconds, "timeoutSeconds": 5, "failureThreshold": failures}
