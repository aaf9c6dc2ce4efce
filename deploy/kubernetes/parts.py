"""The parts that run: exporter, receiver, the embedded targets, Locust's master and workers, and one load run as Jobs."""

from collections.abc import Mapping

from deploy.kubernetes.cluster import (
    APPLICATION,
    HEALTHY_PATH,
    LOAD_MASTER,
    LOAD_WORKER,
    MASTER_PORT,
    READY_PATH,
    SETTINGS,
    WEB_PORT,
    Document,
    metadata,
    selector,
    service,
)
from deploy.kubernetes.pod import Part, deployment, http_probe, template
from deploy.native import layout
from deploy.native.program import Program
from steadyline import catalogue
from steadyline.environment import variable
from steadyline.settings import Settings

RUN = "run"
"""Instance of what one load run is made of; and the suffix of its names."""
RUN_MASTER, RUN_WORKER = f"load-{RUN}", f"load-{RUN}-worker"
KEPT_SECONDS = 24 * 3600
"""So long a finished run can be read."""
WORKERS = 2
PROFILE = "low"
LISTEN = SETTINGS.listen_address
_PYTHON = ("python", "-P", "-m")
_MEMORY = {"trace": "256Mi", "tams": "256Mi", "s3": "768Mi", "vast": "384Mi"}


def exporter() -> list[Document]:
    """One process, never two: each would ask every target at the full cadence."""
    ports = {"metrics": SETTINGS.ports.exporter}
    probes = {
        "startupProbe": http_probe(HEALTHY_PATH, "metrics", period_seconds=2, failures=60),
        "livenessProbe": http_probe(HEALTHY_PATH, "metrics"),
        "readinessProbe": http_probe(READY_PATH, "metrics", period_seconds=5),
    }
    part = Part(
        "exporter",
        "exporter",
        ("exporters",),
        ports,
        ("320Mi", "640Mi"),
        "100m",
        command=_PYTHON,
        probes=probes,
        grace_seconds=layout.DRAIN_SECONDS,
    )
    return [deployment(part), service("exporter", "exporter", ports)]


def receiver() -> list[Document]:
    """What Alertmanager tells, kept and shown, and the runbook."""
    ports = {"http": SETTINGS.ports.receiver}
    probes = {"readinessProbe": http_probe(READY_PATH, "http")}
    part = Part("receiver", "receiver", ("alerts.receiver",), ports, ("96Mi", "192Mi"), "20m", command=_PYTHON, probes=probes)
    return [deployment(part), service("receiver", "receiver", ports)]


def targets() -> list[Document]:
    """The embedded targets, started as the native stack starts them."""
    demo = SETTINGS.model_copy(update={"embedded": True})
    return [document for program in layout.targets(demo, catalogue.backends()) for document in _target(program, demo)]


def _target(program: Program, settings: Settings) -> list[Document]:
    ports = {"http": program.port}
    words = list(program.command)
    module = words.index("-m")
    part = Part(
        program.name,
        program.name,
        (*words[module + 1 :], "--listen-address", LISTEN, "--anonymous"),
        ports,
        (_MEMORY[program.name], _MEMORY[program.name]),
        "100m",
        command=_PYTHON,
        probes={"readinessProbe": http_probe(READY_PATH, "http", period_seconds=5)},
        variables=layout.between_targets(settings),
        grace_seconds=program.stop_seconds,
        is_configured=False,
    )
    return [deployment(part), service(program.name, program.name, ports)]


def load_master(host: str | None = None) -> list[Document]:
    """Locust's page, from which runs are started; one process, because it is the account of the run."""
    ports = {"web": WEB_PORT, "master": MASTER_PORT, "metrics": SETTINGS.ports.load}
    part = Part(
        LOAD_MASTER,
        LOAD_MASTER,
        ("load", "--web", "--workers", "1", *_asking(host), "--", f"--web-host={LISTEN}"),
        ports,
        ("256Mi", "768Mi"),
        "500m",
        probes={
            "startupProbe": http_probe(HEALTHY_PATH, "metrics", period_seconds=2, failures=60),
            "livenessProbe": http_probe(HEALTHY_PATH, "metrics"),
            "readinessProbe": http_probe("/", "web"),
        },
    )
    return [deployment(part), service(LOAD_MASTER, LOAD_MASTER, ports)]


def load_worker() -> list[Document]:
    """Locust's workers; they have no port to probe: one that loses its master ends, and is started again."""
    part = _worker(LOAD_WORKER, LOAD_MASTER)
    return [deployment(part, replicas=None, is_alone=False), _autoscaler(), _disruption_budget()]


def _worker(name: str, master: str, instance: str = APPLICATION) -> Part:
    arguments = ("load", "--worker-of", f"{master}:{MASTER_PORT}")
    return Part(name, LOAD_WORKER, arguments, {}, ("256Mi", "1Gi"), "1", instance=instance)


def _asking(host: str | None) -> tuple[str, ...]:
    """Whom TraceUser asks: the settings' target without a host; one of the stack's own may be written to."""
    return () if host is None else ("--host", host, "--allow-writes")


def _autoscaler() -> Document:
    """More workers while they are busy; taken away late, because a worker that leaves in the middle spoils its run."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(LOAD_WORKER, LOAD_WORKER),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": LOAD_WORKER},
            "minReplicas": WORKERS,
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                }
            ],
            "behavior": {"scaleUp": _step(0, "Percent", 100, 30), "scaleDown": _step(1800, "Pods", 1, 60)},
        },
    }


def _step(wait_seconds: int, kind: str, value: int, period_seconds: int) -> Document:
    """How fast it goes, once it was wanted for so long."""
    policy = {"type": kind, "value": value, "periodSeconds": period_seconds}
    return {"stabilizationWindowSeconds": wait_seconds, "policies": [policy]}


def _disruption_budget() -> Document:
    """Of the workers only: a budget for what has one pod would forbid to drain its node."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(LOAD_WORKER, LOAD_WORKER),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(LOAD_WORKER)}},
    }


def run(host: str | None = None) -> list[Document]:
    """One load run: a Job that leads, judges and exits with the verdict, a Job of its workers, and how they find it."""
    ports = {"master": MASTER_PORT, "metrics": SETTINGS.ports.load}
    arguments = ("load", "--workers", "$(WORKERS)", "--profile", "$(PROFILE)", "--json", "-", *_asking(host))
    master = Part(
        RUN_MASTER,
        LOAD_MASTER,
        arguments,
        ports,
        ("256Mi", "768Mi"),
        "500m",
        variables={"WORKERS": str(WORKERS), "PROFILE": PROFILE, variable(("hosts", "load")): RUN_MASTER},
        instance=RUN,
    )
    return [
        _job(master, {}),
        service(RUN_MASTER, LOAD_MASTER, ports, RUN),
        _job(_worker(RUN_WORKER, RUN_MASTER, RUN), {"parallelism": WORKERS, "completions": WORKERS}),
    ]


def _job(part: Part, sized: Mapping[str, int]) -> Document:
    """Never tried again: a second attempt would be another run, with another verdict."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(part.name, part.component, part.instance),
        "spec": {
            **sized,
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": template(part, restart="Never"),
        },
    }
