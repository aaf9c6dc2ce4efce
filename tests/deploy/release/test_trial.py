"""The wheel in an empty environment, and the bill of materials of what it stands on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.release.trial import without

ROOT = Path(__file__).parents[3]
BILL = {
    "components": [{"name": "httpx", "bom-ref": "httpx==1"}, {"name": "pip", "bom-ref": "pip==26"}],
    "dependencies": [
        {"ref": "root", "dependsOn": ["httpx==1", "pip==26"]},
        {"ref": "httpx==1"},
        {"ref": "pip==26", "dependsOn": ["httpx==1"]},
    ],
}


def test_what_the_environment_brings_is_no_part():
    """Neither as a component nor as what another needs."""
    bill = without(BILL, frozenset({"pip"}))
    assert [one["name"] for one in bill["components"]] == ["httpx"]
    assert bill["dependencies"] == [{"ref": "root", "dependsOn": ["httpx==1"]}, {"ref": "httpx==1", "dependsOn": []}]


@pytest.mark.full
@pytest.mark.timeout(1500)
def test_rehearsal():
    """Built twice alike, complete, at work in an empty environment; dist/ has what a release has. It installs for minutes."""
    command = [sys.executable, "-m", "deploy.release", "--rehearse"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "works in an empty environment" in done.stdout
    names = {re.sub(r"\d+\.\d+\.\d+", "V", path.name) for path in (ROOT / "dist").iterdir()}
    assert names == {
        "SHA256SUMS",
        "steadyline-V-py3-none-any.whl",
        "steadyline-V.tar.gz",
        "steadyline-V.requirements.txt",
        "steadyline-V.cdx.json",
    }
    subprocess.run(["sha256sum", "--check", "--status", "SHA256SUMS"], cwd=ROOT / "dist", check=True)
