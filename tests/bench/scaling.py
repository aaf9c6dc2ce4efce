"""What one operation, one series, one sample and one worker cost: the figures that docs/scaling.md plans with.

Costs are processor time of the processes themselves, so that what else runs on the machine makes them no dearer.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import native_stack as stacks
import psutil
from http_server import free, program, serving
from paired import Figure
from start import until_all_scraped

from steadyline.environment import PREFIX
from steadyline.prometheus import Prometheus

WINDOW_SECONDS = 300.0
RUN_SECONDS = 20
FLOW = Path(__file__).with_name("scaling_flow.py")
TRACE_USERS, HURRIED_USERS = 100, 20
STARTED_SECONDS = 60.0
MINIMUM_LOOKS = 10


def figures() -> Iterator[Figure]:
    """What probing costs, then what load costs."""
    yield from _probing()
    yield from _loading()


def _told(what: str, measured: str) -> Figure:
    return Figure(what, "told", measured, True)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process used until now.

    Attributes:
        cpu_seconds: its own, and its children's.
        resident_bytes: of it alone.
    """

    cpu_seconds: float
    resident_bytes: int


def _usage(pid: int) -> Usage:
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return Usage(sum(time.user + time.system for time in times), process.memory_info().rss)


def _probing() -> Iterator[Figure]:
    with stacks.running() as stack:
        prometheus = Prometheus(stack.settings.prometheus)
        _, operations = until_all_scraped(prometheus)
        programs = json.loads(stack.run("status", "--json").stdout)["programs"]
        pids = {one["name"]: one["pid"] for one in programs}
        began = {name: _usage(pids[name]) for name in ("exporter", "prometheus")}
        time.sleep(WINDOW_SECONDS)
        used = {name: _usage(pids[name]) for name in began}
        page = httpx.get(stack.settings.url_of("exporter") + "/metrics", trust_env=False).text
        starts = _value(prometheus, "sum(rate(steadyline_operation_duration_seconds_count[2m]))")
        samples = _value(prometheus, "rate(prometheus_tsdb_head_samples_appended_total[2m])")
        held = _value(prometheus, "prometheus_tsdb_head_series")
        recorded = _value(prometheus, 'count({__name__=~"steadyline:.+"})')
        block = _block(stack.settings.state.data("prometheus"))
    series = _series(page)
    cores = {name: (used[name].cpu_seconds - began[name].cpu_seconds) / WINDOW_SECONDS for name in began}
    yield _told("exporter: series on /metrics", f"{series} for {operations} operations: {series / operations:.0f} each")
    yield _told(
        "exporter: processor time",
        f"{cores['exporter']:.3f} cores at {starts:.1f} attempts/s: {cores['exporter'] / starts * 1000:.1f} ms each",
    )
    yield _told("exporter: resident memory", f"{used['exporter'].resident_bytes / 2**20:.0f} MiB")
    yield _told("rules: recorded series", f"{recorded:.0f}: {recorded / operations:.0f} for each operation")
    yield _told("Prometheus: samples", f"{samples:.0f}/s in {held:.0f} series")
    yield _told("Prometheus: processor time, scraping and all rules", f"{cores['prometheus']:.3f} cores")
    yield _told("Prometheus: resident memory", f"{used['prometheus'].resident_bytes / 2**20:.0f} MiB")
    yield _told("Prometheus: a block on disk", block)


def _value(prometheus: Prometheus, query: str) -> float:
    return prometheus.query(query)[0].value


def _series(page: str) -> int:
    return sum(1 for line in page.splitlines() if line and not line.startswith("#"))


def _block(data: Path) -> str:
    """What a block of these samples takes: a Prometheus over a copy of the folder writes what it holds as one."""
    with tempfile.TemporaryDirectory() as folder:
        copy, port = Path(folder) / "data", free()
        shutil.copytree(data, copy, ignore=shutil.ignore_patterns("lock", "queries.active"))
        config = Path(folder) / "prometheus.yml"
        config.write_text("{}\n")
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={copy}", "--web.enable-admin-api"]
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _await_ready(url)
            httpx.post(f"{url}/api/v1/admin/tsdb/snapshot", trust_env=False, timeout=60).raise_for_status()
        finally:
            process.terminate()
            process.wait()
        return _told_of_block(next((copy / "snapshots").glob("*/*/meta.json")).parent)


def _await_ready(url: str) -> None:
    end = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/-/ready", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"scaling: the Prometheus over the copy was not ready after {STARTED_SECONDS:g} s")


