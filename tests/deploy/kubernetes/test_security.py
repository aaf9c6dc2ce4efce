"""Every pod satisfies the pod security standard `restricted`, and the namespace enforces it."""

from collections.abc import Callable

import manifests
import pytest

Built = Callable[[str], list[manifests.Document]]


def unrestricted(template: manifests.Document) -> list[str]:
    """What the standard does not allow in a pod; the standard's own list of controls."""
    spec = template["spec"]
    pod = spec.get("securityContext", {})
    faults = [key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    faults += [
        f"volume {one['name']}" for one in spec.get("volumes", []) if not {"emptyDir", "configMap", "secret"} & set(one)
    ]
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        own = container.get("securityContext", {})
        merged = {**pod, **own}
        expected = {
            "runAsNonRoot": merged.get("runAsNonRoot") is True,
            "runAsUser": merged.get("runAsUser") != 0,
            "seccompProfile": merged.get("seccompProfile", {}).get("type") in {"RuntimeDefault", "Localhost"},
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
            "privileged": not own.get("privileged"),
            "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "hostPort": not any("hostPort" in port for port in container.get("ports", [])),
        }
        faults += [key for key, is_held in expected.items() if not is_held]
    return faults


@pytest.mark.parametrize("name", manifests.BUILT)
def test_every_pod_is_restricted(name: str, built: Built) -> None:
    """Nothing of it is refused by the namespace, and nothing is done as root or with more rights than none."""
    for workload, template in manifests.pods(built(name)):
        assert unrestricted(template) == [], workload


@pytest.mark.parametrize("name", manifests.BUILT)
def test_every_container_is_bounded(name: str, built: Built) -> None:
    """Its root cannot be written, its memory has a limit, it asks for processor time, and it has no token of the cluster."""
    for workload, template in manifests.pods(built(name)):
        assert template["spec"]["automountServiceAccountToken"] is False, workload
        for container in template["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, workload
            assert container["resources"]["limits"]["memory"], workload
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}, workload
            mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert mounts["tmp"] == "/tmp", workload


@pytest.mark.parametrize("name", manifests.OVERLAYS)
def test_the_namespace_enforces_it(name: str, built: Built) -> None:
    """A pod that somebody adds later is held to it too."""
    (namespace,) = manifests.of_kind(built(name), "Namespace")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("name", manifests.BUILT)
def test_no_secret_is_committed(name: str, built: Built) -> None:
    """The only Secret that a build makes is the example's, which says that it is one."""
    secrets = manifests.of_kind(built(name), "Secret")

    assert {one["metadata"]["name"] for one in secrets} <= {"steadyline-secrets"}
    folder = manifests.FOLDER / "overlays" / "own" / "secrets.example"
    assert {file.read_text() for file in folder.iterdir()} == {"put-the-password-here\n"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda spec: spec["securityContext"].pop("seccompProfile"),
        lambda spec: spec["securityContext"].update(runAsNonRoot=False),
        lambda spec: spec["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
        lambda spec: spec["containers"][0]["securityContext"]["capabilities"].update(add=["NET_ADMIN"]),
        lambda spec: spec["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
    ],
    ids=["no seccomp", "root", "escalation", "a capability", "the host's files"],
)
def test_a_pod_with_more_rights_is_found(spoil: Callable[[manifests.Document], object], built: Built) -> None:
    """The check above sees each right that is too much."""
    template = dict(manifests.pods(built("overlays/demo")))["exporter"]
    spoil(template["spec"])

    assert unrestricted(template)
