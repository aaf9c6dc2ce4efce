"""What manifests name is there: pods behind Services, ports, ConfigMaps, Secrets, targets of autoscalers, our settings."""

from collections.abc import Callable
from pathlib import Path

import manifests
import pytest

from deploy.kubernetes import cluster
from steadyline import settings
from steadyline.cli.load_command import WEB_PORT
from steadyline.environment import PREFIX

Built = Callable[[str], list[manifests.Document]]
MORE_WORKERS = """
patches:
- target:
    kind: Job
    name: load-run-worker
  patch: |
    - op: replace
      path: /spec/parallelism
      value: 5
"""
every_build = pytest.mark.parametrize("name", manifests.BUILT)


def matched(selector: manifests.Document, documents: list[manifests.Document]) -> list[str]:
    """The workloads whose pods have these labels."""
    wanted = selector.items()
    return [name for name, pod in manifests.pods(documents) if wanted <= pod["metadata"]["labels"].items()]


def containers(documents: list[manifests.Document]) -> dict[str, manifests.Document]:
    """The only container of each workload."""
    return {name: template["spec"]["containers"][0] for name, template in manifests.pods(documents)}


@every_build
def test_each_service_has_one_workload_and_its_ports(name: str, built: Built) -> None:
    """A Service's selector fits the pods of exactly one workload, which has the ports that it names."""
    documents = built(name)
    for service in manifests.of_kind(documents, "Service"):
        (workload,) = matched(service["spec"]["selector"], documents)
        has = {port["name"]: port["containerPort"] for port in containers(documents)[workload]["ports"]}
        asked = {port["targetPort"]: port["port"] for port in service["spec"]["ports"]}
        assert asked == has, service["metadata"]["name"]


@every_build
def test_each_deployment_selects_its_own_pods_alone(name: str, built: Built) -> None:
    """Two Deployments with one selector would fight for pods."""
    documents = built(name)
    for deployment in manifests.of_kind(documents, "Deployment"):
        assert matched(deployment["spec"]["selector"]["matchLabels"], documents) == [deployment["metadata"]["name"]]


@pytest.mark.parametrize("name", ["overlays/operator", "overlays/demo-operator"])
def test_monitors_find_ports(name: str, built: Built) -> None:
    """The ServiceMonitor's Service and the PodMonitor's pods have a port of the name that they scrape."""
    documents = built(name)
    (monitor,) = manifests.of_kind(documents, "ServiceMonitor")
    services = [
        one
        for one in manifests.of_kind(documents, "Service")
        if monitor["spec"]["selector"]["matchLabels"].items() <= one["metadata"]["labels"].items()
    ]
    (podded,) = manifests.of_kind(documents, "PodMonitor")
    workloads = matched(podded["spec"]["selector"]["matchLabels"], documents)

    assert [one["metadata"]["name"] for one in services] == ["exporter"]
    assert monitor["spec"]["endpoints"][0]["port"] in {port["name"] for port in services[0]["spec"]["ports"]}
    assert workloads == ["load-master"]
    ports = {port["name"] for port in containers(documents)["load-master"]["ports"]}
    assert podded["spec"]["podMetricsEndpoints"][0]["port"] in ports


