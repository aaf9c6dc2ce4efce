"""Tags of flows, sources and webhooks: kept as one JSON object, filtered first by VAST and then exactly."""

from typing import Any

from targets.tams.database import Predicate
from targets.tams.schema import TaggedPage
from targets.tams.tables import Row, packed, unpacked


def tag_conditions(asked: TaggedPage) -> list[Predicate]:
    """What VAST can look for: the names of the tags that must be there, as the JSON of the column writes them."""
    names = [*asked.tag_values, *(name for name, is_there in asked.tag_presence.items() if is_there)]
    return [_contains(f"{packed(name)}:") for name in names]


def _contains(text: str) -> Predicate:
    return lambda table: table["tags"].contains(text)


def has_tags(asked: TaggedPage, row: Row) -> bool:
    """Whether a row's tags are those asked for: any of the values, present, absent."""
    tags: dict[str, Any] = unpacked(row["tags"]) or {}
    return all(_has_value(tags.get(name), values) for name, values in asked.tag_values.items()) and all(
        (name in tags) == is_there for name, is_there in asked.tag_presence.items()
    )


def _has_value(tag: Any, values: frozenset[str]) -> bool:
    if tag is None:
        return False
    return not values.isdisjoint(tag if isinstance(tag, list) else [tag])
