"""The project's own workflows and the templates: valid, with the least rights, nothing that moves under a name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOWS = [*OURS, ROOT / "deploy/ci/github/steadyline.yml"]
DEPENDABOT = ROOT / ".github/dependabot.yml"
SCHEMAS = {**dict.fromkeys(OURS, "vendor.github-workflows"), DEPENDABOT: "vendor.dependabot"}
ZIZMOR = Path(sys.executable).with_name("zizmor")


def linted(path):
    """What zizmor says of a file; it asks nobody."""
    command = [ZIZMOR, "--offline", "--no-progress", "--persona=pedantic", "--min-severity=low", path]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request):
    """Each as it is read."""
    return yaml.safe_load(request.param.read_text())


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema(path):
    """It is valid by GitHub's own schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[path], path]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, DEPENDABOT], ids=lambda path: path.name)
def test_linted(path):
    """The linter of workflows finds nothing."""
    done = linted(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("written", "instead", "found"),
    [
        ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4", "unpinned-uses"),
        ("persist-credentials: false", "fetch-tags: false", "artipacked"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("make audit", "make audit ARGS=${{ github.head_ref }}", "template-injection"),
    ],
)
def test_the_linter_would_tell(tmp_path, written, instead, found):
    """Each of these mistakes is found."""
    (tmp_path / "check.yml").write_text(OURS[0].read_text().replace(written, instead))
    done = linted(tmp_path / "check.yml")
    assert done.returncode != 0
    assert f"[{found}]" in done.stdout


def test_least_rights(workflow):
    """None for the workflow as a whole; each job names its own, and one that runs what a pull request brings only reads."""
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        runs_its_code = any("checkout" in step.get("uses", "") for step in job["steps"])
        assert job["permissions"] == ({"contents": "read"} if runs_its_code else {"pull-requests": "write"})


def test_bounded(workflow):
    """A newer run takes an older one's place, and each job has its time."""
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert all(job["timeout-minutes"] <= 90 for job in workflow["jobs"].values())


def test_nothing_moves_under_a_name(workflow):
    """An action is named by its commit's whole digest, and a checkout leaves no credentials."""
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]) for step in steps)
    assert all(step["with"]["persist-credentials"] is False for step in steps if "checkout" in step["uses"])
