"""A transaction's changes on the newest catalogue: what a commit does when others have committed since it began."""

from collections import defaultdict
from collections.abc import Sequence

from targets.vast.catalogue import Catalogue, TableName
from targets.vast.changes import Change
from targets.vast.rowchanges import RowsDeleted, RowsInserted, RowsUpdated

MOST_CHUNKS = 8
"""Chunks that are copied on the event loop: a few ms each at the worst."""
_ROW_CHANGES = (RowsInserted, RowsUpdated, RowsDeleted)


def applied(catalogue: Catalogue, changes: Sequence[Change]) -> Catalogue:
    """The catalogue with all the changes, in order."""
    for change in changes:
        catalogue = change.applied(catalogue)
    return catalogue


def merged(newest: Catalogue, base: Catalogue, own: Catalogue, changes: Sequence[Change]) -> Catalogue:
    """The newest catalogue with a transaction's changes: its own tables where nobody else has changed them meanwhile.

    Args:
        newest: with the commits of others since the transaction began.
        base: what it began on.
        own: that one with its changes.
        changes: these, in order; their locks are held.
    """
    if newest is base:
        return own
    names = []
    for change in changes:
        if not isinstance(change, _ROW_CHANGES):
            return applied(newest, changes)
        names.append(change.name)
    for name in dict.fromkeys(names):
        if newest.table(name) is base.table(name):
            newest = newest.with_table(name, own.table(name))
        else:
            newest = applied(newest, [c for c in changes if isinstance(c, _ROW_CHANGES) and c.name == name])
    return newest


def is_dear(newest: Catalogue, base: Catalogue, own: Catalogue, changes: Sequence[Change]) -> bool:
    """Whether to merge is worth a thread: each chunk in which rows are changed, or come in between, is copied."""
    if newest is base:
        return False
    touched: dict[TableName, int] = defaultdict(int)
    for change in changes:
        if isinstance(change, RowsUpdated | RowsDeleted) or (isinstance(change, RowsInserted) and change.external):
            touched[change.name] += change.batch.num_rows
    return sum(_chunks(own, name, rows) for name, rows in touched.items()) > MOST_CHUNKS


def _chunks(catalogue: Catalogue, name: TableName, rows: int) -> int:
    """In how many chunks so many rows of a table are at the most; a table that is gone has none."""
    return min(rows, len(catalogue.table(name).rows.chunks)) if catalogue.has_table(name) else 0
