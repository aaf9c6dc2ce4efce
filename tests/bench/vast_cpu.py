"""CPU time of the VAST endpoint: beside the proof of concept's, beside pyarrow's IPC, and from request to request.

Only the server's own CPU time counts, read from its process clock (user and system, in nanoseconds); what the client burns
does not.
"""

import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import vastdb
from free_ports import free_port
from paired import Figure
from vastdb import _internal

POC = Path(__file__).parents[3] / "shared" / "poc" / "vastemu.py"
ASKED_SHARE, ASKED_IPC, ASKED_SPREAD = 1 / 3, 5.0, 5.0
ROUNDS, PER_ROUND = 9, 40
ROWS = 100_000
"""Of the table that point selects look in."""
LARGE_ROWS = 200_000
LARGE_ROUNDS = 9
SPREAD_REQUESTS = 2000
_ACCESS, _SECRET, _BUCKET = "bench", "bench-secret", "bench"
_START_SECONDS = 30.0


def rows(count: int) -> pa.Table:
    """A number, a name, a value and a time each."""
    numbers = np.arange(count)
    names = pa.array([f"item {number:09}" for number in range(count)], pa.string())
    return pa.table({"id": numbers, "name": names, "value": numbers / 7, "at": pa.array(numbers, pa.timestamp("us"))})


@dataclass(frozen=True)
class Server:
    """An endpoint under measurement, and a client of it."""

    process: psutil.Process
    session: vastdb.session.Session

    def cpu_seconds(self) -> float:
        """CPU time of the process so far, and of its children."""
        return sum(_cpu_seconds(each.pid) for each in (self.process, *self.process.children(recursive=True)))


def _cpu_seconds(pid: int) -> float:
    """From the process's CPU clock, whose number Linux makes of the pid so: /proc counts in steps of 10 ms only."""
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def serving(*command: str, port: int) -> Iterator[Server]:
    """A server that is up, until the end."""
    keys = {"VAST_ACCESS_KEY": _ACCESS, "VAST_SECRET_KEY": _SECRET}
    with subprocess.Popen([sys.executable, *command], env=os.environ | keys, stdout=subprocess.DEVNULL) as process:
        try:
            yield Server(psutil.Process(process.pid), _session(port))
        finally:
            process.terminate()


def _session(port: int) -> vastdb.session.Session:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            return vastdb.connect(endpoint=f"http://127.0.0.1:{port}", access=_ACCESS, secret=_SECRET)
        except vastdb.errors.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@contextmanager
def ours(*options: str) -> Iterator[Server]:
    """Our endpoint, in memory unless the options say otherwise."""
    port = free_port()
    with serving("-m", "targets.vast", "--port", str(port), "--bucket", _BUCKET, *options, port=port) as server:
        yield server


@contextmanager
def durable() -> Iterator[Server]:
    """Our endpoint, each commit on the disk before it is answered."""
    with tempfile.TemporaryDirectory() as directory, ours("--directory", directory) as server:
        yield server


@contextmanager
def poc() -> Iterator[Server]:
    """The proof of concept, which keeps everything in memory and checks no signature."""
    port = free_port()
    with serving(str(POC), str(port), "--bucket", _BUCKET, "--access", _ACCESS, port=port) as server:
        yield server


def fill(server: Server) -> None:
    """The table of all measurements, with its rows."""
    with server.session.transaction() as tx:
        schema = tx.bucket(_BUCKET).create_schema("s")
        schema.create_table("t", rows(0).schema).insert(rows(ROWS))
        schema.create_table("one", rows(0).schema)


def insert_one(server: Server, number: int) -> None:
    """A transaction that inserts a row."""
    with server.session.transaction() as tx:
        tx.bucket(_BUCKET).schema("s").table("one").insert(rows(number % 10 + 1).slice(number % 10))


def select_one(server: Server, number: int) -> None:
    """A transaction that looks for a row."""
    with server.session.transaction() as tx:
        table = tx.bucket(_BUCKET).schema("s").table("t")
        found = table.select(predicate=table["id"] == number * 7919 % ROWS).read_all()
        assert found.num_rows == 1


def each_costs(server: Server, work: Callable[[Server, int], None], first: int) -> float:
    """Seconds of the server's CPU time that one call takes, over a round."""
    before = server.cpu_seconds()
    for number in range(first, first + PER_ROUND):
        work(server, number)
    return (server.cpu_seconds() - before) / PER_ROUND


def beside_poc() -> Iterator[Figure]:
    """Ours and the proof of concept in turn, in one run; first a round that counts for nothing."""
    works = {"one-row insert transaction": insert_one, "point select in a transaction": select_one}
    if not POC.exists():
        for what in works:
            yield Figure(f"endpoint CPU per {what}", "<= 1/3", f"not measured: {POC.name} is not there", reached=False)
        return
    with ExitStack() as stack:
        servers = [stack.enter_context(start()) for start in (ours, durable, poc)]
        for server in servers:
            fill(server)
        for what, work in works.items():
            times = [[each_costs(server, work, turn * PER_ROUND) for server in servers] for turn in range(ROUNDS + 1)][1:]
            columns = list(zip(*times, strict=True))
            for mode, column in zip(("in memory", "durable"), columns, strict=False):
                ratio = statistics.median(a / b for a, b in zip(column, columns[-1], strict=True))
                a, b = (statistics.median(each) * 1e3 for each in (column, columns[-1]))
                yield Figure(
                    f"endpoint CPU per {what}: ours, {mode} / proof of concept, in memory",
                    "<= 1/3",
                    f"{ratio:.2f} ({a:.2f} ms / {b:.2f} ms)",
                    ratio <= ASKED_SHARE,
                )


