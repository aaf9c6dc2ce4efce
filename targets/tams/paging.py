"""Pages of lists: VAST DB has no order, so a page is cut here, and as little as can be is read for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import URL

from targets.tams.database import Predicate, Transaction, all_of
from targets.tams.tables import Row


@dataclass(frozen=True, slots=True)
class Listing:
    """A list to cut a page of.

    Attributes:
        table: whose rows it has.
        key: the column that orders it, unique among the rows that are asked for.
        conditions: what rows must meet; VAST evaluates them.
        keep: what they must meet besides, by `kept_by` columns.
        kept_by: the columns that `keep` looks at.
        columns: those of its rows; all by default.
        is_descending: the order.
    """

    table: str
    key: str
    conditions: Sequence[Predicate] = ()
    keep: Callable[[Row], bool] | None = None
    kept_by: Sequence[str] = ()
    columns: Sequence[str] | None = None
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A page: its rows in order, and the key to ask for the next one with, None when it is the last."""

    rows: list[Row]
    next_key: Any


def cut(tx: Transaction, listing: Listing, size: int, after: Any = None) -> Cut:
    """The page of at most `size` rows that follows the key `after`, or the first.

    What fits a page is read at once. Of more, only the keys are read, and then the rows between the page's own.
    """
    conditions = [*listing.conditions, *([] if after is None else [_beyond(listing, after)])]
    rows = tx.select(listing.table, all_of(conditions), listing.columns, limit=size + 1)
    if len(rows) <= size:
        return Cut(_ordered(listing, rows), None)
    columns = sorted({listing.key, *listing.kept_by})
    keys = [row[listing.key] for row in _ordered(listing, tx.select(listing.table, all_of(conditions), columns))]
    page = keys[:size]
    if not page:
        return Cut([], None)
    least, most = min(page[0], page[-1]), max(page[0], page[-1])
    within: Predicate = lambda table: (table[listing.key] >= least) & (table[listing.key] <= most)  # noqa: E731 - a condition, as its kin
    rows = tx.select(listing.table, all_of([*conditions, within]), listing.columns)
    return Cut(_ordered(listing, rows), page[-1] if len(keys) > size else None)


def _beyond(listing: Listing, after: Any) -> Predicate:
    if listing.is_descending:
        return lambda table: table[listing.key] < after
    return lambda table: table[listing.key] > after


def _ordered(listing: Listing, rows: list[Row]) -> list[Row]:
    kept = rows if listing.keep is None else [row for row in rows if listing.keep(row)]
    return sorted(kept, key=lambda row: row[listing.key], reverse=listing.is_descending)


def page_headers(url: URL, size: int, next_key: Any) -> dict[str, str]:
    """The headers by which a client finds the next page."""
    headers = {"X-Paging-Limit": str(size)}
    if next_key is not None:
        headers["X-Paging-NextKey"] = str(next_key)
        headers["Link"] = f'<{url.include_query_params(page=str(next_key))}>; rel="next"'
    return headers
