"""What the TAMS API accepts in query strings and small bodies; flows have a module of their own (`essence`).

Query strings are read leniently (`true`, `1`), bodies strictly; unknown keys are refused in both. Names and meanings are
those of the BBC's specification, version 8.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from targets.tams.fields import (
    Duration,
    Format,
    MimeType,
    ObjectId,
    Positive,
    Range,
    Stamp,
    TagName,
    Tags,
    Text,
    Uuid,
    Uuids,
    WebUrl,
    Whole,
    storable,
)
from targets.tams.timeranges import ETERNITY, LEAST, MOST, TimeRange

MOST_AT_ONCE = 1000
"""Most rows of one page, most segments of one request, most objects of one storage request."""
DEFAULT_LIMIT = 100
MOST_TAGS = 100


class Query(BaseModel):
    """A query string; without fields, one that must be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """A JSON object; without fields, one that must be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Page(Query):
    """Which part of a list: at most `limit` of it, from where the key of the page before ended."""

    limit: Annotated[int, Field(ge=1)] = DEFAULT_LIMIT
    page: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(storable)] | None = None

    @property
    def size(self) -> int:
        """The limit that is used: a larger one than ours is cut, and the answer's header says so."""
        return min(self.limit, MOST_AT_ONCE)


class TaggedPage(Page):
    """A page of what has tags: `tag.{name}` asks for one of some values, `tag_exists.{name}` for presence or absence."""

    PREFIX: ClassVar[str] = ""
    """What stands before `tag.` and `tag_exists.`."""

    tag_values: dict[TagName, frozenset[str]] = Field(default={}, exclude=True)
    tag_presence: dict[TagName, bool] = Field(default={}, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _tags_apart(cls, asked: dict[str, Any]) -> dict[str, Any]:
        values, presence = f"{cls.PREFIX}tag.", f"{cls.PREFIX}tag_exists."
        rest = {name: value for name, value in asked.items() if not name.startswith((values, presence))}
        if unknown := {"tag_values", "tag_presence"} & rest.keys():
            raise ValueError(f"{min(unknown)}: Extra inputs are not permitted")
        return {
            **rest,
            "tag_values": {n.removeprefix(values): v.split(",") for n, v in asked.items() if n.startswith(values)},
            "tag_presence": {n.removeprefix(presence): v for n, v in asked.items() if n.startswith(presence)},
        }


class SourcePage(TaggedPage):
    """Which sources."""

    label: Text | None = None
    format: Format | None = None
    collected_by_ids: Uuids | None = None


class FlowPage(TaggedPage):
    """Which flows; an empty timerange asks for those without segments."""

    source_id: Uuid | None = None
    timerange: Range = ETERNITY
    format: Format | None = None
    codec: MimeType | None = None
    label: Text | None = None
    frame_width: Positive | None = None
    frame_height: Positive | None = None
    collected_by_ids: Uuids | None = None


class FlowDetail(Query):
    """Whether the flow's timerange is wanted, and over which part of it."""

    include_timerange: bool = False
    timerange: Range = ETERNITY


class UrlChoice(Query):
    """Which URLs of a media object are wanted; all filters must agree."""

    verbose_storage: bool = False
    accept_get_urls: Annotated[str, Field(max_length=2000), AfterValidator(storable)] | None = None
    accept_storage_ids: Uuids | None = None
    presigned: bool | None = None


class SegmentPage(Page, UrlChoice):
    """Which segments of a flow: those that overlap the timerange, in its order or the reverse."""

    object_id: ObjectId | None = None
    timerange: Range = ETERNITY
    reverse_order: bool = False
    include_object_timerange: bool = False


class SegmentDeletion(Query):
    """Which segments to delete: those that the timerange covers wholly."""

    timerange: Range = ETERNITY
    object_id: ObjectId | None = None


class ObjectPage(TaggedPage, UrlChoice):
    """Which of the flows that refer to an object, and which of its URLs."""

    PREFIX = "flow_"


class InstanceChoice(Query):
    """Which instance of an object: by storage backend or by label."""

    storage_id: Uuid | None = None
    label: Text | None = None


class ServiceChange(Body):
    """The service's name and description; what is left out stays as it is."""

    name: Text | None = None
    description: Text | None = None


class StorageRequest(Body):
    """Objects to make room for: so many, or these."""

    limit: Annotated[int, Field(ge=1)] | None = None
    object_ids: Annotated[list[ObjectId], Field(min_length=1, max_length=MOST_AT_ONCE)] | None = None
    storage_id: Uuid | None = None
    content_type: MimeType | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "StorageRequest":
        if self.limit is not None and self.object_ids is not None:
            raise ValueError("give limit or object_ids, not both")
        if self.object_ids is not None and len(set(self.object_ids)) < len(self.object_ids):
            raise ValueError("object_ids: must not repeat itself")
        return self


class UncontrolledUrl(Body):
    """A URL of a media object outside this service's storage."""

    url: WebUrl
    label: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^,]+$"), AfterValidator(storable)] | None = None


