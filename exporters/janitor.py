"""The janitor: sweeps what crashed runs left in a target, and counts from outside what should be gone."""

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporters.connection import Connection
from exporters.pacing import Pacing
from exporters.plan import Place
from exporters.schedule import Task
from steadyline.exposition import family
from steadyline.vocabulary import LEAKED_ARTEFACTS, SWEPT_ARTEFACTS

LOG = logging.getLogger(__name__)
NAME = "janitor"
INTERVAL_SECONDS = 3600.0
FIRST_SECONDS = 1.0
"""How long after a target is connected it is swept for the first time."""
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep found; None where the target raised."""

    swept: int
    leaked: int | None


class Janitor(Collector):
    """Sweeps and counts on targets that may be written to; nothing of ours can lie in the others."""

    def __init__(self) -> None:
        """Start without series."""
        self._swept: dict[Place, int] = {}
        self._leaked: dict[Place, int | None] = {}
        self._since: dict[Connection, float] = {}
        self._lock = threading.Lock()

    def tasks(self, connections: Mapping[Place, Connection], now: float) -> list[Task]:
        """One task for each target that may be written to; series of other targets end."""
        kept = {place: connection for place, connection in connections.items() if connection.target.allow_writes}
        with self._lock:
            self._swept = {place: self._swept.get(place, 0) for place in kept}
            self._leaked = {place: self._leaked.get(place) for place in kept}
            self._since = {connection: self._since.get(connection, now) for connection in kept.values()}
        return [self._task(connection, since) for connection, since in self._since.items()]

    def _task(self, connection: Connection, since: float) -> Task:
        place = connection.place
        return Task(
            name=NAME,
            pacing=Pacing(since, INTERVAL_SECONDS, FIRST_SECONDS, f"{NAME}/{place}", jitter_fraction=0.0),
            workers=connection.workers,
            permits=1,
            timeout_seconds=TIMEOUT_SECONDS,
            work=lambda: clean(connection),
            settle=lambda sweep: self._settle(place, sweep),
            late=lambda: self._settle(place, Sweep(0, None)),
            awaited=False,
        )

    def _settle(self, place: Place, sweep: Sweep) -> None:
        with self._lock:
            if place in self._swept:
                self._swept[place] += sweep.swept
                self._leaked[place] = sweep.leaked

    def collect(self) -> Iterator[Family]:
        """The two families; a target that could not be counted has no leaked series."""
        swept, leaked = family(SWEPT_ARTEFACTS), family(LEAKED_ARTEFACTS)
        with self._lock:
            for place, count in self._swept.items():
                swept.add_metric(place, count)
            for place, found in self._leaked.items():
                if found is not None:
                    leaked.add_metric(place, found)
        yield from (swept, leaked)


def clean(connection: Connection) -> Sweep:
    """Sweep one target and count what is left; one that does not answer is an outcome, and a line of the log."""
    swept = 0
    try:
        swept = connection.client.sweep()
        return Sweep(swept, connection.client.leaked())
    except Exception as error:  # noqa: BLE001 - an unreachable target is an outcome here too
        LOG.warning("%s target %s: the janitor could not clean up: %s", *connection.place, connection.redact(str(error)))
        return Sweep(swept, None)
