"""What the fields of requests may hold: identifiers, texts, tags, timeranges; what is refused is refused in one clause."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue, PlainValidator, WithJsonSchema

from targets.tams.timeranges import (
    DURATION_PATTERN,
    LONGEST_TEXT,
    TIMERANGE_PATTERN,
    TIMESTAMP_PATTERN,
    TimeRange,
    parse_timerange,
    parse_timestamp,
)

_LONGEST_OBJECT_ID_BYTES = 900
"""An S3 key holds 1024 bytes, and the flow and the day stand in it too."""
LONGEST_TAG_NAME = 200

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_UUID = re.compile(UUID_PATTERN)
_MIME_TYPE_PATTERN = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$"


def is_uuid(text: str) -> bool:
    """Whether it is an identifier as the specification writes them."""
    return _UUID.fullmatch(text) is not None


def storable(text: str) -> str:
    """Refuse the character NUL, which neither utf8 columns of every client nor S3's keys hold."""
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


def finite(value: JsonValue) -> JsonValue:
    """Refuse what JSON itself cannot hold (NaN, infinities), and the character NUL."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("must hold finite numbers only") from None
    if "\\u0000" in text:
        raise ValueError("must not contain the character NUL")
    return value


def _object_id(text: str) -> str:
    if len(text.encode()) > _LONGEST_OBJECT_ID_BYTES:
        raise ValueError(f"must be at most {_LONGEST_OBJECT_ID_BYTES} bytes")
    if not text.isprintable():
        raise ValueError("must hold printable characters only")
    if any(part in {"", ".", ".."} for part in text.split("/")) or text.endswith("/instances"):
        raise ValueError("must be no path with empty or dotted parts, and not end in /instances")
    return text


def _timerange(value: Any) -> TimeRange:
    if not isinstance(value, str):
        raise ValueError("must be a string such as [0:0_10:0)")  # noqa: TRY004 - what pydantic turns into a refusal
    return parse_timerange(value)


def _timestamp(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError("must be a string such as 10:0")  # noqa: TRY004 - as above
    return parse_timestamp(value)


def _duration(value: Any) -> int:
    if (duration := _timestamp(value)) < 0:
        raise ValueError("must not be negative")
    return duration


def _uuids(value: Any) -> list[str]:
    ids = value.split(",") if value else []
    if not all(is_uuid(one) for one in ids):
        raise ValueError("must be a comma-separated list of UUIDs")
    return list(ids)


Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(storable)]
TagName = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG_NAME), AfterValidator(storable)]
TagValue = Text | Annotated[list[Text], Field(max_length=100)]
Tags = Annotated[dict[TagName, TagValue], Field(max_length=100)]
MimeType = Annotated[str, Field(pattern=_MIME_TYPE_PATTERN)]
ObjectId = Annotated[str, Field(min_length=1), AfterValidator(_object_id)]
Whole = Annotated[int, Field(ge=0, lt=2**63)]
Positive = Annotated[int, Field(ge=1, lt=2**31)]
WebUrl = Annotated[str, Field(pattern=r"^https?://[!-~]{1,2000}$")]
_RANGE_SCHEMA = {"type": "string", "pattern": TIMERANGE_PATTERN, "maxLength": LONGEST_TEXT}
_UUIDS_SCHEMA = {"type": "string", "pattern": rf"^({UUID_PATTERN[1:-1]}(,{UUID_PATTERN[1:-1]})*)?$"}
Range = Annotated[TimeRange, PlainValidator(_timerange), WithJsonSchema(_RANGE_SCHEMA)]
Stamp = Annotated[int, PlainValidator(_timestamp), WithJsonSchema({**_RANGE_SCHEMA, "pattern": TIMESTAMP_PATTERN})]
Duration = Annotated[int, PlainValidator(_duration), WithJsonSchema({**_RANGE_SCHEMA, "pattern": DURATION_PATTERN})]
Uuids = Annotated[list[str], PlainValidator(_uuids), WithJsonSchema(_UUIDS_SCHEMA)]
Format = Annotated[str, Field(pattern=r"^urn:x-nmos:format:(video|audio|data|multi)$|^urn:x-tam:format:image$")]
