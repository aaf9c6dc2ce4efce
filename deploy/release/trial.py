"""The wheel in an empty environment, installed by hashes from the lock alone, and whether what a user does first works."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.release.artefacts import digest
from steadyline.errors import ConfigurationError

TRIED = (("--version",), ("--help",), ("operations",), ("rules", "check"))
_PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "--only-binary", ":all:")
_OF_THE_ENVIRONMENT = frozenset({"pip", "setuptools"})
"""What `venv` puts there, and the lock does not have."""


class Trial:
    """An environment of its own, in an empty folder.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "environment" / "bin"
        venv.create(folder / "environment", with_pip=True)

    def install(self, lock: Path) -> None:
        """What the wheel stands on: the lock's packages, each with its hash."""
        self._pip("--requirement", str(lock))

    def add(self, wheel: Path) -> None:
        """The wheel, by its own hash, and nothing with it: the lock has all that it needs, or `pip check` says what not."""
        wanted = self.folder / "wheel.txt"
        wanted.write_text(f"steadyline @ {wheel.resolve().as_uri()} --hash=sha256:{digest(wheel)}\n", encoding="utf-8")
        self._pip("--no-deps", "--no-index", "--requirement", str(wanted))
        self._do(str(self.bin / "python"), "-m", "pip", "--disable-pip-version-check", "check")

    def faults(self, version: str) -> Iterator[str]:
        """What does not work of what is tried, as the user of an empty folder and without any setting."""
        for words in TRIED:
            done = self._run(str(self.bin / "steadyline"), *words)
            if done.returncode:
                yield f"steadyline {' '.join(words)}: ended with {done.returncode}: {(done.stderr or done.stdout).strip()}"
            elif words == ("--version",) and version not in done.stdout.split():
                yield f"steadyline --version: says {done.stdout.strip()}, not {version}"

    def bill(self, project: Path, epoch: int) -> str:
        """CycloneDX of what is installed, with licences and who needs whom; made before `add`, as the wheel is its subject."""
        options = ("--output-reproducible", "--of", "JSON", "--pyproject", str(project), "--mc-type", "application")
        command = [sys.executable, "-m", "cyclonedx_py", "environment", str(self.bin / "python"), *options]
        done = subprocess.run(  # noqa: S603 - a fixed program
            command, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise ConfigurationError(f"release: no bill of materials: {done.stderr.strip()}")
        return json.dumps(without(json.loads(done.stdout), _OF_THE_ENVIRONMENT), indent=1, sort_keys=True) + "\n"

    def _pip(self, *arguments: str) -> None:
        self._do(str(self.bin / "python"), *_PIP, *arguments)

    def _do(self, *command: str) -> None:
        done = self._run(*command)
        if done.returncode:
            raise ConfigurationError(f"release: {' '.join(command[1:4])}: {(done.stderr or done.stdout).strip()}")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """In the empty folder, so that no file of the checkout is found by accident."""
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("STEADYLINE_", "PYTHON", "VIRTUAL_ENV"))
        }
        return subprocess.run(command, cwd=empty, env=ours, check=False, capture_output=True, text=True)  # noqa: S603 - ours


def without(bill: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """A bill of materials without some components, and without who needs them."""
    gone = {one["bom-ref"] for one in bill["components"] if one["name"] in names}
    needs = [
        one | {"dependsOn": sorted({*one.get("dependsOn", ())} - gone)}
        for one in bill["dependencies"]
        if one["ref"] not in gone
    ]
    return bill | {"components": [one for one in bill["components"] if one["bom-ref"] not in gone], "dependencies": needs}
