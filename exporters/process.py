"""Memory, time, threads and files of processes: the exporter's own, and those that the settings name.

Cheap calls only: `memory_info` reads one line, `memory_full_info` walks all mappings and takes 91 ms for 8 GiB.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import psutil
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from steadyline.exposition import family
from steadyline.live import LIVE
from steadyline.vocabulary import PROCESS_CPU, PROCESS_FDS, PROCESS_PEAK, PROCESS_RESIDENT, PROCESS_THREADS

LOG = logging.getLogger(__name__)

Find = Callable[[], Iterable[psutil.Process]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One process at one moment; `key` is its pid and its identity, so that a reused pid is another process."""

    key: tuple[int, float]
    resident_bytes: int
    cpu_seconds: float
    threads: int
    open_fds: int


@dataclass(slots=True)
class Watched:
    """What is known of one alias over time; None while no process is there.

    Attributes:
        resident_bytes: resident memory, children included; pages they share count for each.
        peak_bytes: the largest yet seen.
        cpu_seconds: only grows, though the processes behind it come and go.
        exists: whether a pid is in use; a process that a sample missed is known until its pid is free, so that its whole life
            is not added again.
    """

    resident_bytes: int | None = None
    threads: int = 0
    open_fds: int = 0
    peak_bytes: int = 0
    cpu_seconds: float = 0.0
    exists: Callable[[int], bool] = psutil.pid_exists
    _cpu: dict[tuple[int, float], float] = field(default_factory=dict)

    def take(self, readings: Iterable[Reading]) -> None:
        """Add up the processes that are there now."""
        found = {reading.key: reading for reading in readings}
        self.resident_bytes = sum(r.resident_bytes for r in found.values()) if found else None
        self.threads = sum(r.threads for r in found.values())
        self.open_fds = sum(r.open_fds for r in found.values())
        self.peak_bytes = max(self.peak_bytes, self.resident_bytes or 0)
        self.cpu_seconds += sum(max(0.0, r.cpu_seconds - self._cpu.get(r.key, 0.0)) for r in found.values())
        missed = {key: cpu for key, cpu in self._cpu.items() if key not in found and self._may_return(key, found)}
        self._cpu = missed | {r.key: r.cpu_seconds for r in found.values()}

    def _may_return(self, key: tuple[int, float], found: Iterable[tuple[int, float]]) -> bool:
        pid = key[0]
        return all(pid != taken for taken, _ in found) and self.exists(pid)


def matching(part: str) -> list[psutil.Process]:
    """The processes whose command line contains the part."""
    return [p for p in psutil.process_iter(["cmdline"]) if part in " ".join(p.info["cmdline"] or ())]


def read(process: psutil.Process) -> Reading | None:
    """One process's figures, or None where it has gone or may not be read."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            key = (process.pid, hash(process))  # psutil's hash holds the creation by a clock that nobody sets
            return Reading(
                key, process.memory_info().rss, times.user + times.system, process.num_threads(), _open_fds(process)
            )
    except psutil.Error:
        return None


def _open_fds(process: psutil.Process) -> int:
    try:
        return process.num_fds()
    except psutil.AccessDenied:  # another user's process shows its memory, not its files
        return 0


def _with_children(processes: Iterable[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        yield process
        try:
            yield from process.children(recursive=True)
        except psutil.Error:
            continue


class Processes(Collector):
    """Samples the watched processes every few seconds; a scrape answers the last sample.

    Args:
        own_alias: the alias of this process.
        interval_seconds: between samples.
    """

    def __init__(self, own_alias: str, interval_seconds: float = LIVE.scrape_seconds) -> None:
        """Watch this process; `watch` adds others."""
        own = psutil.Process()
        self._own: dict[str, Find] = {own_alias: lambda: [own]}
        self._find: Mapping[str, Find] = self._own
        self._watched = {own_alias: Watched()}
        self._interval_seconds = interval_seconds
        self._ended = threading.Event()
        self._lock = threading.Lock()

    def watch(self, parts: Mapping[str, str]) -> None:
        """Watch these (alias to a part of the command line) and itself, and no others."""
        named: dict[str, Find] = {alias: lambda part=part: matching(part) for alias, part in parts.items()}  # type: ignore[misc]
        with self._lock:
            self._find = self._own | named
            self._watched = {alias: self._watched.get(alias) or Watched() for alias in self._find}

    def sample(self) -> None:
        """Read all watched processes once."""
        for alias, find in self._find.items():
            readings = [reading for process in _with_children(find()) if (reading := read(process))]
            with self._lock:
                if alias in self._watched:
                    self._watched[alias].take(readings)

    def start(self) -> None:
        """Sample now and from now on, in a thread of its own."""
        self.sample()
        threading.Thread(target=self._run, name="processes", daemon=True).start()

    def stop(self) -> None:
        """End sampling."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._interval_seconds):
            try:
                self.sample()
            except Exception:
                LOG.exception("sampling processes raised; trying on")

    def collect(self) -> Iterator[Family]:
        """The five families of the last sample; an alias without a process keeps its peak and its time only."""
        resident, threads, fds = family(PROCESS_RESIDENT), family(PROCESS_THREADS), family(PROCESS_FDS)
        peak, cpu = family(PROCESS_PEAK), family(PROCESS_CPU)
        with self._lock:
            for alias, watched in self._watched.items():
                peak.add_metric([alias], watched.peak_bytes)
                cpu.add_metric([alias], watched.cpu_seconds)
                if watched.resident_bytes is not None:
                    resident.add_metric([alias], watched.resident_bytes)
                    threads.add_metric([alias], watched.threads)
                    fds.add_metric([alias], watched.open_fds)
        yield from (resident, peak, cpu, threads, fds)
