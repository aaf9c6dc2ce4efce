"""What the TAMS API answers: one model per kind of answer, whose absent fields are left out.

Flows are answered as `essence` has them.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from targets.tams.fields import TagValue

API_VERSION = "8.1"
"""Of the specification whose core this is."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Fault(_Answer):
    """Why a request was not met: kind, one sentence, and when."""

    type: str
    summary: str
    time: str


class Service(_Answer):
    """The service, and how long clients may take at least."""

    name: str | None = None
    description: str | None = None
    type: str
    api_version: str
    service_version: str
    min_object_timeout: str
    min_presigned_url_timeout: str
    event_stream_mechanisms: list[dict[str, str]]


class StorageBackend(_Answer):
    """Where media is kept."""

    id: str
    label: str
    store_type: str
    provider: str
    region: str
    store_product: str
    default_storage: bool


class Source(_Answer):
    """What flows are renderings of."""

    id: str
    format: str
    label: str | None = None
    description: str | None = None
    tags: dict[str, TagValue] | None = None
    created: str
    updated: str
    source_collection: list[dict[str, JsonValue]] | None = None
    collected_by: list[str] | None = None


class GetUrl(_Answer):
    """A URL that answers a media object; the storage's facts only where they were asked for."""

    url: str
    presigned: bool
    label: str | None = None
    controlled: bool | None = None
    storage_id: str | None = None
    store_type: str | None = None
    provider: str | None = None
    region: str | None = None
    store_product: str | None = None


class Segment(_Answer):
    """A media object's place on a flow's timeline."""

    object_id: str
    timerange: str
    ts_offset: str | None = None
    last_duration: str | None = None
    object_timerange: str | None = None
    sample_offset: int | None = None
    sample_count: int | None = None
    get_urls: list[GetUrl] | None = None
    key_frame_count: int | None = None


class FailedSegment(_Answer):
    """A segment that was not registered, and why."""

    object_id: str
    timerange: str
    error: Fault


class FailedSegments(_Answer):
    """Those segments of a request that were not registered; the others were."""

    failed_segments: list[FailedSegment]


class MediaObject(_Answer):
    """A media object, and who refers to it."""

    id: str
    referenced_by_flows: list[str]
    first_referenced_by_flow: str | None = None
    timerange: str | None = None
    get_urls: list[GetUrl] | None = None
    key_frame_count: int | None = None


class HttpRequest(_Answer):
    """A request for the client to make."""

    url: str
    content_type: str = Field(serialization_alias="content-type")


class StorageLocation(_Answer):
    """Where to put an object."""

    object_id: str
    put_url: HttpRequest


class Storage(_Answer):
    """Where to put objects."""

    media_objects: list[StorageLocation]


class DeletionRequest(_Answer):
    """A deletion that takes longer than a request."""

    id: str
    flow_id: str
    timerange_to_delete: str
    timerange_remaining: str
    delete_flow: bool
    status: str
    created: str
    updated: str
    expiry: str | None = None


class Webhook(_Answer):
    """Whom to tell of which events; the key's value is never told."""

    id: str
    url: str
    events: list[str]
    status: str
    error: dict[str, JsonValue] | None = None
    api_key_name: str | None = None
    flow_ids: list[str] | None = None
    source_ids: list[str] | None = None
    tags: dict[str, TagValue] | None = None


def shown(content: Any) -> Any:
    """An answer as JSON has it; models lose their absent fields."""
    if isinstance(content, BaseModel):
        return content.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(content, list):
        return [shown(one) for one in content]
    return content