def _told_of_block(block: Path) -> str:
    stats = json.loads((block / "meta.json").read_text())["stats"]
    samples, series = stats["numSamples"], stats["numSeries"]
    chunks = sum(file.stat().st_size for file in (block / "chunks").iterdir())
    index = (block / "index").stat().st_size
    return (
        f"{chunks / samples:.2f} bytes a sample, and {index / series:.0f} bytes of index a series "
        f"({samples} samples of {series} series in {WINDOW_SECONDS / 60:.0f} min and more)"
    )


def _loading() -> Iterator[Figure]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        trace = free()
        database = ["--url", f"sqlite:///{folder / 'trace.db'}", "--port", str(trace)]
        server = subprocess.Popen([sys.executable, "-m", "targets.trace", *database], stdout=subprocess.DEVNULL)
        held.callback(lambda: (server.terminate(), server.wait()))
        _await_ready(f"http://127.0.0.1:{trace}")
        asked = ["--users", str(TRACE_USERS), "--allow-writes"]
        yield from _run("TraceUser on the Trace API", f"http://127.0.0.1:{trace}", asked, [])
        if nginx := program():
            plain = held.enter_context(serving(nginx, folder, core=max(os.sched_getaffinity(0)))).plain
            yield from _run("one small document of nginx", plain, ["--users", str(HURRIED_USERS)], ["-f", str(FLOW)])


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a run under way showed."""

    at: float
    requests: float
    series: int
    master: Usage
    worker: Usage


def _run(what: str, host: str, asked: list[str], locustfile: list[str]) -> Iterator[Figure]:
    """One run with one worker; what worker and master used is what it grew by between two looks."""
    with tempfile.TemporaryDirectory() as folder:
        page, port, result = free(), str(free()), Path(folder) / "result.json"
        settled = {**_clean(), "STEADYLINE_PROMETHEUS_URL": "http://127.0.0.1:1", "PYTHONPATH": str(Path.cwd())}
        length = ["--duration", f"{RUN_SECONDS}s", "--metrics-port", str(page), "--result", str(result)]
        lead = ["load", "--workers", "1", "--host", host, *asked, *length, *locustfile, "--", f"--master-bind-port={port}"]
        worker = ["load", "--worker-of", f"127.0.0.1:{port}", *locustfile]
        with _steadyline(lead, settled, Path(folder)) as leader, _steadyline(worker, settled, Path(folder)) as asking:
            looks = _looks(leader, asking, f"http://127.0.0.1:{page}/metrics")
        operations = len(json.loads(result.read_text())["operations"])
    if len(looks) < MINIMUM_LOOKS:
        raise SystemExit(f"scaling: {what}: the run's page was seen {len(looks)} times only; the machine is too busy")
    yield from _told_of_run(f"load, {what}", looks[0], looks[-1], operations)


def _looks(leader: "subprocess.Popen[bytes]", asking: "subprocess.Popen[bytes]", url: str) -> list[Look]:
    """Look at the run until it ends."""
    found = []
    while leader.poll() is None:
        with suppress(httpx.HTTPError, psutil.NoSuchProcess):  # the run is not there yet, or gone
            text = httpx.get(url, trust_env=False).text
            look = Look(time.monotonic(), _requests(text), _series(text), _usage(leader.pid), _usage(asking.pid))
            if look.requests and look.worker.resident_bytes:
                found.append(look)
        time.sleep(0.5)
    return found


def _told_of_run(what: str, first: Look, last: Look, operations: int) -> Iterator[Figure]:
    seconds, requests = last.at - first.at, last.requests - first.requests
    worker_seconds = last.worker.cpu_seconds - first.worker.cpu_seconds
    lead_cores = (last.master.cpu_seconds - first.master.cpu_seconds) / seconds
    lead_mib, ask_mib = (one.resident_bytes / 2**20 for one in (last.master, last.worker))
    by_core = f"{requests / worker_seconds:.0f}/s of a worker's core"
    yield _told(f"{what}: requests", f"{requests / seconds:.0f}/s by the clock, {by_core}")
    held = f"the master takes {lead_cores:.3f} cores and {lead_mib:.0f} MiB; the worker holds {ask_mib:.0f} MiB"
    yield _told(f"{what}: master and worker", held)
    yield _told(f"{what}: series on /metrics", f"{last.series} for {operations} operations")


def _requests(page: str) -> float:
    """Successes of the page, which are all but a handful."""
    name = "steadyline_operation_duration_seconds_count"
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))


def _clean() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def _steadyline(arguments: list[str], environ: Mapping[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [str(stacks.STEADYLINE), *arguments],
        env=dict(environ),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
