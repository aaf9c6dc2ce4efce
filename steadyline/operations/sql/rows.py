"""Rows by their ids, of whichever table: counted, and deleted for good."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, select

from steadyline.operations.sql.client import SqlClient
from targets.trace.model import Item, Link

Table = type[Item] | type[Link]


def count_those(client: SqlClient, table: Table, ids: Collection[str], *also: ColumnElement[bool]) -> int:
    """How many of these rows are in the database, and are so; counted by a session of its own."""
    asked = select(func.count()).select_from(table).where(table.id.in_(ids), *also)
    with client.session() as session:
        return session.scalars(asked).one()


def delete_those(client: SqlClient, table: Table, ids: Collection[str]) -> int:
    """Delete what is there of these rows for good, in one statement and transaction; answer how many went."""
    with client.session.begin() as session:
        gone = cast("CursorResult[Any]", session.execute(delete(table).where(table.id.in_(ids))))
        return gone.rowcount