@every_build
def test_probes_ask_ports_that_are_there(name: str, built: Built) -> None:
    """Each probe's port is one of its container's."""
    for workload, container in containers(built(name)).items():
        probes = [probe for key, probe in container.items() if key.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= {port["name"] for port in container.get("ports", [])}, (
            workload
        )


@every_build
def test_what_pods_read_is_there(name: str, built: Built) -> None:
    """Each ConfigMap is made with them; the Secret need not be there; each mount has its volume, and each part its key."""
    documents = built(name)
    maps = {one["metadata"]["name"]: one["data"] for one in manifests.of_kind(documents, "ConfigMap")}
    for workload, template in manifests.pods(documents):
        spec = template["spec"]
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for container in spec["containers"]:
            assert {one["configMapRef"]["name"] for one in container["envFrom"]} <= set(maps), workload
            for mount in container["volumeMounts"]:
                volume = volumes[mount["name"]]
                data = maps[volume["configMap"]["name"]] if "configMap" in volume else {}
                assert mount.get("subPath") is None or mount["subPath"] in data, workload
        assert all(volume["secret"]["optional"] for volume in volumes.values() if "secret" in volume), workload


@pytest.mark.parametrize("name", manifests.OVERLAYS)
def test_autoscaler_and_disruption_budget_are_of_the_workers(name: str, built: Built) -> None:
    """The autoscaler's target is there, asks for the processor time that the share is of, and says no number of replicas."""
    documents = built(name)
    (scaler,) = manifests.of_kind(documents, "HorizontalPodAutoscaler")
    (budget,) = manifests.of_kind(documents, "PodDisruptionBudget")
    target = scaler["spec"]["scaleTargetRef"]["name"]
    (deployment,) = [one for one in manifests.of_kind(documents, "Deployment") if one["metadata"]["name"] == target]

    assert "replicas" not in deployment["spec"]
    assert containers(documents)[target]["resources"]["requests"]["cpu"]
    assert matched(budget["spec"]["selector"]["matchLabels"], documents) == [target]


@pytest.mark.parametrize("name", manifests.OVERLAYS)
def test_exporter_and_master_are_one_each(name: str, built: Built) -> None:
    """Two exporters would ask twice as often, two masters would part the workers: never two, not even for a moment."""
    for deployment in manifests.of_kind(built(name), "Deployment"):
        if deployment["metadata"]["name"] != "load-worker":
            assert deployment["spec"]["replicas"] == 1
            assert deployment["spec"]["strategy"] == {"type": "Recreate"}


@every_build
def test_each_variable_is_a_setting(name: str, built: Built) -> None:
    """The exporter would refuse to start with one that is none."""
    documents = built(name)
    said = {key for one in manifests.of_kind(documents, "ConfigMap") for key in one["data"]}
    for container in containers(documents).values():
        said |= {one["name"] for one in container.get("env", [])}

    assert {key for key in said if key.startswith(PREFIX)} <= set(settings.VARIABLES)


@pytest.mark.parametrize("name", manifests.OVERLAYS)
def test_the_settings_of_each_overlay_are_read(name: str, built: Built, tmp_path: Path) -> None:
    """Variables and file together make settings: of the embedded targets, or of one's own alone."""
    maps = {one["metadata"]["name"]: one["data"] for one in manifests.of_kind(built(name), "ConfigMap")}
    file = tmp_path / "steadyline.toml"
    file.write_text(maps[cluster.CONFIGURATION]["steadyline.toml"])

    found = settings.load(maps[cluster.ENVIRONMENT], file)

    assert found.listen_address == "0.0.0.0"
    embedded = {backend for backend in cluster.TARGETS if any(one.embedded for one in found.targets_of(backend).values())}
    assert embedded == (set(cluster.TARGETS) if "demo" in name else set())
    assert found.hosts.load in {one["metadata"]["name"] for one in manifests.of_kind(built(name), "Service")}


@pytest.mark.parametrize("name", manifests.RUNS)
def test_a_run_has_as_many_workers_as_its_master_waits_for(name: str, built: Built) -> None:
    """Their number stands once: in the parallelism of their Job."""
    jobs = {one["metadata"]["name"]: one for one in manifests.of_kind(built(name), "Job")}
    workers = jobs["load-run-worker"]["spec"]
    variables = {one["name"]: one["value"] for one in containers(built(name))["load-run"]["env"]}

    assert variables["WORKERS"] == str(workers["parallelism"]) == str(workers["completions"])


def test_the_number_of_workers_is_changed_in_one_place(tmp_path: Path) -> None:
    """A patch of the workers' parallelism reaches their completions and what the master waits for."""
    folder = manifests.copied(tmp_path)
    own = folder / "runs" / "own"
    with (own / "kustomization.yaml").open("a") as file:
        file.write(MORE_WORKERS)

    documents = manifests.objects(manifests.build(own))

    (workers,) = [one for one in manifests.of_kind(documents, "Job") if one["metadata"]["name"] == "load-run-worker"]
    assert workers["spec"]["completions"] == 5
    assert {"name": "WORKERS", "value": "5"} in containers(documents)["load-run"]["env"]


def test_locust_has_its_own_ports() -> None:
    """The page's is the one that `steadyline load --web` takes."""
    assert cluster.WEB_PORT == WEB_PORT