def through_ipc(table: pa.Table) -> None:
    """Write a table as an IPC stream into memory, and read it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert pa.ipc.open_stream(sink.getvalue()).read_all().num_rows == table.num_rows


def in_process(work: Callable[[], None]) -> float:
    """Seconds of our own CPU time."""
    before = time.process_time()
    work()
    return time.process_time() - before


def beside_ipc() -> Iterator[Figure]:
    """A large insert and a scan of it, beside IPC in one process for the same bytes: once in, once out."""
    table = rows(LARGE_ROWS)
    with durable() as server:
        with server.session.transaction() as tx:
            tx.bucket(_BUCKET).create_schema("s")
        pairs = [large(server, table, turn) for turn in range(LARGE_ROUNDS + 1)][1:]
    ratio = statistics.median((a + b) / (2 * c) for a, b, c in pairs)
    a, b, c = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
    yield Figure(
        f"endpoint CPU for an insert and a scan of {LARGE_ROWS} rows ({table.nbytes / 2**20:.1f} MiB) / pyarrow IPC, twice",
        f"<= {ASKED_IPC:g}x",
        f"{ratio:.1f}x (insert {a:.1f} ms, scan {b:.1f} ms / 2 x {c:.1f} ms)",
        ratio <= ASKED_IPC,
    )


def large(server: Server, table: pa.Table, turn: int) -> tuple[float, float, float]:
    """Seconds of CPU: the endpoint's for the insert, for the scan, and ours for IPC."""
    marks = [server.cpu_seconds()]
    with server.session.transaction() as tx:
        stored = tx.bucket(_BUCKET).schema("s").create_table(f"t{turn}", table.schema)
        stored.insert(table)
        marks.append(server.cpu_seconds())
        assert stored.select().read_all().num_rows == table.num_rows
        marks.append(server.cpu_seconds())
    with server.session.transaction() as tx:
        tx.bucket(_BUCKET).schema("s").table(f"t{turn}").drop()
    return marks[1] - marks[0], marks[2] - marks[1], in_process(lambda: through_ipc(table))


class Requests:
    """Single requests of each kind, in an order in which they can come."""

    def __init__(self, server: Server) -> None:
        """Prepare what is sent."""
        self._api: _internal.VastdbApi = server.session.api
        self._txid = 0
        batch = rows(1).to_batches()[0]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self._row = sink.getvalue().to_pybytes()
        self._columns = rows(0).schema
        with server.session.transaction() as tx:
            self._column = tx.bucket(_BUCKET).schema("s").table("t")["id"]

    def begin(self, _number: int) -> None:
        """Begin a transaction."""
        self._txid = int(self._api.begin_transaction().headers["tabular-txid"])

    def insert(self, _number: int) -> None:
        """Insert a row."""
        self._api.insert_rows(_BUCKET, "s", "one", self._row, txid=self._txid)

    def select(self, number: int) -> None:
        """Look for a row."""
        asked = _internal.build_query_data_request(self._columns, self._column == number * 7919 % ROWS)
        answer = self._api.query_data(_BUCKET, "s", "t", asked.serialized, txid=self._txid, num_sub_splits=4)
        assert answer.content

    def commit(self, _number: int) -> None:
        """Commit the transaction."""
        self._api.commit_transaction(self._txid)

    def kinds(self) -> list[Callable[[int], None]]:
        """One of each, in order."""
        return [self.begin, self.insert, self.select, self.commit]


def spread() -> Iterator[Figure]:
    """CPU time from request to request: the worst ratio of p99 to median over the kinds of requests.

    One request is in flight at a time, and the endpoint is idle as long as it is busy: half its capacity. A request's time
    goes from its sending to the next one's, so that what the endpoint does after an answer counts too.
    """
    with durable() as server:
        fill(server)
        kinds = Requests(server).kinds()
        pause = _seconds_busy(server, kinds)
        times: list[list[float]] = [[] for _ in kinds]
        before = server.cpu_seconds()
        for number in range(SPREAD_REQUESTS):
            for kind, found in zip(kinds, times, strict=True):
                kind(number)
                time.sleep(pause)
                after = server.cpu_seconds()
                found.append(after - before)
                before = after
    worst = max(times, key=_spread)
    yield Figure(
        f"CPU per request at half capacity, p99 / median, worst of {', '.join(kind.__name__ for kind in kinds)}",
        f"<= {ASKED_SPREAD:g}x",
        f"{_spread(worst):.1f}x (median {statistics.median(worst) * 1e3:.2f} ms)",
        _spread(worst) <= ASKED_SPREAD,
    )


def _seconds_busy(server: Server, kinds: list[Callable[[int], None]]) -> float:
    """The endpoint's CPU time for a request, on average: how long it then is left idle."""
    before = server.cpu_seconds()
    for number in range(100):
        for kind in kinds:
            kind(number)
    return (server.cpu_seconds() - before) / (100 * len(kinds))


def _spread(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98] / statistics.median(times)


def figures() -> Iterator[Figure]:
    """All lines."""
    logging.getLogger("vastdb").setLevel(logging.ERROR)  # it warns of each refusal, and of an endpoint that names no other
    yield from beside_poc()
    yield from beside_ipc()
    yield from spread()
