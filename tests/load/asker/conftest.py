"""An asker's process for a test."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asker_process import Running, environment

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(workers=…, **environment)` starts an asker in a folder of its own; all of them end with the test."""
    started: list[Running] = []

    def starting(workers: int = 1, **settings: object) -> Running:
        ours, end = socket.socketpair()
        with (tmp_path / "log").open("wb") as log, end:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "load.asker", str(workers)],
                stdin=end.fileno(),
                stdout=log,
                stderr=log,
                cwd=tmp_path,
                env=environment(tmp_path, **settings),
            )
        started.append(Running(process, ours, tmp_path))
        return started[-1]

    yield starting
    (tmp_path / "gate").touch()
    for one in started:
        one.end.close()
    for one in started:
        try:
            one.process.wait(60)
        finally:
            one.process.kill()
            one.process.wait()
