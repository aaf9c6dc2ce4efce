"""The exporter: holds the plan, its connections, the schedule and all that is counted, and changes the plan as one."""

import contextlib
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.registry import Collector

from exporters.connection import Connection, close_all, open_all
from exporters.ending import CLOSE_SECONDS, DRAIN_SECONDS
from exporters.facts import Baselines, Run
from exporters.janitor import Janitor
from exporters.job import Job, ranked
from exporters.pacing import Pacing, phase
from exporters.plan import Place, Plan
from exporters.process import Processes
from exporters.punctuality import Punctuality
from exporters.schedule import Schedule, Task
from exporters.single import Single, attempt_once
from exporters.unscraped import Unscraped
from steadyline import heap
from steadyline.errors import ConfigurationError
from steadyline.exposition import Page
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.provenance import revision
from steadyline.recorder import Recorder
from steadyline.vocabulary import EXPORTER_PROCESS, Driver

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """A plan with its connections; replaced as one, so that nobody meets the one without the other."""

    plan: Plan
    connections: Mapping[Place, Connection]


@dataclass(frozen=True, slots=True)
class _Retired:
    """Connections that a reload replaced, and the thread that cleans and closes them."""

    connections: list[Connection]
    closing: threading.Thread


class Exporter:
    """Asks continuously.

    Args:
        read_plan: reads settings and baselines anew and makes a plan of them.
        clock: seconds, monotonic.
        wall_clock: Unix time.
        unscraped: where attempts are kept until a Prometheus has scraped them; nowhere where not given.
    """

    def __init__(
        self,
        read_plan: Callable[[], Plan],
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        unscraped: Path | None = None,
    ) -> None:
        """Hold nothing yet; `start` reads the plan."""
        self._read_plan = read_plan
        self._clock = clock
        self._held: _Held | None = None
        self._retired: list[_Retired] = []
        self._ended = False
        self._bugs: set[str] = set()
        self._changing = threading.Lock()
        self._taking = threading.Lock()
        self._run_start = 0.0
        started = wall_clock()
        run = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(started))}-{uuid.uuid4().hex[:6]}"
        self.schedule = Schedule(clock)
        self.recorder = Recorder(Driver.PROBE)
        self.unscraped = Unscraped(self.recorder, unscraped, wall_clock)
        self.punctuality = Punctuality()
        self.baselines = Baselines()
        self.janitor = Janitor()
        self.processes = Processes(EXPORTER_PROCESS)
        self.run = Run(run, started, revision(Path.cwd()), wall_clock)
        self.page = Page(self._collectors())

    def _collectors(self) -> dict[str, Collector]:
        return {
            "operations": self.recorder,
            "schedule": self.punctuality,
            "baselines": self.baselines,
            "artefacts": self.janitor,
            "processes": self.processes,
            "run": self.run,
        }

    @property
    def plan(self) -> Plan:
        """The plan that holds.

        Raises:
            ConfigurationError: there is none yet.
        """
        return self._holding().plan

    def _holding(self) -> _Held:
        if self._held is None:
            raise ConfigurationError("the exporter has not started")
        return self._held

    def open(self) -> None:
        """Read the plan and connect; nothing is asked of a target but whether it is there.

        Raises:
            ConfigurationError: settings, baselines or caps are wrong; nothing is left open.
        """
        plan = self._read_plan()
        self._held = _Held(plan, open_all(plan, {}))
        self._tell(plan)

    def start(self) -> None:
        """Begin the schedule."""
        self._run_start = self._clock()
        self._take(self._holding())
        self.unscraped.replay()
        self.run.taken()
        self.processes.start()
        heap.settle()
        self.schedule.start()

    def reload(self) -> None:
        """Read settings and baselines anew, and go on with them; no counter of what stays is lost.

        Raises:
            ConfigurationError: they are wrong; everything goes on as before.
        """
        with self._changing:
            try:
                new = self._anew()
                self._replace(self._holding(), new)
            except Exception:
                self.run.refused()
                raise
            self.run.taken()
        self._tell(new.plan)

    def _anew(self) -> _Held:
        plan, held = self._read_plan(), self._holding()
        if plan.settings.ports.exporter != held.plan.settings.ports.exporter:
            raise ConfigurationError("ports.exporter: changed; restart the exporter to listen elsewhere")
        return _Held(plan, open_all(plan, held.connections))

    def _replace(self, old: _Held, new: _Held) -> None:
        """Go on with the new, and retire what it has no use for; at the end the new is retired itself."""
        with self._taking:
            kept, gone = (old, new) if self._ended else (new, old)
            if not self._ended:
                self._take(new)
            retired = [c for place, c in gone.connections.items() if kept.connections.get(place) is not c]
            closing = threading.Thread(target=close_all, args=(retired, DRAIN_SECONDS), name="retire", daemon=True)
            self._retired = [*(each for each in self._retired if each.closing.is_alive()), _Retired(retired, closing)]
            closing.start()
        if kept is old:
            raise ConfigurationError("the exporter is ending; start it again to take the new settings")

    def probe(self, name: str, alias: str | None, within_seconds: float) -> Single:
        """One attempt now, outside the schedule and its counts.

        Raises:
            ConfigurationError: unknown operation or target, or the write guard forbids it.
            UnreachableError: the target's connection is being closed.
        """
        held = self._holding()
        operation, chosen = held.plan.choose(name, alias)
        return attempt_once(held.connections[operation.backend, chosen], operation, within_seconds, self._on_bug)

    def redact(self, text: str) -> str:
        """The text without any target's secrets."""
        held = self._held.connections.values() if self._held else ()
        for connection in (*held, *(gone for each in self._retired for gone in each.connections)):
            text = connection.redact(text)
        return text

    def close(self) -> None:
        """Start nothing more, let what runs finish, delete what was written; what a reload retired too."""
        deadline = time.monotonic() + DRAIN_SECONDS + CLOSE_SECONDS
        with self._taking:
            self._ended = True
        self.schedule.stop()
        self.processes.stop()
        close_all(self._held.connections.values() if self._held else (), DRAIN_SECONDS)
        for each in self._retired:
            each.closing.join(max(0.0, deadline - time.monotonic()))
        self.unscraped.close()

    def _take(self, held: _Held) -> None:
        plan, connections = held.plan, held.connections
        gone = {job.key for job in self.baselines.jobs} - {job.key for job in plan.jobs}
        tasks = [self._task(job, connections, rank, count) for job, rank, count in ranked(plan.jobs)]
        self.schedule.swap([*tasks, *self.janitor.tasks(connections, self._clock())])
        self._held, self.baselines.jobs = held, plan.jobs
        self.processes.watch(plan.settings.processes)
        for name, alias in gone:
            self.recorder.forget(name, alias)
            self.punctuality.forget(name, alias)

    def _task(self, job: Job, connections: Mapping[Place, Connection], rank: int, count: int) -> Task:
        operation, connection = job.operation, connections[job.operation.backend, job.alias]
        attempt = connection.attempt(time.perf_counter, self._on_bug)
        self.recorder.declare(operation, job.alias, job.edges)
        delayed, skipped = self.punctuality.declare(operation, job.alias, job.interval_seconds)
        offset = phase(rank, count, job.interval_seconds)
        return Task(
            name=operation.name,
            pacing=Pacing(self._run_start, job.interval_seconds, offset, "/".join(job.key)),
            workers=connection.workers,
            permits=operation.concurrency,
            timeout_seconds=operation.timeout_seconds,
            work=lambda: attempt(operation),
            settle=lambda outcome: self._record(job, outcome),
            late=lambda: self._record(job, Outcome(operation.timeout_seconds, Reason.TIMEOUT, detail="abandoned")),
            delayed=delayed,
            skipped=skipped,
        )

    def _record(self, job: Job, outcome: Outcome) -> None:
        with contextlib.suppress(KeyError):  # forgotten by a reload while its answer was on the way
            self.unscraped.record(*job.key, outcome)

    def _on_bug(self, operation: Operation, error: Exception) -> None:
        """Say once for each operation what no backend knows; it counts as reason other each time."""
        if operation.name not in self._bugs:
            self._bugs.add(operation.name)
            LOG.error("%s: a bug, counted as reason other from now on", operation.name, exc_info=error)

    def _tell(self, plan: Plan) -> None:
        LOG.info("%d operations on %d targets are scheduled", len(plan.jobs), len(plan.targets))
        for alias, left_out in itertools.groupby(plan.left_out, key=lambda place: place[1]):
            names = ", ".join(name for name, _ in left_out)
            LOG.warning("target %s is read-only; left out because they write: %s", alias, names)
