"""VAST DB under stress: readers and writers at once, large data, much memory, deleting under load. Never probed."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.stress import stress
from steadyline.operations.vast.cleanup import ID_BYTES
from steadyline.operations.vast.dataset import RANGE_ROWS
from steadyline.operations.vast.inserts import (
    CHANGE_BYTES,
    CONNECTIONS,
    ROW_BYTES,
    Rows,
    delete_rows,
    insert,
    inserted_bytes,
    new_rows,
    require_rows,
    verify_rows,
)
from steadyline.operations.vast.rows import (
    QUERY_BYTES,
    Change,
    Part,
    Written,
    delete_left,
    next_change,
    select_range,
    some_range,
    update,
    verify_deleted,
    verify_part,
    verify_updated,
    written_rows,
)

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

INSERTERS, READERS, UPDATERS = 4, 3, 3
MIXED_ROWS = 100
"""Of each insert in the mix."""
LARGE_ROWS = 50_000
HOLDERS = 4
HELD_ROWS = 10_000
DELETERS = 5
DELETED_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Mix:
    """What several threads do at once, each its own."""

    inserts: list[Rows]
    reads: list[Part]
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Mixed:
    """What became of a mix: `$row_id`s of each insert, and rows of each read."""

    row_ids: list[list[int]]
    found: list[Any]


def _mix(client: "VastClient") -> Mix:
    return Mix(
        [new_rows(client, MIXED_ROWS) for _ in range(INSERTERS)],
        [some_range(client) for _ in range(READERS)],
        [next_change(client) for _ in range(UPDATERS)],
    )


def _verify_mix(client: "VastClient", mix: Mix, mixed: Mixed) -> None:
    for rows in mix.inserts:
        verify_rows(client, rows, None)
    for part, found in zip(mix.reads, mixed.found, strict=True):
        verify_part(client, part, found)
    for change in mix.changes:
        verify_updated(client, change, None)


def _delete_mix(client: "VastClient", mix: Mix, _mixed: Mixed | None) -> None:
    for rows in mix.inserts:
        delete_rows(client, rows, None)


@stress(
    "vast.stress_concurrent_10",
    items=INSERTERS + READERS + UPDATERS,
    concurrency=INSERTERS + CONNECTIONS * READERS + UPDATERS,
    bytes_moved=INSERTERS * inserted_bytes(MIXED_ROWS)
    + READERS * (QUERY_BYTES + RANGE_ROWS * ROW_BYTES)
    + UPDATERS * CHANGE_BYTES,
    prepare=_mix,
    verify=_verify_mix,
    cleanup=_delete_mix,
)
def stress_concurrent_10(client: "VastClient", mix: Mix) -> Mixed:
    """How long four inserts, three range queries and three updates take at once: what readers and writers cost."""
    works: list[Any] = [
        *(partial(insert, client, rows) for rows in mix.inserts),
        *(partial(select_range, client, part) for part in mix.reads),
        *(partial(update, client, change) for change in mix.changes),
    ]
    done = side_by_side(works)
    return Mixed(done[:INSERTERS], done[INSERTERS : INSERTERS + READERS])


@dataclass(frozen=True, slots=True)
class Returned:
    """Rows that were written, and what came back of them."""

    row_ids: list[int]
    found: Any


def _write_and_read(client: "VastClient", rows: Rows) -> Returned:
    row_ids = insert(client, rows)
    return Returned(row_ids, select_range(client, Part(rows.schema, rows.numbers)))


def _round_trip_bytes(rows: int) -> int:
    """Of so many rows written and read back."""
    return inserted_bytes(rows) + QUERY_BYTES + rows * ROW_BYTES


def _verify_returned(client: "VastClient", rows: Rows, returned: Returned) -> None:
    require_rows(client, returned.found, rows.batch)
    verify_rows(client, rows, None)


def _delete_returned(client: "VastClient", rows: Rows, returned: Returned | None) -> None:
    delete_rows(client, rows, returned.row_ids if returned else None)


@stress(
    "vast.stress_large_50000",
    items=LARGE_ROWS,
    concurrency=CONNECTIONS,
    bytes_moved=_round_trip_bytes(LARGE_ROWS),
    prepare=lambda client: new_rows(client, LARGE_ROWS),
    verify=_verify_returned,
    cleanup=_delete_returned,
)
def stress_large_50000(client: "VastClient", rows: Rows) -> Returned:
    """How long 50 000 rows (10 MB) take to be committed and to come back whole: the most one client moves."""
    return _write_and_read(client, rows)


def _verify_held(client: "VastClient", held: list[Rows], returned: list[Returned]) -> None:
    for rows, back in zip(held, returned, strict=True):
        _verify_returned(client, rows, back)


def _delete_held(client: "VastClient", held: list[Rows], returned: list[Returned] | None) -> None:
    for number, rows in enumerate(held):
        _delete_returned(client, rows, returned[number] if returned else None)


@stress(
    "vast.stress_memory_4",
    items=HOLDERS * HELD_ROWS,
    concurrency=HOLDERS * CONNECTIONS,
    bytes_moved=HOLDERS * _round_trip_bytes(HELD_ROWS),
    prepare=lambda client: [new_rows(client, HELD_ROWS) for _ in range(HOLDERS)],
    verify=_verify_held,
    cleanup=_delete_held,
)
def stress_memory_4(client: "VastClient", held: list[Rows]) -> list[Returned]:
    """What four threads take that write 10 000 rows each and read them back: its peak memory shows what each costs."""
    return side_by_side([partial(_write_and_read, client, rows) for rows in held])


@dataclass(frozen=True, slots=True)
class Turnover:
    """Rows to be deleted, and others to be inserted meanwhile."""

    old: list[Written]
    new: list[Rows]


def _turnover(client: "VastClient") -> Turnover:
    new = [new_rows(client, DELETED_ROWS) for _ in range(DELETERS)]
    written = written_rows(client, DELETERS * DELETED_ROWS)
    return Turnover([_share(written, number) for number in range(DELETERS)], new)


def _share(written: Written, number: int) -> Written:
    """One thread's part of the rows to be deleted."""
    first, rows = number * DELETED_ROWS, written.rows
    part = Rows(rows.schema, rows.numbers[first : first + DELETED_ROWS], rows.batch.slice(first, DELETED_ROWS))
    return Written(part, written.found.slice(first, DELETED_ROWS))


