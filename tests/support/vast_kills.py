"""The VAST endpoint killed under concurrent commits: what was answered is there whole, nothing is there half."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from vast_endpoint import BUCKET, Served, connected, serving
from vastdb.config import BackoffConfig

WORKERS = 4
ROWS_PER_COMMIT = 3
BYTES_PER_ROW = 30_000
"""Large enough that the rounds of a test also meet checkpoints."""
KEPT_COMMITS = 50
"""Of each client; the rows of older ones are deleted between two kills, so that hundreds of them take no longer each."""
COUNTERS = pa.schema([("worker", pa.int64()), ("commits", pa.int64())])
EVENTS = pa.schema([("worker", pa.int64()), ("number", pa.int64()), ("payload", pa.utf8())])


@dataclass
class Worker:
    """One client: each of its transactions inserts rows into `events` and counts up its row in `counters`.

    Attributes:
        answered: its last commit that was answered.
        deleted: so many of its first commits have no rows any more.
    """

    number: int
    answered: int = 0
    deleted: int = 0

    def commit(self, session: Any) -> None:
        """The next transaction."""
        with session.transaction() as tx:
            schema = tx.bucket(BUCKET).schema("s")
            counters = schema.table("counters")
            mine = counters.select(predicate=counters["worker"] == self.number, internal_row_id=True).read_all()
            following = mine.column("commits")[0].as_py() + 1
            payload = f"{following:09}" + "x" * BYTES_PER_ROW
            rows = [[self.number] * ROWS_PER_COMMIT, [following] * ROWS_PER_COMMIT, [payload] * ROWS_PER_COMMIT]
            schema.table("events").insert(pa.record_batch(rows, schema=EVENTS))
            counters.update(
                pa.record_batch([mine.column("$row_id").combine_chunks(), [following]], names=["$row_id", "commits"])
            )
        self.answered = following


@dataclass
class Round:
    """One life of the endpoint: the workers commit until so many commits are answered, and a moment later it is killed."""

    workers: list[Worker]
    answers: int
    moment_seconds: float
    answered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def run(self, served: Served) -> None:
        """Until the kill; the workers end by it."""
        threads = [threading.Thread(target=self._work, args=(served.url, worker)) for worker in self.workers]
        for thread in threads:
            thread.start()
        for _ in range(self.answers):
            assert self.answered.acquire(timeout=60), served.log.read_text()
        threading.Event().wait(self.moment_seconds)
        served.kill()
        for thread in threads:
            thread.join(60)

    def _work(self, url: str, worker: Worker) -> None:
        try:
            with connected(url, backoff_config=BackoffConfig(max_tries=1)) as session:
                while True:
                    worker.commit(session)
                    self.answered.release()
        except Exception:  # noqa: BLE001 - however the kill shows: the commit's outcome is unknown
            self.answered.release()


def prepare(served: Served) -> None:
    """The two tables, each worker with a counter at 0."""
    with connected(served.url) as session, session.transaction() as tx:
        schema = tx.bucket(BUCKET).create_schema("s")
        schema.create_table("events", EVENTS)
        schema.create_table("counters", COUNTERS).insert(pa.table([range(WORKERS), [0] * WORKERS], schema=COUNTERS))


def faults(served: Served, workers: list[Worker]) -> list[str]:
    """What is lost or there half, a sentence each."""
    with connected(served.url) as session, session.transaction() as tx:
        schema = tx.bucket(BUCKET).schema("s")
        counted = schema.table("counters").select().read_all().to_pydict()
        events = schema.table("events").select().read_all()
    counters = dict(zip(counted["worker"], counted["commits"], strict=True))
    found = []
    for worker in workers:
        mine = events.filter(pc.equal(events["worker"], worker.number))
        times = mine.group_by("number").aggregate([([], "count_all")]).to_pydict()
        seen = dict(zip(times["number"], times["count_all"], strict=True))
        commits = counters[worker.number]
        if commits < worker.answered:
            found.append(f"worker {worker.number}: commit {worker.answered} was answered, {commits} are there")
        if seen != dict.fromkeys(range(worker.deleted + 1, commits + 1), ROWS_PER_COMMIT):
            found.append(f"worker {worker.number}: {commits} commits are counted, their rows are {seen}")
        worker.answered = commits
    return found


def delete_old(served: Served, workers: list[Worker]) -> None:
    """The rows of the workers' older commits, once there are twice as many as are kept."""
    with connected(served.url) as session, session.transaction() as tx:
        events = tx.bucket(BUCKET).schema("s").table("events")
        for worker in workers:
            if worker.answered - worker.deleted < 2 * KEPT_COMMITS:
                continue
            worker.deleted = worker.answered - KEPT_COMMITS
            old = (events["worker"] == worker.number) & (events["number"] <= worker.deleted)
            events.delete(events.select(columns=[], predicate=old, internal_row_id=True).read_all())


@contextmanager
def killed(folder: Path, kills: int, seed: int) -> Iterator[Iterator[list[str]]]:
    """The faults after each kill and restart of one endpoint that keeps its commits in a directory."""
    moments = random.Random(seed)

    def lives() -> Iterator[list[str]]:
        with serving(folder) as serve:
            arguments = ("--directory", str(folder / "kept"), "--bucket", BUCKET)
            served = serve(*arguments)
            prepare(served)
            workers = [Worker(number) for number in range(WORKERS)]
            for _ in range(kills):
                Round(workers, moments.randrange(1, 25), moments.random() * 0.05).run(served)
                served = serve(*arguments)
                yield faults(served, workers)
                delete_old(served, workers)

    found = lives()
    try:
        yield found
    finally:
        found.close()
