"""Every manifest is what Kubernetes and the Prometheus operator take; a wrong one is told."""

from collections.abc import Callable
from pathlib import Path

import manifests
import pytest
import yaml

SPOILED = {
    "a key that Kubernetes does not know": ("base/exporter.yaml", "replicas: 1", "replica: 1"),
    "a text for a number": ("base/exporter.yaml", "replicas: 1", 'replicas: "one"'),
    "a key that the operator does not know": ("components/operator/monitors.yaml", "interval: 5s", "every: 5s"),
    "a time that is none": ("components/operator/monitors.yaml", "interval: 5s", "interval: soon"),
    "a text for a yes or no": ("components/operator/alertmanager-config.yaml", "sendResolved: true", "sendResolved: maybe"),
    "a kind that there is not": ("components/load/workers.yaml", "kind: PodDisruptionBudget", "kind: PodBudget"),
}


@pytest.mark.parametrize("name", manifests.BUILT)
def test_every_build_is_valid(name: str, built_text: Callable[[str], str], judge: manifests.Judge) -> None:
    """The judge finds nothing against it, in strict mode."""
    assert judge.faults(built_text(name)) == []


@pytest.mark.parametrize(("file", "right", "wrong"), SPOILED.values(), ids=SPOILED)
def test_a_wrong_manifest_is_found(file: str, right: str, wrong: str, tmp_path: Path, judge: manifests.Judge) -> None:
    """It is named with what is wrong, so that a build without a fault means something."""
    folder = manifests.copied(tmp_path)
    text = (folder / file).read_text()
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1))

    assert judge.faults(manifests.build(folder / "overlays/demo-operator"))


def test_inner_routes_are_valid_too(built: Callable[[str], list[manifests.Document]], judge: manifests.Judge) -> None:
    """The operator's definition lets inner routes be anything; as an outer one each is held to the same schema."""
    (config,) = manifests.of_kind(built("overlays/operator"), "AlertmanagerConfig")
    inner = config["spec"]["route"]["routes"]

    assert inner
    for route in inner:
        assert judge.faults(yaml.safe_dump({**config, "spec": {**config["spec"], "route": route}})) == []
