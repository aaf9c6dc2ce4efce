"""Two operations of one's own: what a team waits for each day, asked by one function each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.trace.client import TraceClient
from steadyline.outcome import IntegrityError
from targets.trace.model import Item

TASKS = 50
"""What the team's board shows at once."""
_OPEN = select(Item).where(Item.status == "todo", Item.deleted_at.is_(None)).order_by(Item.priority.desc()).limit(TASKS)


# The first reads only, so it needs nothing to be prepared or cleaned up, and runs on read-only targets too.


def _verify_tasks(_client: SqlClient, _prepared: None, tasks: Sequence[Item]) -> None:
    """The answer is right, or the attempt is a failure with reason integrity."""
    ranks = [task.priority for task in tasks]
    if any(task.status != "todo" for task in tasks) or ranks != sorted(ranks, reverse=True):
        raise IntegrityError("a task is shown that is not open, or not in the order of priority")


@operation("sql.open_tasks", probe_every_seconds=DEAR_SECONDS, verify=_verify_tasks)
def open_tasks(client: SqlClient, _prepared: None) -> Sequence[Item]:
    """How long the team's board takes to load: the 50 most urgent open tasks over all projects."""
    with client.session() as session:
        return session.scalars(_OPEN).all()


# The second writes: it makes a task of its own, closes it, and deletes it, whatever happened in between.


@dataclass(frozen=True, slots=True)
class Task:
    """The task of one attempt; its id is chosen before it is written, so that the cleanup finds it in any case."""

    id: str

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"items/{self.id}"


def _open_task(client: TraceClient) -> Task:
    """Not timed. All that is written lies in the client's run-scoped project, which goes when the client is closed."""
    task = Task(str(uuid4()))
    client.post("items", {"id": task.id, "project_id": client.working.id, "title": "A task to be closed"})
    return task


def _verify_closed(client: TraceClient, task: Task, _answer: Any) -> None:
    """Not timed either."""
    if client.get(task.path)["status"] != "done":
        raise IntegrityError("the task is still open")


def _delete_task(client: TraceClient, task: Task, _answer: Any) -> None:
    client.wire.delete(task.path, permanent=True)


@operation("trace.task_close", writes=True, bytes_moved=800, prepare=_open_task, verify=_verify_closed, cleanup=_delete_task)
def task_close(client: TraceClient, task: Task) -> Any:
    """How long closing a task takes over HTTP: what somebody waits for who ticks it off."""
    return client.put(task.path, {"version": 1, "status": "done"})
