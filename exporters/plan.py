"""The plan: what runs against which target, decided wholly from settings, catalogue and baselines before anything starts."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from exporters import capacity
from exporters.job import Job
from steadyline.backend import Backend
from steadyline.baseline import Baseline, most_specific
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation, Suite
from steadyline.settings import Settings
from steadyline.target import Target
from steadyline.vocabulary import EXPORTER_PROCESS, Driver

Place = tuple[str, str]
"""A target: backend and alias (an alias is unique within its backend only)."""


class Catalogue(Protocol):
    """Where operations and backends come from: the module `steadyline.catalogue`."""

    def backends(self) -> Iterable[str]:
        """The names of all backends."""

    def operations(self, backends: Iterable[str]) -> dict[str, Operation]:
        """All operations of the backends by name."""

    def backend(self, name: str) -> Backend:
        """The backend of that name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one exporter does.

    Attributes:
        settings: what it was made from.
        targets: every target by backend and alias.
        backends: by name, those that have targets.
        operations: by name, of those backends.
        jobs: what is scheduled.
        left_out: operation and alias of what would be scheduled, but writes where the target is read-only.
        baselines: those that were known.
    """

    settings: Settings
    targets: Mapping[Place, Target]
    backends: Mapping[str, Backend]
    operations: Mapping[str, Operation]
    jobs: tuple[Job, ...]
    left_out: tuple[Place, ...]
    baselines: tuple[Baseline, ...]

    def jobs_of(self, place: Place) -> list[Job]:
        """What is scheduled on one target."""
        return [job for job in self.jobs if (job.operation.backend, job.alias) == place]

    def choose(self, name: str, alias: str | None) -> tuple[Operation, str]:
        """The operation and the target's alias for one attempt now; without an alias the only target is taken.

        Raises:
            ConfigurationError: unknown operation or target, no single target, or the write guard forbids it.
        """
        operation = self.operations.get(name)
        if operation is None:
            near = difflib.get_close_matches(name, self.operations, n=3, cutoff=0.4) or list(self.operations)[:3]
            raise ConfigurationError(f"no operation {name!r}; there are {', '.join(near)} … (steadyline operations lists all)")
        aliases = [known for backend, known in self.targets if backend == operation.backend]
        if alias is None and len(aliases) != 1:
            raise ConfigurationError(f"{name}: name one of its targets: {', '.join(aliases)}")
        chosen = alias or aliases[0]
        if chosen not in aliases:
            raise ConfigurationError(f"{name}: no target {chosen!r} in the settings; there are {', '.join(aliases)}")
        self._guard(operation, chosen)
        return operation, chosen

    def _guard(self, operation: Operation, alias: str) -> None:
        target = self.targets[operation.backend, alias]
        if operation.writes and not target.allow_writes:
            raise ConfigurationError(
                f"{operation.name}: writes, and target {alias!r} is read-only; set allow_writes for it to run this"
            )
        if operation.concurrency > target.concurrency:
            raise ConfigurationError(
                f"{operation.name}: holds {operation.concurrency} connections, and target {alias!r} is capped at "
                f"{target.concurrency}; raise its concurrency"
            )


def is_scheduled(operation: Operation) -> bool:
    """Whether the continuous probe asks it: performance operations with a cadence."""
    return operation.suite is Suite.PERFORMANCE and operation.probe_every_seconds is not None


def make(settings: Settings, baselines: tuple[Baseline, ...], catalogue: Catalogue) -> Plan:
    """Decide what runs.

    Raises:
        ConfigurationError: a cap under what the cadences need, or a process alias that is taken; all faults at once.
    """
    every = catalogue.backends()
    targets = {(backend, alias): target for backend in every for alias, target in settings.targets_of(backend).items()}
    names = list(dict.fromkeys(backend for backend, _ in targets))
    operations = catalogue.operations(names)
    jobs, left_out = [], []
    for (backend, alias), target in targets.items():
        for operation in operations.values():
            if operation.backend != backend or not is_scheduled(operation):
                continue
            if operation.writes and not target.allow_writes:
                left_out.append((operation.name, alias))
            else:
                jobs.append(_job(operation, alias, target, baselines))
    plan = Plan(
        settings, targets, {n: catalogue.backend(n) for n in names}, operations, tuple(jobs), tuple(left_out), baselines
    )
    if found := [*_process_faults(settings), *(f for p in targets for f in capacity.faults(p[1], plan.jobs_of(p)))]:
        raise ConfigurationError(found)
    return plan


def _job(operation: Operation, alias: str, target: Target, baselines: tuple[Baseline, ...]) -> Job:
    interval = operation.probe_every_seconds or 0.0
    return Job(operation, alias, target, interval, most_specific(baselines, operation.name, alias, Driver.PROBE))


def _process_faults(settings: Settings) -> list[str]:
    taken = EXPORTER_PROCESS in settings.processes
    return [f"processes.{EXPORTER_PROCESS}: this alias is the exporter's own; choose another"] if taken else []
