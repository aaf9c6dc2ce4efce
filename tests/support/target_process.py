"""One of our own targets as a process of its own, so that its work and the test's do not wait for each other."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def target(name: str, folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve it on a free port; the base URL.

    Args:
        name: of its package under `targets`.
        folder: for its log.
        arguments: of its command line.
        environ: variables more, such as its keys.
    """
    log = folder / f"{name}.log"
    command = [sys.executable, "-P", "-m", f"targets.{name}", "--port", "0", *arguments]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **(environ or {})}
        )
    assert process.stdout is not None
    with process.stdout as said:
        line = said.readline()
    try:
        assert line.startswith(f"{name}: http://"), log.read_text()
        yield line.split()[1]
    finally:
        process.terminate()
        process.wait(timeout=30)
