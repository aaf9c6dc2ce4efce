"""How VAST DB's cost grows: with the rows of one insert, and with what one row is found among."""

from typing import TYPE_CHECKING, Any

from steadyline.operation import growing
from steadyline.operations.vast.dataset import GROWN_ROWS
from steadyline.operations.vast.inserts import (
    CONNECTIONS,
    Rows,
    delete_rows,
    insert,
    inserted_bytes,
    new_rows,
    verify_rows,
)
from steadyline.operations.vast.rows import QUERY_BYTES, Part, one_row, select_one, verify_part

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient


@growing(
    "vast.scale_insert",
    GROWN_ROWS,
    items=lambda count: count,
    writes=True,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes,
    prepare=new_rows,
    verify=verify_rows,
    cleanup=delete_rows,
)
def scale_insert(client: "VastClient", rows: Rows) -> list[int]:
    """How adding 1000, 10 000 and 100 000 rows in one transaction grows: faster than they do where large batches cost more."""
    return insert(client, rows)


@growing(
    "vast.scale_select",
    GROWN_ROWS,
    writes=True,
    concurrency=CONNECTIONS,
    bytes_moved=QUERY_BYTES,
    prepare=lambda client, count: one_row(client, client.grown(count), count),
    verify=verify_part,
)
def scale_select(client: "VastClient", part: Part) -> Any:
    """How finding one row by its id grows among 1000, 10 000 and 100 000: linear is a scan, near nothing an index."""
    return select_one(client, part)