def _verify_turnover(client: "VastClient", turnover: Turnover, _result: object) -> None:
    for written in turnover.old:
        verify_deleted(client, written, None)
    for rows in turnover.new:
        verify_rows(client, rows, None)


def _delete_turnover(client: "VastClient", turnover: Turnover, _result: object) -> None:
    for written in turnover.old:
        delete_left(client, written, None)
    for rows in turnover.new:
        delete_rows(client, rows, None)


def _delete(client: "VastClient", written: Written) -> None:
    with client.transaction() as tx:
        tx.table_from_metadata(written.rows.schema.table).delete(written.found)


@stress(
    "vast.stress_cleanup_5000",
    items=DELETERS * DELETED_ROWS,
    concurrency=2 * DELETERS,
    bytes_moved=inserted_bytes(DELETERS * DELETED_ROWS)  # prepare's
    + DELETERS * (inserted_bytes(DELETED_ROWS) + CHANGE_BYTES + DELETED_ROWS * ID_BYTES),
    prepare=_turnover,
    verify=_verify_turnover,
    cleanup=_delete_turnover,
)
def stress_cleanup_5000(client: "VastClient", turnover: Turnover) -> None:
    """How long five threads take to delete 5000 rows while five others insert as many there: cleaning up under load."""
    deleting: list[Any] = [partial(_delete, client, written) for written in turnover.old]
    side_by_side([*deleting, *(partial(insert, client, rows) for rows in turnover.new)])
