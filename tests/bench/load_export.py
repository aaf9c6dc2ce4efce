"""Load with our export beside the same load without it, on one pinned core.

Both generators run Locust's FastHttpUser and share one core with all processes of theirs, so the publisher takes its time from
the core that makes the load. They are stopped and continued in turn, so that each pair of windows saw the same machine; a
scraper on the other core fetches the page each second. nginx counts the requests, the system the processor time of each
generator with its publisher. A rate is requests per second of that time, as for the HTTP user (`http_load`).
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from http_server import BODY, Server, free, program, serving
from paired import Figure

from steadyline.environment import PREFIX

HERE = Path(__file__).parent
ASKED = 0.97
USERS = 50
SCRAPE_SECONDS = 1.0
WARM_SECONDS = 3.0
WINDOW_SECONDS = 2.0
PAIRS = 30
START_SECONDS = 60.0


@dataclass(slots=True)
class Generator:
    """A Locust process and what it started, stopped but for its windows."""

    process: psutil.Process
    core: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)

    def window(self, server: Server, seconds: float) -> None:
        """Let it run for so long, and keep its rates."""
        self._signal(signal.SIGCONT)
        requests, used, start = server.answered(), self._used(), time.perf_counter()
        time.sleep(seconds)
        requests, used, passed = server.answered() - requests, self._used() - used, time.perf_counter() - start
        self._signal(signal.SIGSTOP)
        if requests < USERS:
            raise SystemExit("load_export: a generator does not run")
        self.core.append(requests / used)
        self.clock.append(requests / passed)

    def _signal(self, number: int) -> None:
        for process in self._all():
            process.send_signal(number)

    def _used(self) -> float:
        """Processor time of all its processes, seconds; in hundredths, and with threads that have ended (one a scrape)."""
        times = [process.cpu_times() for process in self._all()]
        return sum(time.user + time.system for time in times)

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def figures() -> Iterator[Figure]:
    """One line."""
    what = f"requests per second of one core, FastHttpUser with our export / without, {USERS} users, a scrape a second"
    nginx = program()
    if nginx is None:
        yield Figure(what, f">= {ASKED:g}x", "not measured: no nginx", False)
        return
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(serving(nginx, Path(folder), core=cores[-1]))
        port = free()
        page = f"http://127.0.0.1:{port}/metrics"
        started = [stack.enter_context(_running(folder, cores[0], server, port, file)) for file in FLOWS]
        scrapes = stack.enter_context(scraping(page))
        ours, bare = started
        for pair in range(PAIRS):
            for one in (ours, bare) if pair % 2 else (bare, ours):
                one.window(server, WINDOW_SECONDS)
        scraped = len(scrapes)
    ratio, by_clock = (
        statistics.median(a / b for a, b in zip(getattr(ours, rate), getattr(bare, rate), strict=True)) for rate in RATES
    )
    with_it, without = (statistics.median(one.core) / 1000 for one in started)
    yield Figure(
        what,
        f">= {ASKED:g}x",
        f"{ratio:.3f}x ({with_it:.2f} k/s / {without:.2f} k/s; {by_clock:.3f}x by the clock; {scraped} scrapes)",
        ratio >= ASKED,
    )


FLOWS = ("load_export_flow.py", "http_load_flow.py")
"""With the export, and without."""
RATES = ("core", "clock")


@contextmanager
def _running(folder: str, core: int, server: Server, port: int, file: str) -> Iterator[Generator]:
    """A generator that is under way, and stopped."""
    where = [sys.executable, "-m", "locust", "-f", str(HERE / file), "FastHttpUser", "--host", server.plain]
    how = ["-u", str(USERS), "-r", str(USERS), "--headless", "--only-summary", "--skip-log-setup"]
    ours = ["--metrics-port", str(port)] if file == FLOWS[0] else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | {"BODY": BODY}
    process = subprocess.Popen(
        ["taskset", "--cpu-list", str(core), *where, *how, *ours],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    generator = Generator(psutil.Process(process.pid))
    try:
        _until_under_way(server)
        generator.window(server, WARM_SECONDS)
        generator.core.clear()
        generator.clock.clear()
        yield generator
    finally:
        for one in generator._all():
            one.kill()
        process.wait()


@contextmanager
def scraping(page: str) -> Iterator[list[int]]:
    """Fetch the page each second; answers the sizes of what came."""
    sizes: list[int] = []
    ended = threading.Event()

    def scrape() -> None:
        while not ended.wait(SCRAPE_SECONDS):
            try:
                with urllib.request.urlopen(page, timeout=START_SECONDS) as answer:
                    sizes.append(len(answer.read()))
            except OSError:  # the generator is stopped, or has ended
                continue

    thread = threading.Thread(target=scrape, daemon=True)
    thread.start()
    try:
        yield sizes
    finally:
        ended.set()
        thread.join()


def _until_under_way(server: Server) -> None:
    before, end = server.answered(), time.monotonic() + START_SECONDS
    while server.answered() - before < USERS * 10:
        if time.monotonic() > end:
            raise SystemExit("load_export: a generator does not start")
        time.sleep(0.1)
