"""Many links at once: what drawing a whole graph, or taking it away, costs."""

from dataclasses import dataclass

from sqlalchemy import select

from steadyline.operations.dataset import WORKING_ITEMS
from steadyline.operations.sql.answers import require
from steadyline.operations.sql.bulk import bulk
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import make_link
from steadyline.operations.sql.rows import count_those, delete_those
from targets.trace.model import Link, new_id


@dataclass(frozen=True, slots=True)
class Links:
    """Links to be written: their ids, chosen before, each with the items at its ends, and the run-scoped project."""

    ends: dict[str, tuple[str, str]]
    project_id: str

    def made(self) -> list[Link]:
        """The links as objects."""
        return [make_link(self.project_id, source, target, link_id) for link_id, (source, target) in self.ends.items()]


def new_links(client: SqlClient, size: int) -> Links:
    """Choose ids, and ends among the working items: each item leads to the next, then to the one after that, and so on."""
    working = client.working
    numbers = ((n % WORKING_ITEMS, (n + 1 + n // WORKING_ITEMS) % WORKING_ITEMS) for n in range(size))
    return Links({new_id(): (working.items[source], working.items[target]) for source, target in numbers}, working.id)


def verify_links(client: SqlClient, links: Links, _result: object) -> None:
    """Require all of the links to be in the database as they were meant."""
    with client.session() as session:
        asked = select(Link.id, Link.source_item_id, Link.target_item_id).where(Link.id.in_(links.ends))
        found = {link_id: (source, target) for link_id, source, target in session.execute(asked)}
    require(found == links.ends, f"{len(found)} of {len(links.ends)} links are in the database, or their ends are wrong")


def delete_links(client: SqlClient, links: Links, _result: object) -> None:
    """Delete what is there of the links, also when only a part was written."""
    delete_those(client, Link, links.ends)


@bulk("sql.bulk_link_create", 100, 500, prepare=new_links, verify=verify_links, cleanup=delete_links)
def bulk_link_create(client: SqlClient, links: Links) -> None:
    """How long connecting items by {size} links in one transaction takes: three foreign keys are looked up for each."""
    with client.session() as session:
        session.add_all(links.made())
        session.commit()


def _written_links(client: SqlClient, size: int) -> Links:
    links = new_links(client, size)
    with client.session.begin() as session:
        session.add_all(links.made())
    return links


def _verify_gone(client: SqlClient, links: Links, deleted: int) -> None:
    left = count_those(client, Link, links.ends)
    require((deleted, left) == (len(links.ends), 0), f"{deleted} of {len(links.ends)} links were deleted, and {left} are left")


@bulk("sql.bulk_link_delete", 100, prepare=_written_links, verify=_verify_gone, cleanup=delete_links)
def bulk_link_delete(client: SqlClient, links: Links) -> int:
    """How long taking {size} links away by one statement takes: rows, and four index entries for each."""
    return delete_those(client, Link, links.ends)
