"""A real VictoriaMetrics for the tests: from PATH, or unpacked out of Debian's package into the user's cache."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apt_get
import httpx
import pytest
import tenacity

PACKAGE = "victoria-metrics"
Series = dict[frozenset[tuple[str, str]], dict[int, float]]
"""Samples by their labels: value by time, milliseconds."""


@dataclass(slots=True)
class VictoriaMetrics:
    """One that can be stopped and started again on the same data.

    Attributes:
        url: where it answers.
        folder: of its data and its log.
    """

    url: str
    folder: Path
    _program: str
    _process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [
            self._program,
            f"-httpListenAddr={self.url.removeprefix('http://')}",
            f"-storageDataPath={self.folder / 'data'}",
            "-retentionPeriod=1y",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        waiting = tenacity.Retrying(
            stop=tenacity.stop_after_delay(60),
            wait=tenacity.wait_fixed(0.1),
            retry=tenacity.retry_if_exception_type(httpx.HTTPError),
            reraise=True,
        )
        for attempt in waiting:
            with attempt:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                httpx.get(f"{self.url}/health", trust_env=False).raise_for_status()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal, and wait until it has ended."""
        if self._process:
            self._process.send_signal(by)
            self._process.wait(timeout=60)
            self._process = None

    def export(self, selector: str, start: float, end: float) -> Series:
        """Every sample that it holds between two times, but NaN, which it shows as null; a marker of staleness is one too."""
        asked = {"match[]": selector, "start": f"{start:.3f}", "end": f"{end:.3f}"}
        answer = httpx.get(f"{self.url}/api/v1/export", params=asked, timeout=60, trust_env=False).raise_for_status()
        found: Series = {}
        for line in answer.text.splitlines():
            one = json.loads(line)
            pairs = zip(one["timestamps"], one["values"], strict=True)
            values = {at: float(value) for at, value in pairs if value is not None}
            found.setdefault(frozenset(one["metric"].items()), {}).update(values)
        return {labels: values for labels, values in found.items() if values}


@contextlib.contextmanager
def running(port: int) -> Iterator[VictoriaMetrics]:
    """Run it on the port; skips where it cannot be had."""
    program = _on_path_or_unpacked()
    with tempfile.TemporaryDirectory(prefix="steadyline-victoria-metrics-") as folder:
        storage = VictoriaMetrics(f"http://127.0.0.1:{port}", Path(folder), program)
        storage.start()
        try:
            yield storage
        finally:
            storage.stop()


def _on_path_or_unpacked() -> str:
    """Never installed: Debian's package would start a service that listens on every address."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "steadyline" / "bin"
    found = shutil.which(PACKAGE) or shutil.which(PACKAGE, path=str(cache))
    if found:
        return found
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip(f"{PACKAGE} is not on PATH, and unpacking it takes apt-get and dpkg-deb")
    cache.mkdir(parents=True, exist_ok=True)
    with apt_get.alone():
        if not shutil.which(PACKAGE, path=str(cache)):
            _unpack(cache)
    return str(cache / PACKAGE)


def _unpack(cache: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="steadyline-victoria-metrics-") as place:
        folder = Path(place)
        if apt_get.possible():
            folder.chmod(0o755)  # apt drops its rights while it downloads
            apt_get.get("VictoriaMetrics", "update")
        apt_get.get("VictoriaMetrics", "download", PACKAGE, folder=folder)
        (package,) = folder.glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", str(package), str(folder / "unpacked")], check=True, timeout=60)
        draft = cache / f"{PACKAGE}.new"
        shutil.copy2(folder / "unpacked" / "usr" / "bin" / PACKAGE, draft)
        draft.replace(cache / PACKAGE)
