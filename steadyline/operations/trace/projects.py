"""Run-scoped projects on a Trace target: made by one request, filled by another, deleted for good by a third."""

from dataclasses import dataclass

import httpx

from steadyline.operations.dataset import content_of
from steadyline.operations.http.wire import Wire
from steadyline.operations.trace.artefacts import delete_project
from steadyline.outcome import IntegrityError


@dataclass(frozen=True, slots=True)
class ProjectStore:
    """Where the run-scoped projects of one kind are kept.

    Attributes:
        kind: words for their names.
        wire: how to reach the target.
        items: how many items a project is filled with.
    """

    kind: str
    wire: Wire
    items: int
    failures: tuple[type[Exception], ...] = (httpx.HTTPError, IntegrityError)

    def make(self, project_id: str, name: str) -> tuple[str, ...]:
        """Make and fill a project; the target dates it by its own clock."""
        self.wire.send("POST", "projects", body={"id": project_id, "name": name})
        contents = [content_of(number) for number in range(self.items)]
        answer = self.wire.send("POST", "items/bulk-create", body={"project_id": project_id, "items": contents})
        ids = tuple(answer.get("ids", ())) if isinstance(answer, dict) else ()
        if len(ids) != self.items:
            raise IntegrityError(f"{len(ids)} items were made, not the {self.items} asked for")
        return ids

    def is_there(self, project_id: str) -> bool:
        """Ask whether the project still exists."""
        return self.wire.is_there(f"projects/{project_id}")

    def delete(self, project_id: str) -> int:
        """Delete a project and all in it for good; answer how many rows went."""
        return delete_project(self.wire, project_id)
