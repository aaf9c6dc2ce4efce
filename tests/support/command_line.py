"""`steadyline` as a user starts it: in an empty folder, without the settings of whoever runs the tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STEADYLINE = Path(sys.executable).with_name("steadyline")
Begin = Callable[..., "subprocess.Popen[str]"]
OTHERS = ("STEADYLINE_", "LOCUST_")
"""Variables that begin so are taken away."""


@contextmanager
def beginning(folder: Path, settings: Callable[[], dict[str, str]] = dict) -> Iterator[Begin]:
    """`begin(*arguments, **environment)` starts it in the folder; what is left in the end is killed.

    Args:
        folder: where it runs.
        settings: variables for each one that is started.
    """
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: Any, **environ: str) -> "subprocess.Popen[str]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
        process = subprocess.Popen(
            [STEADYLINE, *arguments],
            cwd=folder,
            env={**clean, "COLUMNS": "200", **settings(), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]", seconds: float) -> tuple[int, str, str]:
    """Its exit code, standard output and standard error, once it has ended."""
    output, error = process.communicate(timeout=seconds)
    return process.returncode, output, error
