"""Run-scoped projects, whatever the backend: made when first needed, renewed at least hourly, deleted for good."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import uuid4

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operation import PARALLEL_BUDGET_SECONDS

GRACE_SECONDS = 2 * PARALLEL_BUDGET_SECONDS
"""A renewed project's predecessor stays this long: attempts that were prepared in it may still be under way."""
RECHECK_SECONDS = 60.0
"""How often it is asked whether the project is still there; a target that was restored or emptied costs a minute."""
RETRY_SECONDS = 600.0
"""How long after a failed deletion the next one is tried."""


class ClientClosedError(Exception):
    """The client was closed while an attempt wanted to begin: a shutdown, told as cancelled."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """One run-scoped project.

    Attributes:
        id: of the project.
        born: when it was made, Unix time.
        items: ids of the items that it was filled with, by number.
    """

    id: str
    born: float
    items: tuple[str, ...]


def name_of(kind: str, project_id: str) -> str:
    """What the run-scoped project of that id is called."""
    return f"{RUN_PREFIX}{kind}-{project_id}"


def is_run_scoped(name: str, project_id: str) -> bool:
    """Whether a project is one of these: a user may call one `steadyline-roadmap`, but not by its own id."""
    return name.startswith(RUN_PREFIX) and name.endswith(f"-{project_id}")


def delete_each(deletions: Iterable[Callable[[], int]], failures: tuple[type[Exception], ...]) -> int:
    """Try each, so that one that cannot be deleted keeps no other alive; answer how much went.

    Args:
        deletions: each answers how much it deleted.
        failures: after which the others are tried all the same.

    Raises:
        Exception: the first of the failures, at the end; any other at once.
    """
    gone, failed = 0, []
    for delete in deletions:
        try:
            gone += delete()
        except failures as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return gone


class Store(Protocol):
    """Where one kind of run-scoped project is kept."""

    @property
    def kind(self) -> str:
        """Words for its name, as `sql-dataset`."""

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What its methods raise when the target fails."""

    def make(self, project_id: str, name: str) -> tuple[str, ...]:
        """Make and fill a project, dated by the target's clock; answer the ids of its items by number."""

    def is_there(self, project_id: str) -> bool:
        """Ask whether the project still exists."""

    def delete(self, project_id: str) -> int:
        """Delete a project and all in it for good, if it is there; answer how many rows went."""


class RenewedProject:
    """The present run-scoped project of one kind; safe for several threads.

    Args:
        store: where it is kept.
        now: Unix time.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        """Touch nothing yet."""
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._held: Scoped | None = None
        self._seen = 0.0
        self._retired: dict[str, float] = {}
        self._next_deletion = 0.0
        self._closed = False

    @property
    def held(self) -> Scoped | None:
        """The project in use, or None before the first need."""
        return self._held

    @property
    def ids(self) -> set[str]:
        """Ids of all projects that are ours: the one in use, and predecessors not yet deleted."""
        with self._lock:
            return {*self._retired, *([self._held.id] if self._held else [])}

    @property
    def overdue(self) -> set[str]:
        """Ids of predecessors that should be gone by now."""
        with self._lock:
            return {project_id for project_id, due in self._retired.items() if self._now() > due + GRACE_SECONDS}

    def current(self) -> Scoped:
        """The project to work in, made or renewed now where that is due."""
        held = self._held
        if held and self._is_settled(held):
            return held
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client was closed")
            self._delete_retired()
            held = self._held
            if held and self._is_young(held) and self._is_there(held):
                return held
            self._held = self._make()
            if held:
                self._retired[held.id] = self._now() + GRACE_SECONDS
            return self._held

    def _is_young(self, held: Scoped) -> bool:
        return self._now() < held.born + RUN_LIFETIME_SECONDS

    def _is_seen_lately(self) -> bool:
        return self._now() < self._seen + RECHECK_SECONDS

    def _is_settled(self, held: Scoped) -> bool:
        return not self._closed and self._is_seen_lately() and self._is_young(held) and not self._is_deletion_due()

    def _is_there(self, held: Scoped) -> bool:
        if self._is_seen_lately():
            return True
        there = self._store.is_there(held.id)
        if there:  # else it is made anew, and where that fails asked for again by the next attempt
            self._seen = self._now()
        return there

    def _make(self) -> Scoped:
        """Make a project; one that failed half-way, or whose answer was lost, is ours from the start and deleted later."""
        born, project_id = self._now(), str(uuid4())
        self._retired[project_id] = born + GRACE_SECONDS
        items = self._store.make(project_id, name_of(self._store.kind, project_id))
        del self._retired[project_id]
        self._seen = born
        return Scoped(project_id, born, items)

    def _is_deletion_due(self) -> bool:
        return self._now() >= self._next_deletion and any(due <= self._now() for due in list(self._retired.values()))

    def _delete_retired(self) -> None:
        """Delete predecessors; one that cannot be deleted now is counted as leaked, and fails nobody's attempt."""
        if not self._is_deletion_due():
            return
        try:
            self._delete(project_id for project_id, due in list(self._retired.items()) if due <= self._now())
        except self._store.failures:
            self._next_deletion = self._now() + RETRY_SECONDS

    def _delete(self, ids: Iterable[str]) -> int:
        """Delete for good, each whatever becomes of the others; answer how many rows went."""
        return delete_each((partial(self._delete_one, project_id) for project_id in ids), self._store.failures)

    def _delete_one(self, project_id: str) -> int:
        rows = self._store.delete(project_id)
        del self._retired[project_id]
        return rows

    def delete_overdue(self) -> int:
        """Delete predecessors that should be gone by now; answer how many rows went."""
        overdue = self.overdue
        with self._lock:
            return self._delete(project_id for project_id in overdue if project_id in self._retired)

    def close(self) -> None:
        """Delete all projects that are ours for good; later calls of `current` are refused."""
        with self._lock:
            self._closed = True
            if self._held:
                self._retired[self._held.id] = self._now()
            self._held = None
            self._delete(list(self._retired))