class ControlledInstance(Body):
    """A storage backend that is to hold a copy of the object."""

    storage_id: Uuid


class NewSegment(Body):
    """A media object's place on the timeline of a flow."""

    object_id: ObjectId
    timerange: Range
    ts_offset: Stamp | None = None
    last_duration: Duration | None = None
    object_timerange: Range | None = None
    sample_offset: Whole | None = None
    sample_count: Whole | None = None
    get_urls: Annotated[list[UncontrolledUrl], Field(max_length=20)] | None = None
    key_frame_count: Whole | None = None

    @model_validator(mode="after")
    def _placeable(self) -> "NewSegment":
        """The timeranges must have both bounds and hold something, within what a column holds."""
        for name in ("timerange", "object_timerange"):
            _check_placed(name, getattr(self, name))
        _check_placed("ts_offset", self.object_place)
        return self

    @property
    def object_place(self) -> TimeRange:
        """The segment on the media object's own timeline."""
        return self.timerange.shifted(-(self.ts_offset or 0))


def _check_placed(name: str, asked: TimeRange | None) -> None:
    if asked is None:
        return
    if asked.is_empty or asked.start is None or asked.end is None:
        raise ValueError(f"{name}: must have a start and an end, and not be empty")
    if asked.start <= LEAST or asked.end >= MOST:
        raise ValueError(f"{name}: must lie within 292 years of 0:0")


def _one_or_more(value: Any) -> str:
    return "segments" if isinstance(value, list) else "segment"


def _which_instance(value: Any) -> str:
    return "controlled" if isinstance(value, dict) and "storage_id" in value else "uncontrolled"


_Several = Annotated[list[NewSegment], Field(min_length=1, max_length=MOST_AT_ONCE)]
NewSegments = Annotated[
    Annotated[NewSegment, Tag("segment")] | Annotated[_Several, Tag("segments")], Discriminator(_one_or_more)
]
"""One segment, or several at once."""
NewInstance = Annotated[
    Annotated[ControlledInstance, Tag("controlled")] | Annotated[UncontrolledUrl, Tag("uncontrolled")],
    Discriminator(_which_instance),
]
"""A copy on a storage backend, or a URL elsewhere."""

Event = Annotated[
    str,
    Field(pattern=r"^(flows/(created|updated|deleted|segments_added|segments_deleted)|sources/(created|updated|deleted))$"),
]


class NewWebhook(Body):
    """Whom to tell of which events."""

    url: WebUrl
    events: Annotated[list[Event], Field(min_length=1, max_length=8)]
    api_key_name: Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")] | None = None
    api_key_value: Annotated[str, Field(pattern=r"^[ -~]{1,1000}$")] | None = None
    flow_ids: Annotated[list[Uuid], Field(max_length=100)] | None = None
    source_ids: Annotated[list[Uuid], Field(max_length=100)] | None = None
    tags: Tags | None = None


class ChangedWebhook(NewWebhook):
    """A webhook as it is to be; `created` starts it again, `disabled` stops it, and a key that is left out stays."""

    id: Uuid
    status: Literal["created", "disabled"]
