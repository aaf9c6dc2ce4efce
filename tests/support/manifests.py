"""The manifests as kustomize builds them, and what kubeconform says of them; its schemas are made here, none is downloaded."""

import importlib.resources
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import go_program
import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
OVERLAYS = ("overlays/own", "overlays/operator", "overlays/demo", "overlays/demo-operator")
RUNS = {"runs/own": "overlays/own", "runs/demo": "overlays/demo"}
"""Each load run, and the overlay that it runs beside."""
BUILT = (*OVERLAYS, *RUNS)
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.2"
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
KUBERNETES = "v1.37.0"
KINDS = (
    "configmap-v1",
    "deployment-apps-v1",
    "horizontalpodautoscaler-autoscaling-v2",
    "job-batch-v1",
    "namespace-v1",
    "networkpolicy-networking-v1",
    "poddisruptionbudget-policy-v1",
    "secret-v1",
    "service-v1",
)
"""The kinds of Kubernetes' own that are used, as the schemas' files are called; kubeconform tells of one that is missing."""
Document = dict[str, Any]
_KEEP = "x-kubernetes-preserve-unknown-fields"


class _Loader(yaml.CSafeLoader):
    """A plain `=` is a text, as in YAML 1.2; PyYAML knows it as a tag that it makes nothing of."""


_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)


def build(folder: Path) -> str:
    """What `kustomize build` prints."""
    kustomize = go_program.built("kustomize", KUSTOMIZE)
    done = subprocess.run([kustomize, "build", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[Document]:
    """The objects of a build."""
    return [document for document in yaml.load_all(text, Loader=_Loader) if document]


def of_kind(documents: list[Document], kind: str) -> list[Document]:
    """Those of a kind."""
    return [document for document in documents if document["kind"] == kind]


def pods(documents: list[Document]) -> Iterator[tuple[str, Document]]:
    """The pod template of each workload, by the workload's name."""
    for document in documents:
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]


@dataclass(frozen=True, slots=True)
class Judge:
    """kubeconform with its schemas.

    Attributes:
        program: its path.
        folder: with the schemas.
    """

    program: str
    folder: Path

    def faults(self, text: str) -> list[str]:
        """What it says against the manifests, in strict mode; empty when nothing."""
        places = ("{{.ResourceKind}}{{.KindSuffix}}.json", "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json")
        options = [option for place in places for option in ("-schema-location", f"{self.folder}/{place}")]
        command = [self.program, "-strict", "-output", "json", *options, "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)["resources"]
        faults = [f"{one['kind']} {one['name']}: {one['msg']}" for one in found]
        assert bool(faults) == bool(done.returncode), (done.stdout, done.stderr)
        return faults


def judge(folder: Path) -> Judge:
    """kubeconform, which knows Kubernetes' own kinds and the operator's.

    Args:
        folder: an empty one, for the schemas.
    """
    _write_kubernetes(folder)
    definitions = go_program.source(OPERATOR, folder) / "example" / "prometheus-operator-crd"
    for file in definitions.glob("*.yaml"):
        definition = yaml.load(file.read_text(), Loader=_Loader)["spec"]
        for version in definition["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"], is_object=True)
            name = f"{definition['names']['kind'].lower()}_{version['name']}.json"
            (folder / name).write_text(json.dumps(schema))
    return Judge(go_program.built("kubeconform", KUBECONFORM), folder)


def _write_kubernetes(folder: Path) -> None:
    """Kubernetes' own schemas, each whole: their package's references lead to a place that it alone knows."""
    kinds = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"{KUBERNETES}-local-strict"
    definitions = json.loads((kinds / "_definitions.json").read_text())["$defs"]
    for name in KINDS:
        schema = json.loads((kinds / f"{name}.json").read_text())
        (folder / f"{name}.json").write_text(json.dumps(_whole(schema, definitions)))


def _whole(schema: Any, definitions: Document) -> Any:
    """The schema with what it refers to in the references' place."""
    if isinstance(schema, list):
        return [_whole(inner, definitions) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str):
        return _whole(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _whole(inner, definitions) for key, inner in schema.items()}


def _strict(schema: Any, *, is_object: bool = False) -> Any:
    """The schema of a definition as JSON Schema that refuses keys it does not know, as the API server's strict mode does."""
    if isinstance(schema, list):
        return [_strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _strict(value) if key != "properties" else _properties(value) for key, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        found.pop("type", None)
        found["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if "properties" in schema and not schema.get(_KEEP) and "additionalProperties" not in schema:
        found["additionalProperties"] = False
    if is_object:
        found["properties"]["metadata"] = {"type": "object"}
    return found


def _properties(properties: Document) -> Document:
    """A property may have any name, such as `properties` or `type`."""
    return {name: _strict(schema) for name, schema in properties.items()}


def copied(into: Path) -> Path:
    """A copy of deploy/kubernetes to spoil."""
    return Path(shutil.copytree(FOLDER, into / "kubernetes", ignore=shutil.ignore_patterns("__pycache__")))
