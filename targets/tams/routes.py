"""Which path is served by what: the one table that the application and its OpenAPI document are both made from."""

from typing import Annotated, Any

from pydantic import Field, StrictBool

from targets.tams import deletions, flows, objects, properties, segments, service, sources, storage, webhooks
from targets.tams.answers import (
    DeletionRequest,
    FailedSegments,
    MediaObject,
    Segment,
    Service,
    Source,
    Storage,
    StorageBackend,
    Webhook,
)
from targets.tams.endpoint import Operation
from targets.tams.essence import Flow, FlowCollection
from targets.tams.fields import Tags, TagValue, Text, Whole
from targets.tams.schema import (
    ChangedWebhook,
    FlowDetail,
    FlowPage,
    InstanceChoice,
    NewInstance,
    NewSegments,
    NewWebhook,
    ObjectPage,
    SegmentDeletion,
    SegmentPage,
    ServiceChange,
    SourcePage,
    StorageRequest,
    TaggedPage,
)

_StrictWhole = Annotated[Whole, Field(strict=True)]
_SOURCE = "/sources/{source_id}"
_FLOW = "/flows/{flow_id}"
_OBJECT = "/objects/{object_id:path}"
_WEBHOOK = "/service/webhooks/{webhook_id}"

_SERVICE: list[Operation] = [
    Operation("GET", "/", service.root, "Paths to start from", answers={200: list[str]}),
    Operation("GET", "/service", service.read, "The service", answers={200: Service}),
    Operation(
        "POST",
        "/service",
        service.changed,
        "Name the service",
        body=ServiceChange,
        answers={200: dict[str, Any]},
        locks=lambda _asked: ["service"],
    ),
    Operation(
        "GET",
        "/service/storage-backends",
        service.storage_backends,
        "Where media is kept",
        answers={200: list[StorageBackend]},
    ),
    Operation("GET", "/service/webhooks", webhooks.listed, "Webhooks", query=TaggedPage, answers={200: list[Webhook]}),
    Operation(
        "POST",
        "/service/webhooks",
        webhooks.made,
        "Register a webhook",
        body=NewWebhook,
        answers={201: Webhook},
        leads_to={"webhook_id": "$response.body#/id"},
    ),
    Operation("GET", _WEBHOOK, webhooks.read, "A webhook", answers={200: Webhook}),
    Operation("PUT", _WEBHOOK, webhooks.put, "Change a webhook", body=ChangedWebhook, answers={201: Webhook}),
    Operation("DELETE", _WEBHOOK, webhooks.deleted, "Delete a webhook", answers={204: None}),
]


def _source_text(name: str) -> list[Operation]:
    path = f"{_SOURCE}/{name}"
    return [
        Operation("GET", path, properties.source_property(name), f"A source's {name}", answers={200: Text}),
        Operation("PUT", path, properties.source_property_put(name), f"Put a source's {name}", body=Text, answers={204: None}),
        Operation("DELETE", path, properties.source_property_deleted(name), f"Delete a source's {name}", answers={204: None}),
    ]


_SOURCES: list[Operation] = [
    Operation("GET", "/sources", sources.listed, "Sources", query=SourcePage, answers={200: list[Source]}),
    Operation("GET", _SOURCE, sources.read, "A source", answers={200: Source}),
    Operation("GET", f"{_SOURCE}/tags", properties.source_tags, "A source's tags", answers={200: Tags}),
    Operation("GET", f"{_SOURCE}/tags/{{name:path}}", properties.source_tag, "A source's tag", answers={200: TagValue}),
    Operation(
        "PUT",
        f"{_SOURCE}/tags/{{name:path}}",
        properties.source_tag_put,
        "Put a source's tag",
        body=TagValue,
        answers={204: None},
    ),
    Operation(
        "DELETE", f"{_SOURCE}/tags/{{name:path}}", properties.source_tag_deleted, "Delete a source's tag", answers={204: None}
    ),
    *_source_text("label"),
    *_source_text("description"),
]


