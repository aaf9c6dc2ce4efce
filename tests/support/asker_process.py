"""An asker's process over its wire, as its gevent side drives it, and operations that do what a test needs."""

import os
import select
import socket
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from load.asker.messages import Answer, Ask, Open, Request, answer, plain
from load.frames import Frames, framed

OPERATIONS = '''
import os
import time
from pathlib import Path

from steadyline.operation import in_run_scope, operation
from steadyline.outcome import IntegrityError

FOLDER = Path(os.environ["TEST_FOLDER"])


@operation("sql.wait", probe_every_seconds=None)
def wait(client, _):
    """Until the gate is open."""
    number = client.turn()
    (FOLDER / f"began-{number}").touch()
    while not (FOLDER / "gate").exists():
        time.sleep(0.01)


@operation("sql.never", probe_every_seconds=None, timeout_seconds=0.3, budget_seconds=0.3)
def never(client, _):
    """Not before the gate is open, which is too late."""
    wait.body(client, _)


@operation("sql.mark", probe_every_seconds=None)
def mark(client, _):
    """Leaves a mark in the folder."""
    (FOLDER / "marked").touch()


def _not_so(*_):
    raise IntegrityError("not what was asked for")


@operation("sql.wrong", probe_every_seconds=None, verify=_not_so)
def wrong(client, _):
    """Its answer is wrong."""


@operation("sql.bug", probe_every_seconds=None)
def bug(client, _):
    """Nobody knows its error, whose text holds a secret."""
    raise RuntimeError("connecting to postgresql://me:canary-7f3a@far/db")


@operation("sql.many", probe_every_seconds=None, concurrency=20)
def many(client, _):
    """Holds more connections than any target here allows."""


def _keep(client):
    return client.working.id


@operation("sql.keep", writes=True, probe_every_seconds=None, prepare=_keep, cleanup=in_run_scope)
def keep(client, _):
    """Writes, prints, and leaves all of it to the end of the client."""
    print("printed by an operation")
'''


@dataclass
class Running:
    """An asker's process and our end of its wire."""

    process: "subprocess.Popen[bytes]"
    end: socket.socket
    folder: Path
    frames: Frames = field(default_factory=Frames)
    come: list[Answer] = field(default_factory=list)

    def send(self, *requests: Request) -> None:
        """Send requests, all of them in one piece."""
        self.end.sendall(b"".join(framed(plain(one)) for one in requests))

    def next(self) -> Answer:
        """The next answer."""
        while not self.come:
            ready, _, _ = select.select([self.end], [], [], 60)
            assert ready, "no answer"
            data = self.end.recv(65536)
            assert data, self.log()
            self.come += [answer(message) for message in self.frames.feed(data)]
        return self.come.pop(0)

    def ask(self, operation: str, alias: str = "embedded", backend: str = "sql") -> Answer:
        """Ask once and wait for the answer."""
        self.send(Ask(1, operation, backend, alias))
        return self.next()

    def open(self, alias: str, backend: str = "sql") -> Answer:
        """Open one target."""
        self.send(Open(2, ((backend, alias),)))
        return self.next()

    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text()

    def rows(self) -> int:
        """How many rows the embedded database has."""
        return rows_of(self.folder)


def rows_of(folder: Path) -> int:
    """How many rows there are in all tables of the embedded database of a state folder."""
    with closing(sqlite3.connect(folder / "state" / "data" / "sql" / "trace.db")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        return sum(database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables)


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """The environment of a process whose state lies in the folder, with the operations above."""
    operations = folder / "operations.py"
    operations.write_text(OPERATIONS)
    given = {"STEADYLINE_STATE_DIR": folder / "state", "STEADYLINE_OPERATIONS": operations, "TEST_FOLDER": folder, **settings}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    return inherited | {name: str(value) for name, value in given.items()}
