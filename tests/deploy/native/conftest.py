"""Fake far ends: folders that stand for PATH, programs that say a version, an apt-get that "installs"."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.native.machine import Machine

SAYS = '#!/bin/sh\necho "{name}, version {version} (branch: debian/sid)"\n'

MakeMachine = Callable[..., Machine]


def put_program(folder: Path, name: str, script: str) -> Path:
    """An executable script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(script)
    path.chmod(0o755)
    return path


@pytest.fixture
def make_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeMachine:
    """`machine(versions, superuser=..., apt=...)`: programs of these versions on PATH, and apt-get's script where given.

    The script finds the folders in FAKE_ROOT and FAKE_BIN.
    """

    def make(versions: dict[str, str], *, superuser: bool = False, apt: str | None = None) -> Machine:
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        for name, version in versions.items():
            put_program(bin_folder, name, SAYS.format(name=name, version=version))
        if apt is not None:
            put_program(bin_folder, "apt-get", apt)
        monkeypatch.setenv("FAKE_ROOT", str(tmp_path / "root"))
        monkeypatch.setenv("FAKE_BIN", str(bin_folder))
        (tmp_path / "root/usr/sbin").mkdir(parents=True)
        return Machine(str(bin_folder), superuser, tmp_path / "root")

    return make