def _flow_property(name: str, kind: Any) -> list[Operation]:
    path, said = f"{_FLOW}/{name}", name.replace("_", " ")
    return [
        Operation("GET", path, properties.flow_property(name), f"A flow's {said}", answers={200: kind}),
        Operation("PUT", path, properties.flow_property_put(name), f"Put a flow's {said}", body=kind, answers={204: None}),
        Operation("DELETE", path, properties.flow_property_deleted(name), f"Delete a flow's {said}", answers={204: None}),
    ]


_FLOWS: list[Operation] = [
    Operation("GET", "/flows", flows.listed, "Flows", query=FlowPage, answers={200: list[Flow]}),
    Operation("GET", _FLOW, flows.read, "A flow", query=FlowDetail, answers={200: Flow}),
    Operation(
        "PUT",
        _FLOW,
        flows.put,
        "Make or replace a flow",
        body=Flow,
        answers={201: Flow, 204: None},
        locks=flows.source_locked,
        leads_to={"flow_id": "$request.path.flow_id", "source_id": "$request.body#/source_id"},
    ),
    Operation(
        "DELETE",
        _FLOW,
        deletions.flow_deleted,
        "Delete a flow and its segments",
        answers={202: DeletionRequest, 204: None},
        locks=deletions.others_locked,
    ),
    Operation("GET", f"{_FLOW}/tags", properties.flow_tags, "A flow's tags", answers={200: Tags}),
    Operation("GET", f"{_FLOW}/tags/{{name:path}}", properties.flow_tag, "A flow's tag", answers={200: TagValue}),
    Operation(
        "PUT", f"{_FLOW}/tags/{{name:path}}", properties.flow_tag_put, "Put a flow's tag", body=TagValue, answers={204: None}
    ),
    Operation(
        "DELETE", f"{_FLOW}/tags/{{name:path}}", properties.flow_tag_deleted, "Delete a flow's tag", answers={204: None}
    ),
    *_flow_property("label", Text),
    *_flow_property("description", Text),
    *_flow_property("flow_collection", FlowCollection),
    *_flow_property("max_bit_rate", _StrictWhole),
    *_flow_property("avg_bit_rate", _StrictWhole),
    Operation("GET", f"{_FLOW}/read_only", properties.read_only, "Whether a flow is read-only", answers={200: bool}),
    Operation(
        "PUT",
        f"{_FLOW}/read_only",
        properties.read_only_put,
        "Make a flow read-only or writable",
        body=StrictBool,
        answers={204: None},
    ),
]

_MEDIA: list[Operation] = [
    Operation(
        "GET", f"{_FLOW}/segments", segments.listed, "A flow's segments", query=SegmentPage, answers={200: list[Segment]}
    ),
    Operation(
        "POST",
        f"{_FLOW}/segments",
        segments.registered,
        "Register segments",
        body=NewSegments,
        answers={200: FailedSegments, 201: None},
        locks=segments.objects_locked,
        leads_to={"object_id": "$request.body#/object_id"},
    ),
    Operation(
        "DELETE",
        f"{_FLOW}/segments",
        deletions.segments_deleted,
        "Delete segments",
        query=SegmentDeletion,
        answers={202: DeletionRequest, 204: None},
    ),
    Operation(
        "POST",
        f"{_FLOW}/storage",
        storage.allocated,
        "Allocate storage",
        body=StorageRequest,
        answers={201: Storage},
        locks=storage.objects_locked,
        is_body_optional=True,
    ),
    Operation(
        "POST",
        f"{_OBJECT}/instances",
        objects.instance_added,
        "Register an object's instance",
        body=NewInstance,
        answers={201: None},
    ),
    Operation(
        "DELETE",
        f"{_OBJECT}/instances",
        objects.instance_deleted,
        "Forget an object's instance",
        query=InstanceChoice,
        answers={204: None},
    ),
    Operation("GET", _OBJECT, objects.read, "A media object", query=ObjectPage, answers={200: MediaObject}),
    Operation("GET", "/flow-delete-requests", deletions.listed, "Deletion requests", answers={200: list[DeletionRequest]}),
    Operation(
        "GET", "/flow-delete-requests/{request_id}", deletions.read, "A deletion request", answers={200: DeletionRequest}
    ),
]

OPERATIONS: tuple[Operation, ...] = (*_SERVICE, *_SOURCES, *_FLOWS, *_MEDIA)
"""All of the API; of two paths that match, the one that stands first serves."""
