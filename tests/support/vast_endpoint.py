"""The real VAST DB endpoint as a process, and the official SDK connected to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import vastdb

ACCESS, SECRET = "test-key", "test-secret"
BUCKET = "b"
ROOT = Path(__file__).parents[2]
KEYS = {"VAST_ACCESS_KEY": ACCESS, "VAST_SECRET_KEY": SECRET}


@dataclass(frozen=True)
class Served:
    """A running endpoint.

    Attributes:
        url: where it listens.
        log: what it wrote to standard error.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it cleanly; answers the exit code."""
        self.process.terminate()
        return self.process.wait(20)


Serve = Callable[..., Served]


@contextmanager
def serving(folder: Path) -> Iterator[Serve]:
    """A function that starts endpoints; all of them end with the block."""
    started: list[Served] = []

    def start(*arguments: str) -> Served:
        log = folder / f"vast-{len(started)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "targets.vast", "--port", "0", *arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **KEYS},
                cwd=ROOT,
            )
        assert process.stdout is not None
        with process.stdout as said:
            line = said.readline()
        assert line.startswith("vast: http://"), log.read_text()
        served = Served(line.split()[1], process, log)
        started.append(served)
        _wait_until_ready(served)
        return served

    try:
        yield start
    finally:
        for served in started:
            served.kill()


def _wait_until_ready(served: Served) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{served.url}/-/ready").status_code == 200:
                return
        except httpx.HTTPError:
            assert served.process.poll() is None, served.log.read_text()
    raise AssertionError(served.log.read_text())


@contextmanager
def connected(url: str, access: str = ACCESS, secret: str = SECRET, **options: Any) -> Iterator[Any]:
    """The SDK, its connections closed at the end."""
    session = vastdb.connect(endpoint=url, access=access, secret=secret, **options)
    try:
        yield session
    finally:
        session.api.__exit__()


@contextmanager
def undone(session: Any) -> Iterator[Any]:
    """A transaction that is rolled back at the end."""
    tx = session.transaction()
    tx.__enter__()
    try:
        yield tx
    finally:
        tx.__exit__(ZeroDivisionError, None, None)


COLUMNS = pa.schema([("id", pa.int64()), ("name", pa.utf8())])
ROWS = pa.table([[1, 2, 3], ["a", "b", "c"]], schema=COLUMNS)


def opened(tx: Any, schema_name: str) -> Any:
    """The table, in a transaction."""
    return tx.bucket(BUCKET).schema(schema_name).table("t")


def read(session: Any, schema_name: str) -> dict[str, list[Any]]:
    """What a new transaction sees of the table."""
    with session.transaction() as tx:
        found: dict[str, list[Any]] = opened(tx, schema_name).select().read_all().to_pydict()
        return found


def row_update(row: int, name: str) -> pa.RecordBatch:
    """Another name for one row."""
    return pa.record_batch([pa.array([row], pa.uint64()), [name]], names=["$row_id", "name"])
