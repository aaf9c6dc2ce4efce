"""A program out of its Go module: from PATH, or built once into the user's cache; without Go the test is skipped."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

BUILD_SECONDS = 600


def built(name: str, module: str) -> str:
    """Where the program is that `go install` makes, built when no version of it is there.

    Args:
        name: of the program.
        module: its package and version.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "steadyline" / "bin"
    found = shutil.which(name) or shutil.which(name, path=str(cache))
    if found:
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one pytest worker builds, the others find it built
        if not shutil.which(name, path=str(cache)):
            with tempfile.TemporaryDirectory(dir=cache) as fresh:  # Go names it by its package, which may be `server`
                _said_by_go(name, ["install", module], {"GOBIN": fresh})
                (made,) = Path(fresh).iterdir()
                made.replace(cache / name)
    return str(cache / name)


def source(module: str, folder: Path) -> Path:
    """The folder with a module's source, downloaded into Go's own cache.

    Args:
        module: its path and version.
        folder: to stand in: no module of somebody's own may decide.
    """
    said = _said_by_go(module, ["mod", "download", "-json", module], {}, folder)
    return Path(json.loads(said)["Dir"])


def _said_by_go(what: str, arguments: list[str], variables: dict[str, str], folder: Path | None = None) -> str:
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"{what} is not on PATH, and getting it takes Go")
    process = subprocess.Popen(
        [go, *arguments],
        env={**os.environ, **variables},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, complaint = process.communicate(timeout=BUILD_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.skip(f"{what} was not there within {BUILD_SECONDS} s: go {' '.join(arguments)}")
    if process.returncode:
        pytest.skip(f"{what} cannot be had: go {' '.join(arguments)}: {complaint.strip().splitlines()[-1:]}")
    return said
