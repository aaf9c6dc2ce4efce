"""Short loads of one user class, each in a process of its own, and a Trace API that fails when it is told to."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trace_target import serving

from targets.trace.app import make_app
from targets.trace.model import make_engine, make_tables

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("load_program.py")
NOTHING = {"projects": 0, "items": 0, "links": 0}


@dataclass(frozen=True)
class Ended:
    """A load that ended.

    Attributes:
        series: what was counted, by name.
        told: what else the program says of it.
        log: what was logged.
    """

    series: dict[str, dict[str, Any]]
    told: dict[str, Any]
    log: str

    @property
    def failures(self) -> dict[str, dict[str, int]]:
        """What failed, by name and reason, those that were cut short by the end left out."""
        found = {
            name: {why: n for why, n in one["failures"].items() if why != "cancelled"} for name, one in self.series.items()
        }
        return {name: reasons for name, reasons in found.items() if reasons}


@dataclass
class Started:
    """A load under way."""

    process: subprocess.Popen[str]

    def wait(self) -> Ended:
        """Until it has ended."""
        output, log = self.process.communicate(timeout=100)
        assert self.process.returncode == 0, log
        told = json.loads(output.splitlines()[-1])
        return Ended({one["operation"]: one for one in told["series"]}, told, log)

    def stop(self) -> Ended:
        """Ctrl-C's end: users are killed in the middle of what they do."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()


@dataclass
class Loads:
    """Loads of one test, in a folder of its own."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, name: str, *options: str, seconds: float = 2.0, **environment: str) -> Started:
        """Start a load of a user class."""
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), name, str(seconds), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        self.started.append(process)
        return Started(process)

    def end(self) -> None:
        """End what still runs."""
        for process in self.started:
            process.kill()
            process.communicate()


@dataclass
class Front:
    """Before the API: fails some of the requests in its place.

    Attributes:
        app: the API.
        fails: whether to answer a request, the how manieth of its kind, with `status`.
        status: of those answers.
        late_seconds: how long a request of this method waits before the API has it.
        requests: method and path of what came.
    """

    app: Any
    fails: Callable[[str, str, int], bool] = lambda _method, _path, _number: False
    status: int = 503
    late_seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.requests: list[tuple[str, str]] = []

    def asked_for_an_item(self) -> int:
        """How often."""
        return sum(method == "GET" and path.startswith("/api/v1/items/") for method, path in self.requests)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one request on."""
        asked = scope["method"], scope["path"]
        self.requests.append(asked)
        if self.fails(*asked, self.requests.count(asked)):
            await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        if scope["method"] in self.late_seconds:
            whole = [await receive()]  # the API has the request, and works on it whatever becomes of the client
            await asyncio.sleep(self.late_seconds[scope["method"]])
            await self.app(scope, lambda: _next(whole, receive), send)
            return
        await self.app(scope, receive, send)


async def _next(held: list[Any], receive: Any) -> Any:
    return held.pop() if held else await receive()


@dataclass(frozen=True)
class Trace:
    """A Trace API and its tables, to be looked at from outside."""

    url: str
    front: Front
    engine: Any

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.engine.connect() as connection:
            tables = ("projects", "items", "links")
            return {table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in tables}


@contextmanager
def trace_behind_a_front(folder: Path) -> Iterator[Trace]:
    """A Trace API over a SQLite file."""
    engine = make_engine(f"sqlite:///{folder / 'trace.db'}")
    make_tables(engine)
    front = Front(make_app(engine))
    with serving(front) as url:
        yield Trace(url, front, engine)
    engine.dispose()
