"""Single properties of flows and sources: each can be read, put and deleted under a path of its own."""

from collections.abc import Callable
from typing import Any

from targets.tams import flows, sources
from targets.tams.endpoint import Answer, Asked, Refusal, Stores, Work
from targets.tams.essence import CollectionItem
from targets.tams.events import Event
from targets.tams.fields import LONGEST_TAG_NAME
from targets.tams.schema import MOST_TAGS
from targets.tams.tables import ROW_ID, Row, packed, unpacked

Change = Callable[[dict[str, Any]], None]
"""Of a flow's document, or of a source's properties."""


def _plain(value: Any) -> Any:
    """A validated body as a document holds it."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json", exclude_unset=True) if isinstance(value, CollectionItem) else value


def _absent(name: str, kind: str) -> Refusal:
    return Refusal(404, f"the {kind} has no {name}")


# Flows


def flow_property(name: str) -> Work:
    """Read a property of a flow; 404 when it has none of that name."""

    def read(stores: Stores, asked: Asked) -> Answer:
        document = unpacked(flows.require(stores.tx, asked.path["flow_id"], ["document"])["document"])
        if name not in document:
            raise _absent(name, "flow")
        return Answer(document[name])

    return read


def flow_property_put(name: str) -> Work:
    """Put a property of a flow."""

    def put(stores: Stores, asked: Asked) -> Answer:
        value = _plain(asked.body)
        if name == "flow_collection":
            flows.check_collection(stores.tx, asked.path["flow_id"], value)
        return _flow_changed(stores, asked, lambda document: document.update({name: value}))

    return put


def flow_property_deleted(name: str) -> Work:
    """Delete a property of a flow; one that is not there is no fault."""

    def deleted(stores: Stores, asked: Asked) -> Answer:
        return _flow_changed(stores, asked, lambda document: document.pop(name, None))

    return deleted


def _flow_changed(stores: Stores, asked: Asked, change: Change) -> Answer:
    row = flows.require_writable(stores.tx, asked.path["flow_id"], flows.SHOWN)
    document = unpacked(row["document"])
    change(document)
    flows.rewrite(stores, row, document, asked.at)
    return Answer(status=204)


def read_only(stores: Stores, asked: Asked) -> Answer:
    """Whether a flow is read-only."""
    return Answer(bool(flows.require(stores.tx, asked.path["flow_id"], ["read_only"])["read_only"]))


def read_only_put(stores: Stores, asked: Asked) -> Answer:
    """Make a flow read-only or writable: the one property that can be changed while it is read-only."""
    row = flows.require(stores.tx, asked.path["flow_id"], flows.SHOWN)
    flows.rewrite(stores, row, {**unpacked(row["document"]), "read_only": asked.body}, asked.at)
    return Answer(status=204)


def flow_tags(stores: Stores, asked: Asked) -> Answer:
    """All tags of a flow."""
    return Answer(unpacked(flows.require(stores.tx, asked.path["flow_id"], ["tags"])["tags"]) or {})


def flow_tag(stores: Stores, asked: Asked) -> Answer:
    """One tag of a flow."""
    return _tag(flows.require(stores.tx, asked.path["flow_id"], ["tags"]), asked, "flow")


def flow_tag_put(stores: Stores, asked: Asked) -> Answer:
    """Put one tag of a flow."""
    return _flow_changed(stores, asked, lambda document: document.update({"tags": _with_tag(document.get("tags"), asked)}))


def flow_tag_deleted(stores: Stores, asked: Asked) -> Answer:
    """Delete one tag of a flow; 404 when it has none of that name."""
    return _flow_changed(
        stores, asked, lambda document: document.update({"tags": _without_tag(document.get("tags"), asked, "flow")})
    )


# Sources


def source_property(name: str) -> Work:
    """Read a property of a source; 404 when it has none of that name."""

    def read(stores: Stores, asked: Asked) -> Answer:
        value = sources.require(stores.tx, asked.path["source_id"])[name]
        if value is None:
            raise _absent(name, "source")
        return Answer(value)

    return read


def source_property_put(name: str) -> Work:
    """Put a property of a source."""

    def put(stores: Stores, asked: Asked) -> Answer:
        return _source_changed(stores, sources.require(stores.tx, asked.path["source_id"]), asked, {name: asked.body})

    return put


def source_property_deleted(name: str) -> Work:
    """Delete a property of a source; one that is not there is no fault."""

    def deleted(stores: Stores, asked: Asked) -> Answer:
        return _source_changed(stores, sources.require(stores.tx, asked.path["source_id"]), asked, {name: None})

    return deleted


def _source_changed(stores: Stores, row: Row, asked: Asked, changes: Row) -> Answer:
    stores.tx.update("sources", [{ROW_ID: row[ROW_ID], **changes, "updated": asked.at}])
    after = {**row, **changes, "updated": asked.at}
    stores.events.append(Event("sources/updated", asked.at, row["id"], tell=lambda: sources.told(after)))
    return Answer(status=204)


def source_tags(stores: Stores, asked: Asked) -> Answer:
    """All tags of a source."""
    return Answer(unpacked(sources.require(stores.tx, asked.path["source_id"])["tags"]) or {})


def source_tag(stores: Stores, asked: Asked) -> Answer:
    """One tag of a source."""
    return _tag(sources.require(stores.tx, asked.path["source_id"]), asked, "source")


def source_tag_put(stores: Stores, asked: Asked) -> Answer:
    """Put one tag of a source."""
    row = sources.require(stores.tx, asked.path["source_id"])
    return _source_changed(stores, row, asked, {"tags": packed(_with_tag(unpacked(row["tags"]), asked))})


def source_tag_deleted(stores: Stores, asked: Asked) -> Answer:
    """Delete one tag of a source; 404 when it has none of that name."""
    row = sources.require(stores.tx, asked.path["source_id"])
    return _source_changed(stores, row, asked, {"tags": packed(_without_tag(unpacked(row["tags"]), asked, "source"))})


# Tags of either


def _tag(row: Row, asked: Asked, kind: str) -> Answer:
    tags = unpacked(row["tags"]) or {}
    if asked.path["name"] not in tags:
        raise _absent(f"tag {asked.path['name']}", kind)
    return Answer(tags[asked.path["name"]])


def _with_tag(tags: dict[str, Any] | None, asked: Asked) -> dict[str, Any]:
    name = asked.path["name"]
    if not 0 < len(name) <= LONGEST_TAG_NAME:
        raise Refusal(400, f"tag: its name must have 1 to {LONGEST_TAG_NAME} characters")
    changed = {**(tags or {}), name: asked.body}
    if len(changed) > MOST_TAGS:
        raise Refusal(400, f"there are {MOST_TAGS} tags already; delete one")
    return changed


def _without_tag(tags: dict[str, Any] | None, asked: Asked, kind: str) -> dict[str, Any]:
    if asked.path["name"] not in (tags or {}):
        raise _absent(f"tag {asked.path['name']}", kind)
    return {name: value for name, value in (tags or {}).items() if name != asked.path["name"]}
