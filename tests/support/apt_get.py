"""Installs Debian's packages for tests that need them, one pytest worker at a time; where that fails the test is skipped."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def possible() -> bool:
    """Whether this process may install anything."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@contextmanager
def alone() -> Iterator[None]:
    """No other worker installs meanwhile: the others find it installed."""
    with (Path(tempfile.gettempdir()) / "steadyline-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def get(what: str, *arguments: str, folder: Path | None = None) -> None:
    """Run apt-get without questions.

    Args:
        what: is to be had by it, for the reason of a skip.
        arguments: of apt-get.
        folder: into which it downloads.
    """
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=environment, cwd=folder)
    if done.returncode:
        pytest.skip(f"{what} cannot be installed: {' '.join(command)}: {(done.stderr or done.stdout).strip()}")
