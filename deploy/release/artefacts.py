"""Wheel and sdist of a commit: from git's files alone, the same bytes each time, and nothing missing in the wheel."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from steadyline.errors import ConfigurationError

SUMS = "SHA256SUMS"


def build(root: Path, commit: str, folder: Path, epoch: int) -> list[Path]:
    """Build both from what is committed, whatever else lies in the checkout.

    Args:
        root: the checkout.
        commit: of it.
        folder: an empty one, for the source and the artefacts.
        epoch: the time that every file in them gets, Unix seconds.
    """
    source, made = folder / "source", folder / "made"
    archive = subprocess.run(["git", "-C", str(root), "archive", commit], check=True, capture_output=True)  # noqa: S603, S607 - ours
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(source, filter="data")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(made)]
    told = subprocess.run(  # noqa: S603 - a fixed program
        command, cwd=source, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}, check=False, capture_output=True, text=True
    )
    if told.returncode:
        raise ConfigurationError(f"release: it does not build: {told.stderr.strip()}")
    return sorted(made.iterdir())


def unlike(first: Iterable[Path], second: Iterable[Path]) -> list[str]:
    """The artefacts that two builds of one commit made otherwise."""
    one, other = ({path.name: digest(path) for path in paths} for paths in (first, second))
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def missing(root: Path, commit: str, wheel: Path) -> Iterator[str]:
    """What is committed in a package and is not in the wheel, and what the wheel has that nobody committed."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    listed = subprocess.run(  # noqa: S603 - ours
        ["git", "-C", str(root), "ls-tree", "-r", "-z", "--name-only", commit, *settings["packages"]],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    committed = {*filter(None, listed.stdout.split("\0")), *settings["force-include"].values()}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    yield from (f"{wheel.name}: lacks {name}" for name in sorted(committed - packed))
    yield from (f"{wheel.name}: has {name}, which is not committed" for name in sorted(packed - committed))


def digest(path: Path) -> str:
    """Its SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sums(paths: Iterable[Path]) -> str:
    """As `sha256sum --check` reads them."""
    return "".join(f"{digest(path)}  {path.name}\n" for path in sorted(paths))
