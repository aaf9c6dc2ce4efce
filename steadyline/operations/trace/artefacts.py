"""Counting run-scoped projects from outside, by their names and ages, whoever made them; deleting what crashed runs left."""

import itertools
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operations.http.wire import Wire
from steadyline.operations.renewal import is_run_scoped
from steadyline.outcome import IntegrityError

PAGE = 1000
"""Rows of one question; the most that the API gives."""


def new_id() -> str:
    """An id for a row to be made, chosen here: what was made without an answer can then still be deleted."""
    return str(uuid.uuid4())


def rows_in(answer: Any, key: str) -> list[dict[str, Any]]:
    """The rows of a page.

    Raises:
        IntegrityError: the answer has none: it is not the Trace API's.
    """
    rows = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IntegrityError(f"the answer has no list of {key}")
    return rows


@dataclass(frozen=True, slots=True)
class Found:
    """A run-scoped project as seen from outside: its age is by the target's clock alone."""

    id: str
    name: str
    age_seconds: float
    rows: int

    @property
    def was_left_by_a_crash(self) -> bool:
        """Past twice its lifetime; a younger one may be another live run's on the same target."""
        return self.age_seconds > 2 * RUN_LIFETIME_SECONDS


def run_scoped(wire: Wire) -> Iterator[Found]:
    """All run-scoped projects there are, with the number of their rows (soft-deleted items too)."""
    for project in pages(wire, "projects", {"prefix": RUN_PREFIX}):
        found = _found(project)
        if is_run_scoped(found.name, found.id):
            yield found


def _found(project: Any) -> Found:
    try:
        return Found(project["id"], str(project["name"]), project["age_seconds"], 1 + project["items"] + project["links"])
    except (LookupError, TypeError):
        raise IntegrityError("a project is not shown with its name, its age and its counts") from None


def pages(wire: Wire, key: str, query: dict[str, str | int | bool]) -> Iterator[dict[str, Any]]:
    """All rows of a list, page by page."""
    for skip in itertools.count(0, PAGE):
        rows = rows_in(wire.send("GET", key, query={**query, "skip": skip, "limit": PAGE}), key)
        yield from rows
        if len(rows) < PAGE:
            return


def row_ids(wire: Wire, project_id: str) -> set[str]:
    """The ids of all items (soft-deleted ones too) and links of a project."""
    items = pages(wire, "items", {"project_id": project_id, "with_deleted": True})
    links = pages(wire, "links", {"project_id": project_id})
    return {row["id"] for rows in (items, links) for row in rows}


def left(wire: Wire, ours: Collection[str], overdue: Collection[str] = ()) -> list[Found]:
    """Projects that should be gone: those of crashed runs, and our own predecessors that are overdue."""
    return [p for p in run_scoped(wire) if p.id in overdue or (p.was_left_by_a_crash and p.id not in ours)]


def delete_project(wire: Wire, project_id: str) -> int:
    """Delete a project and all in it for good; answer how many rows went, 0 where it was gone already."""
    path = f"projects/{project_id}"
    found = wire.find(path)
    return _found(found).rows if found is not None and wire.delete(path) else 0
