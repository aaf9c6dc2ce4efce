"""Single items and links: what a user of the Trace API waits for with each click."""

from dataclasses import dataclass
from typing import Any

from steadyline.operation import in_run_scope, operation
from steadyline.operations.dataset import DATASET_ITEMS, WORKING_ITEMS, content_of
from steadyline.operations.trace.artefacts import new_id, rows_in
from steadyline.operations.trace.client import TraceClient
from steadyline.outcome import IntegrityError

ITEM_BYTES = 1200
"""Of a request and an answer that hold one item each, rounded up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item that an attempt is about.

    Attributes:
        id: the item's; chosen before it is written, so that cleaning up finds what a failed attempt left.
        project_id: the run-scoped project it lies in.
        number: of its content.
        version: what it is at, where the attempt changes it.
    """

    id: str
    project_id: str
    number: int
    version: int = 1

    @property
    def path(self) -> str:
        """Where the item is."""
        return f"items/{self.id}"

    def is_shown_by(self, answer: Any) -> bool:
        """Whether an answer is this item with its content."""
        expected = {**content_of(self.number), "id": self.id, "project_id": self.project_id, "version": self.version}
        return isinstance(answer, dict) and expected.items() <= answer.items()


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise IntegrityError(what)


def _new_row(client: TraceClient) -> Row:
    return Row(new_id(), client.working.id, client.turn())


def _dataset_row(client: TraceClient) -> Row:
    dataset, number = client.dataset, client.turn() % DATASET_ITEMS
    return Row(dataset.items[number], dataset.id, number)


def _body_of(row: Row) -> dict[str, Any]:
    return {**content_of(row.number), "id": row.id, "project_id": row.project_id}


def _delete_item(client: TraceClient, row: Row, _result: object) -> None:
    client.wire.delete(row.path, permanent=True)


def _verify_created(client: TraceClient, row: Row, answer: Any) -> None:
    _require(row.is_shown_by(answer), "the answer is not the item as it was to be made")
    _require(row.is_shown_by(client.get(row.path)), "the item that is there is not as it was to be made")


@operation(
    "trace.item_create", writes=True, bytes_moved=ITEM_BYTES, prepare=_new_row, verify=_verify_created, cleanup=_delete_item
)
def item_create(client: TraceClient, row: Row) -> Any:
    """How long adding one item takes over HTTP: validation, one insert made durable, and the item as JSON."""
    return client.post("items", _body_of(row))


def _verify_read(_client: TraceClient, row: Row, answer: Any) -> None:
    _require(row.is_shown_by(answer), "the item read is not the one asked for")


@operation("trace.item_read", writes=True, bytes_moved=ITEM_BYTES, prepare=_dataset_row, verify=_verify_read)
def item_read(client: TraceClient, row: Row) -> Any:
    """How long fetching one item by its id takes over HTTP: the shortest way through server and database."""
    return client.get(row.path)


@dataclass(frozen=True, slots=True)
class Change:
    """A change to be made of an item that is there."""

    path: str
    version: int
    status: str
    priority: int

    def is_shown_by(self, answer: Any) -> bool:
        """Whether an answer is the item after the change."""
        expected = {"version": self.version + 1, "status": self.status, "priority": self.priority}
        return isinstance(answer, dict) and expected.items() <= answer.items()


def _change(client: TraceClient) -> Change:
    """The next of the working items, at the version that it has now."""
    number = client.turn()
    path = f"items/{client.working.items[number % WORKING_ITEMS]}"
    there = client.get(path)
    _require(isinstance(there, dict) and {"version", "status"} <= there.keys(), "the item to change is not shown whole")
    return Change(path, there["version"], "done" if there["status"] == "todo" else "todo", number)


def _verify_updated(client: TraceClient, change: Change, answer: Any) -> None:
    _require(change.is_shown_by(answer), "the answer is not the item as it was to be changed")
    _require(change.is_shown_by(client.get(change.path)), "the item that is there is not as it was to be changed")


@operation(
    "trace.item_update",
    writes=True,
    bytes_moved=ITEM_BYTES,
    prepare=_change,
    verify=_verify_updated,
    cleanup=in_run_scope,
)
def item_update(client: TraceClient, change: Change) -> Any:
    """How long changing one item takes over HTTP: a read, an update under the optimistic lock, and a commit."""
    return client.put(change.path, {"version": change.version, "status": change.status, "priority": change.priority})


def _written_row(client: TraceClient) -> Row:
    row = _new_row(client)
    client.post("items", _body_of(row))
    return row


def _verify_deleted(client: TraceClient, row: Row, _result: object) -> None:
    _require(not client.wire.is_there(row.path), "the deleted item is still shown")


@operation("trace.item_delete", writes=True, prepare=_written_row, verify=_verify_deleted, cleanup=_delete_item)
def item_delete(client: TraceClient, row: Row) -> None:
    """How long deleting one item takes over HTTP, as the application does it: a read, the mark that hides it, a commit."""
    client.delete(row.path)


@dataclass(frozen=True, slots=True)
class Ends:
    """A link to be made, and the two items it connects."""

    id: str
    project_id: str
    source_item_id: str
    target_item_id: str
    link_type: str = "relates_to"

    @property
    def body(self) -> dict[str, str]:
        """The link as the API takes and shows it."""
        names = ("id", "project_id", "source_item_id", "target_item_id", "link_type")
        return {name: getattr(self, name) for name in names}


def _ends(client: TraceClient) -> Ends:
    working, number = client.working, client.turn()
    return Ends(new_id(), working.id, working.items[number % WORKING_ITEMS], working.items[(number + 1) % WORKING_ITEMS])


def _verify_linked(client: TraceClient, ends: Ends, answer: Any) -> None:
    _require(
        isinstance(answer, dict) and ends.body.items() <= answer.items(), "the answer is not the link as it was to be made"
    )
    there = rows_in(client.get("links", source_item_id=ends.source_item_id), "links")
    _require(any(ends.body.items() <= link.items() for link in there), "the link is not there as it was to be made")


def _delete_link(client: TraceClient, ends: Ends, _result: object) -> None:
    client.wire.delete(f"links/{ends.id}")


@operation("trace.link_create", writes=True, bytes_moved=600, prepare=_ends, verify=_verify_linked, cleanup=_delete_link)
def link_create(client: TraceClient, ends: Ends) -> Any:
    """How long connecting two items takes over HTTP: both looked up, one insert with three foreign keys, and a commit."""
    return client.post("links", ends.body)
