"""Where a number was measured: a coarse host fingerprint, the git revision, the versions of what took part."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import psutil

UNKNOWN = "unknown"
_CLIENT_LIBRARIES = {
    "sql": ("sqlalchemy", "psycopg"),
    "trace": ("httpx",),
    "s3": ("boto3", "urllib3"),
    "vast": ("vastdb", "pyarrow"),
    "tams": ("httpx",),
    "http": ("httpx",),
}
_GIBIBYTE = 2**30
_GIT_SECONDS = 10.0


def busyness() -> str:
    """How busy this machine is, in words: with more programs that want a core than there are cores all take longer."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count() or 1} cores"


def host() -> str:
    """CPU model, cores, memory in GiB, system and architecture; no name or address, so that it can be shared."""
    memory = round(psutil.virtual_memory().total / _GIBIBYTE)
    return ", ".join(
        (_cpu_model(), f"{psutil.cpu_count() or '?'} cores", f"{memory} GiB", _system(), platform.machine() or UNKNOWN)
    )


def _cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    found = (line.partition(":")[2] for line in lines if line.startswith("model name"))
    return " ".join(next(found, platform.processor() or UNKNOWN).split())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}".strip() or UNKNOWN


def revision(folder: Path) -> str:
    """What git calls the commit checked out in a folder, `-dirty` with changes; "unknown" outside a checkout."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the folder is an argument, not shell text
            command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return done.stdout.strip() if done.returncode == 0 else UNKNOWN


def versions(backend: str, *beside: str) -> Mapping[str, str]:
    """Python, ourselves, other distributions and the backend's client libraries, those that are installed."""
    return {"python": platform.python_version()} | _installed(("steadyline", *beside, *_CLIENT_LIBRARIES.get(backend, ())))


def _installed(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
