"""Which flows collect which, and so which sources collect which: only flows say so, everything else follows."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from targets.tams.database import Transaction, is_present
from targets.tams.tables import Row, unpacked


@dataclass(frozen=True, slots=True)
class Membership:
    """Who collects whom.

    Attributes:
        collected_by: ids of the collectors, by the id of what they collect.
        collected: what a source collects, by its id: items with `id` and `role`.
    """

    collected_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    collected: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def _collections(tx: Transaction) -> list[Row]:
    return tx.select("flows", is_present("flow_collection"), ["id", "source_id", "flow_collection"])


def of_flows(tx: Transaction) -> Membership:
    """Which flows collect which."""
    found = Membership()
    for row in _collections(tx):
        for item in unpacked(row["flow_collection"]):
            found.collected_by[item["id"]].append(row["id"])
    return found


def of_sources(tx: Transaction) -> Membership:
    """Which sources collect which: those whose flows do."""
    collections = [(row["source_id"], unpacked(row["flow_collection"])) for row in _collections(tx)]
    members = {item["id"] for _, items in collections for item in items}
    source_of = {row["id"]: row["source_id"] for row in tx.select_in("flows", "id", members, ["id", "source_id"])}
    found = Membership()
    for collector, items in collections:
        for item in items:
            member = source_of.get(item["id"])
            if member is not None and collector not in found.collected_by[member]:
                found.collected_by[member].append(collector)
                found.collected[collector].append({"id": member, "role": item["role"]})
    return found


def collectors_of(tx: Transaction, flow_id: str) -> list[str]:
    """The flows that collect one flow; VAST looks for its id in the collections."""
    candidates = tx.select("flows", lambda flows: flows["flow_collection"].contains(flow_id), ["id", "flow_collection"])
    return sorted(row["id"] for row in candidates if any(item["id"] == flow_id for item in unpacked(row["flow_collection"])))


def collected_by_any(membership: Membership, wanted: list[str] | None) -> Callable[[Row], bool] | None:
    """The filter `collected_by_ids`: one of the wanted collects it, or nothing does where the list is empty."""
    if wanted is None:
        return None
    if not wanted:
        return lambda row: not membership.collected_by.get(row["id"])
    return lambda row: not set(wanted).isdisjoint(membership.collected_by.get(row["id"], []))
