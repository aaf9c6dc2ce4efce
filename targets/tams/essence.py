"""What a flow is: the fields common to all, and those of video, audio, image, data and multi-essence ones.

Fields that the specification does not name are kept and given back, as its schemas allow; what the service manages itself
(when it was created, its timerange, …) is ignored in a request.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from targets.tams.fields import MimeType, Positive, Tags, Text, Uuid, Whole, finite
from targets.tams.tables import packed

MANAGED = frozenset({"created", "metadata_updated", "segments_updated", "metadata_version", "timerange", "collected_by"})
"""What the service says of a flow by itself."""
LARGEST_BYTES = 100_000
"""Of a flow as JSON: it lies in one cell of VAST DB, which holds 128 KB."""


class _Open(BaseModel):
    """An object that may hold more than is named here."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, JsonValue]


class Ratio(_Open):
    """A fraction, of frames a second or of width to height."""

    numerator: Positive
    denominator: Positive = 1


class FrameRate(_Open):
    """A fixed rate as a fraction, or `vfr` for a variable one."""

    numerator: Positive | None = None
    denominator: Positive | None = None
    vfr: Literal[True] | None = None

    @model_validator(mode="after")
    def _either(self) -> "FrameRate":
        if (self.numerator is None) == (self.vfr is None):
            raise ValueError("give a numerator, or vfr")
        return self


class VideoEssence(_Open):
    """The picture's parameters."""

    frame_width: Positive
    frame_height: Positive
    frame_rate: FrameRate | None = None
    bit_depth: Positive | None = None
    interlace_mode: Literal["progressive", "interlaced_tff", "interlaced_bff", "interlaced_psf"] | None = None
    colorspace: Literal["BT601", "BT709", "BT2020", "BT2100"] | None = None
    transfer_characteristic: Literal["SDR", "HLG", "PQ"] | None = None
    aspect_ratio: Ratio | None = None
    pixel_aspect_ratio: Ratio | None = None
    component_type: Literal["YCbCr", "RGB"] | None = None
    horiz_chroma_subs: Positive | None = None
    vert_chroma_subs: Positive | None = None


class AudioEssence(_Open):
    """The sound's parameters."""

    sample_rate: Positive
    channels: Positive
    bit_depth: Positive | None = None


class ImageEssence(_Open):
    """The image's size."""

    frame_width: Positive
    frame_height: Positive


class DataEssence(_Open):
    """What kind of data it is."""

    data_type: Text | None = None


class CollectionItem(_Open):
    """A flow that is collected by another, and as what."""

    id: Uuid
    role: Text
    container_mapping: dict[str, JsonValue] | None = None


FlowCollection = Annotated[list[CollectionItem], Field(max_length=500)]


class FlowCore(_Open):
    """The fields of every flow."""

    id: Uuid
    source_id: Uuid
    label: Text | None = None
    description: Text | None = None
    created_by: Text | None = None
    updated_by: Text | None = None
    tags: Tags | None = None
    generation: Whole | None = None
    read_only: bool | None = None
    container: MimeType | None = None
    avg_bit_rate: Whole | None = None
    max_bit_rate: Whole | None = None
    segment_duration: Ratio | None = None
    flow_collection: FlowCollection | None = None
    container_mapping: dict[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _storable(self) -> "FlowCore":
        document = self.document()
        finite(document)
        if len((packed(document) or "").encode()) > LARGEST_BYTES:
            raise ValueError(f"the flow is larger than {LARGEST_BYTES} bytes of JSON")
        if any(item.id == self.id for item in self.flow_collection or []):
            raise ValueError("flow_collection: a flow cannot collect itself")
        return self

    def document(self) -> dict[str, Any]:
        """What the client says of the flow, without what the service says itself."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude=set(MANAGED))


class VideoFlow(FlowCore):
    """A flow of moving pictures."""

    format: Literal["urn:x-nmos:format:video"]
    codec: MimeType
    essence_parameters: VideoEssence


class AudioFlow(FlowCore):
    """A flow of sound."""

    format: Literal["urn:x-nmos:format:audio"]
    codec: MimeType
    essence_parameters: AudioEssence


class ImageFlow(FlowCore):
    """A flow of still images."""

    format: Literal["urn:x-tam:format:image"]
    codec: MimeType
    essence_parameters: ImageEssence


class DataFlow(FlowCore):
    """A flow of anything else that has a time, such as subtitles."""

    format: Literal["urn:x-nmos:format:data"]
    codec: MimeType
    essence_parameters: DataEssence


class MultiFlow(FlowCore):
    """A flow that collects flows of several formats."""

    format: Literal["urn:x-nmos:format:multi"]
    codec: MimeType | None = None
    essence_parameters: dict[str, JsonValue] | None = None


Flow = Annotated[VideoFlow | AudioFlow | ImageFlow | DataFlow | MultiFlow, Field(discriminator="format")]
