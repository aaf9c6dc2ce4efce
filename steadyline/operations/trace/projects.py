"""Run-scoped projects: made when first needed, renewed at least hourly, deleted for good."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operation import PARALLEL_BUDGET_SECONDS
from steadyline.operations.dataset import content_of
from steadyline.operations.trace.artefacts import new_id
from steadyline.operations.trace.failures import ClientClosedError
from steadyline.operations.trace.wire import Wire
from steadyline.outcome import IntegrityError

GRACE_SECONDS = 2 * PARALLEL_BUDGET_SECONDS
"""A renewed project's predecessor stays this long: attempts that were prepared in it may still be under way."""
RECHECK_SECONDS = 60.0
"""How often it is asked whether the project is still there; a target that was emptied costs a minute."""
RETRY_SECONDS = 600.0
"""How long after a failed deletion the next one is tried."""


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


class RenewedProject:
    """The present run-scoped project of one kind; safe for several threads.

    Args:
        kind: a word in its name.
        wire: how to reach the target.
        items: how many items it is filled with.
        now: Unix time.
    """

    def __init__(self, kind: str, wire: Wire, items: int, now: Callable[[], float]) -> None:
        """Send nothing yet."""
        self._kind = kind
        self._wire = wire
        self._items = items
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
            if not (self._held and self._is_young(self._held) and self._is_there(self._held)):
                fresh = self._make()
                if self._held:
                    self._retired[self._held.id] = self._now() + GRACE_SECONDS
                self._held = fresh
            return self._held

    def _is_young(self, held: Scoped) -> bool:
        return self._now() < held.born + RUN_LIFETIME_SECONDS

    def _is_settled(self, held: Scoped) -> bool:
        seen_lately = self._now() < self._seen + RECHECK_SECONDS
        return not self._closed and seen_lately and self._is_young(held) and not self._is_deletion_due()

    def _is_there(self, held: Scoped) -> bool:
        if self._now() < self._seen + RECHECK_SECONDS:
            return True
        there = self._wire.is_there(f"projects/{held.id}")
        self._seen = self._now()
        return there

    def _make(self) -> Scoped:
        """Make and fill a project; one that fails half-way is deleted later, its id being ours from the start."""
        born, project_id = self._now(), new_id()
        self._retired[project_id] = born
        self._wire.send("POST", "projects", body={"id": project_id, "name": f"{RUN_PREFIX}trace-{self._kind}-{project_id}"})
        contents = [content_of(number) for number in range(self._items)]
        answer = self._wire.send("POST", "items/bulk-create", body={"project_id": project_id, "items": contents})
        items = tuple(answer.get("ids", ())) if isinstance(answer, dict) else ()
        if len(items) != self._items:
            raise IntegrityError(f"{len(items)} items were made, not the {self._items} asked for")
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
            self._delete([project_id for project_id, due in self._retired.items() if due <= self._now()])
        except httpx.HTTPError:
            self._next_deletion = self._now() + RETRY_SECONDS

    def _delete(self, ids: list[str]) -> None:
        for project_id in ids:
            self._wire.delete(f"projects/{project_id}")
            self._retired.pop(project_id, None)

    def forget(self, project_id: str) -> None:
        """The project was deleted by a sweep."""
        with self._lock:
            self._retired.pop(project_id, None)

    def close(self) -> None:
        """Delete all projects that are ours for good; later calls of `current` are refused."""
        with self._lock:
            self._closed = True
            if self._held:
                self._retired[self._held.id] = self._now()
            self._held = None
            self._delete(list(self._retired))
