"""As many requests as half an hour of load has, pressed together: a master, two workers, and the publisher.

First a million requests that the workers only tell of: every one of them is on the page, in its cell. Then requests over HTTP
by as many users as the profile `medium` has. Memory is that of each process after a third and at the end.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
from http_server import free, program, serving
from load_runs import Runs
from load_soak_events import counted
from paired import Figure
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from load.profiles import PROFILES
from steadyline.load_vocabulary import LOAD_STARTED
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES

FLOW = Path(__file__).with_name("load_soak_flow.py")
WORKERS = 2
EVENTS = 1_000_000
REQUESTS = 300_000
LOOK_SECONDS = 0.5
LONGEST_SECONDS = 240.0
FLAT = 0.02


def figures() -> Iterator[Figure]:
    """Three lines."""
    users = PROFILES["medium"].users
    with tempfile.TemporaryDirectory() as folder:
        soak = _Soak(Path(folder) / "told", "Teller", WORKERS, EVENTS, {})
        yield _complete(soak)
        yield soak.flat(f"{EVENTS} requests told by {WORKERS} workers")
        nginx = program()
        if nginx is None:
            yield Figure("resident memory after requests over HTTP", f"< {FLAT:+.0%}", "not measured: no nginx", False)
            return
        with serving(nginx, Path(folder), core=max(os.sched_getaffinity(0))) as server:
            soak = _Soak(Path(folder) / "asked", "Asker", users, REQUESTS, {"--host": server.plain})
        yield soak.flat(f"{soak.started} requests over HTTP by {users} users of {WORKERS} workers")


class _Soak:
    """One run, from its start to its end."""

    def __init__(self, folder: Path, user: str, users: int, until: int, options: dict[str, str]) -> None:
        folder.mkdir()
        runs = Runs(folder, free)
        self._page = f"http://127.0.0.1:{runs.metrics_port}/metrics"
        said = [word for option in options.items() for word in option]
        load = ("-u", str(users), "-r", str(users), "--exit-code-on-error", "0", user, *said)
        self.samples: list[Sample] = []
        try:
            self._master, self._workers = runs.distributed(WORKERS, *load, locustfile=FLOW, SHARE=str(until // WORKERS))
            self._wait(until // 3)
            self.third = self._resident()
            self._wait(until)
            self.end = self._resident()
            self._finish()
        finally:
            runs.end()

    def _wait(self, started: int) -> None:
        """Until so many requests were counted."""
        end = time.monotonic() + LONGEST_SECONDS
        while self.started < started:
            every = (self._master, *self._workers)
            if time.monotonic() > end or any(one.process.poll() is not None for one in every):
                said = "\n".join(one.said[-2000:] for one in every)
                raise SystemExit(f"load_soak: {self.started} requests of {started}: {said}")
            time.sleep(LOOK_SECONDS)
            self._scrape()

    def _finish(self) -> None:
        """End the run as Ctrl-C does, and take the final values."""
        self._master.process.send_signal(signal.SIGINT)
        while self._master.process.poll() is None:
            time.sleep(LOOK_SECONDS)
            self._scrape()
        for worker in self._workers:
            worker.process.wait(60)

    def _scrape(self) -> None:
        """The page, where it is there and has a run."""
        try:
            text = httpx.get(self._page, trust_env=False).text
        except httpx.HTTPError:
            return
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        self.samples = samples or self.samples

    @property
    def started(self) -> int:
        """Requests so far."""
        return self.total(LOAD_STARTED.name)

    def total(self, name: str, **labels: str) -> int:
        """A sum over the page."""
        return int(sum(one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()))

    def _resident(self) -> dict[str, int]:
        master = psutil.Process(self._master.process.pid)
        (publisher,) = master.children()
        workers = {f"worker {n}": psutil.Process(one.process.pid) for n, one in enumerate(self._workers)}
        every = {"master": master, "publisher": publisher, **workers}
        return {name: process.memory_info().rss for name, process in every.items()}

    def flat(self, what: str) -> Figure:
        """Whether no process grew."""
        grown = {name: self.end[name] / self.third[name] - 1 for name in self.third}
        told = ", ".join(f"{name} {more:+.1%} of {self.third[name] / 2**20:.0f} MiB" for name, more in grown.items())
        return Figure(
            f"resident memory after {what}, beside that after a third", f"< {FLAT:+.0%}", told, max(grown.values()) < FLAT
        )


def _complete(soak: _Soak) -> Figure:
    """Whether the page has every request in its cell."""
    share, failures = counted(EVENTS // WORKERS)
    wanted = {edge: count * WORKERS for edge, count in share.items()}
    found = {edge: soak.total(f"{OPERATION_DURATION.name}_bucket", le=edge) for edge in wanted}
    failed = soak.total(OPERATION_FAILURES.name)
    right = found == wanted and failed == failures * WORKERS and soak.started == EVENTS
    return Figure(
        f"{EVENTS} requests told by {WORKERS} workers over Locust's messages: on the page, bucket by bucket",
        "all",
        "all" if right else f"{soak.started} begun, {found['+Inf']} succeeded, {failed} failed",
        right,
    )
