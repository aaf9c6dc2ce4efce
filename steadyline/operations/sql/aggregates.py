"""Aggregates: counts, groups and averages, for which the database carries no rows to us."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from sqlalchemy import Row, func, select

from steadyline.operations.dataset import DATASET_ITEMS, FILTER_STATUS, STATUSES, TYPES, content_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import numbers_where, query, require
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import FAN_OUT
from steadyline.operations.sql.lookups import SOURCES
from targets.trace.model import Item, Link

_TOP = 10


def _verify_count(_client: SqlClient, _dataset: Scoped, count: int) -> None:
    require(count == DATASET_ITEMS, f"{count} items were counted, not {DATASET_ITEMS}")


@query("sql.query_count", verify=_verify_count)
def query_count(client: SqlClient, dataset: Scoped) -> int:
    """How long counting the 1000 items of a project takes: the database alone, without rows to carry."""
    asked = select(func.count()).select_from(Item).where(Item.project_id == dataset.id, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(asked).one()


def _require_groups(counts: dict[str, int], field: str) -> None:
    """Require each value of the field with the number of items that have it."""
    expected = Counter(content_of(number)[field] for number in range(DATASET_ITEMS))
    require(counts == expected, f"the items were not counted by {field} as they are")


def _verify_by_status(_client: SqlClient, _dataset: Scoped, rows: Sequence[Row[str, int]]) -> None:
    _require_groups({row[0]: row[1] for row in rows}, "status")


@query("sql.query_count_by_status", items=len(STATUSES), verify=_verify_by_status)
def query_count_by_status(client: SqlClient, dataset: Scoped) -> Sequence[Row[str, int]]:
    """How long counting a project's items by status takes: what a board shows above its columns."""
    asked = (
        select(Item.status, func.count()).where(Item.project_id == dataset.id, Item.deleted_at.is_(None)).group_by(Item.status)
    )
    with client.session() as session:
        return session.execute(asked).all()


def _verify_by_type(_client: SqlClient, _dataset: Scoped, rows: Sequence[Row[str, int, int, int]]) -> None:
    _require_groups({name: count for name, count, _, _ in rows}, "type")
    priorities = [content_of(number)["priority"] for number in range(DATASET_ITEMS)]
    spans = {(low, high) for _, _, low, high in rows}
    require(spans == {(min(priorities), max(priorities))}, "the least and the highest priority are not what the items have")


@query("sql.query_group_by_type", items=len(TYPES), verify=_verify_by_type)
def query_group_by_type(client: SqlClient, dataset: Scoped) -> Sequence[Row[str, int, int, int]]:
    """How long a summary by type takes, count and extremes: a group for each type, out of every item of the project."""
    asked = (
        select(Item.type, func.count(), func.min(Item.priority), func.max(Item.priority))
        .where(Item.project_id == dataset.id, Item.deleted_at.is_(None))
        .group_by(Item.type)
    )
    with client.session() as session:
        return session.execute(asked).all()


def _verify_average(_client: SqlClient, _dataset: Scoped, average: float) -> None:
    numbers = numbers_where(lambda content: content["status"] == FILTER_STATUS)
    expected = fmean(content_of(number)["priority"] for number in numbers)
    require(abs(average - expected) < 1e-9, f"the average is {average}, not {expected}")  # noqa: PLR2004 - what a sum may round


@query("sql.query_average", verify=_verify_average)
def query_average(client: SqlClient, dataset: Scoped) -> float:
    """How long the average priority of one status takes: 333 rows are read for one number."""
    asked = select(func.avg(Item.priority)).where(
        Item.project_id == dataset.id, Item.status == FILTER_STATUS, Item.deleted_at.is_(None)
    )
    with client.session() as session:
        return float(session.scalars(asked).one())


def _verify_most_linked(_client: SqlClient, dataset: Scoped, rows: Sequence[Row[str, int]]) -> None:
    expected = [(item, FAN_OUT) for item in sorted(dataset.items[number] for number in SOURCES)[:_TOP]]
    require([tuple(row) for row in rows] == expected, "these are not the items with the most links")


@query("sql.query_most_linked", items=_TOP, verify=_verify_most_linked)
def query_most_linked(client: SqlClient, dataset: Scoped) -> Sequence[Row[str, int]]:
    """How long the 10 items with the most links take: all 500 links are counted by their source, and the counts sorted."""
    links = func.count()
    asked = (
        select(Link.source_item_id, links)
        .where(Link.project_id == dataset.id)
        .group_by(Link.source_item_id)
        .order_by(links.desc(), Link.source_item_id)
        .limit(_TOP)
    )
    with client.session() as session:
        return session.execute(asked).all()
