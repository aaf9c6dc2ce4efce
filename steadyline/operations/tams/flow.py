"""What the operations write into a TAMS: flows that say whose they are, and segments on their timelines."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from steadyline.backend import RUN_PREFIX
from steadyline.outcome import IntegrityError

RUN_TAG = "steadyline_run"
"""Whose a flow is: the id of the client that made it."""
KIND_TAG = "steadyline_kind"
BORN_TAG = "steadyline_born"
"""When it was made, by the clock of who made it; what counts is the target's own `created`, where it shows that."""

MEDIA_BYTES = 1_000_000
"""Source: the TAMS seed, "store 1 MB"; one second of HD video at 8 Mb/s."""
CONTENT_TYPE = "video/mp2t"
FLOW_BYTES = 1500
"""Of one flow in an answer, or of a request and an answer that hold one small flow; rounded up."""


def new_id() -> str:
    """An id for a flow to be made, chosen here: what was made without an answer can then still be deleted."""
    return str(uuid4())


def require(condition: bool, what: str) -> None:
    """Say that an answer is not the right one, unless it is.

    Raises:
        IntegrityError: it is not.
    """
    if not condition:
        raise IntegrityError(what)


def holds(answer: Any, expected: dict[str, Any]) -> bool:
    """Whether an answer is an object with all that is expected in it."""
    return isinstance(answer, dict) and expected.items() <= answer.items()


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow to be made, with a source of its own.

    Attributes:
        id: of the flow.
        source_id: of its source, which arises with it and goes with it.
        run: whose it is.
        kind: what it is for.
        label: starts with RUN_PREFIX.
        born: Unix time.
    """

    id: str
    source_id: str
    run: str
    kind: str
    label: str
    born: float

    @property
    def path(self) -> str:
        """Where it is."""
        return f"flows/{self.id}"

    @property
    def document(self) -> dict[str, Any]:
        """The flow as the API takes and shows it."""
        return {
            "id": self.id,
            "source_id": self.source_id,
            "label": self.label,
            "description": "A measurement made this flow; it is deleted by itself.",
            "format": "urn:x-nmos:format:video",
            "codec": "video/H264",
            "container": CONTENT_TYPE,
            "essence_parameters": {"frame_width": 1920, "frame_height": 1080, "frame_rate": {"numerator": 50}},
            "tags": {
                RUN_TAG: self.run,
                KIND_TAG: self.kind,
                BORN_TAG: datetime.fromtimestamp(self.born, UTC).isoformat(timespec="seconds"),
            },
        }

    def is_shown_by(self, answer: Any) -> bool:
        """Whether an answer is this flow with all that was said of it."""
        return holds(answer, self.document)


def new_flow(run: str, kind: str, born: float) -> Flow:
    """A flow with ids of its own."""
    flow_id = new_id()
    return Flow(flow_id, new_id(), run, kind, f"{RUN_PREFIX}{kind}-{flow_id}", born)


@dataclass(frozen=True, slots=True)
class Segment:
    """One second of a flow's timeline.

    Attributes:
        object_id: the media object that fills it.
        second: from when on.
        offset: how much later the flow shows the object than the object says itself, seconds.
    """

    object_id: str
    second: int = 0
    offset: int = 0

    @property
    def timerange(self) -> str:
        """From when to when, as the API writes it."""
        return seconds(self.second, self.second + 1)

    @property
    def document(self) -> dict[str, Any]:
        """The segment as the API takes and shows it."""
        shift = {"ts_offset": f"{self.offset}:0"} if self.offset else {}
        return {"object_id": self.object_id, "timerange": self.timerange, **shift}


def seconds(start: int, end: int) -> str:
    """A part of a timeline as the API writes it, its end left out."""
    return f"[{start}:0_{end}:0)"


def require_segments(shown: list[dict[str, Any]], expected: list[Segment]) -> None:
    """Require exactly these segments, in this order, each with somewhere to get its media from.

    Raises:
        IntegrityError: the list is another.
    """
    require(len(shown) == len(expected), f"{len(shown)} segments are listed, not the {len(expected)} that are there")
    for found, segment in zip(shown, expected, strict=True):
        require(holds(found, segment.document), f"the segment at {segment.timerange} is not as it was registered")
        media_url(found)


def media_url(shown: dict[str, Any]) -> str:
    """Where a segment or an object says that its media can be got: the first presigned URL, else the first one.

    Raises:
        IntegrityError: nowhere.
    """
    urls = shown.get("get_urls")
    usable = (
        [one for one in urls if isinstance(one, dict) and isinstance(one.get("url"), str)] if isinstance(urls, list) else []
    )
    require(bool(usable), "a segment or an object has no URL to get its media from")
    best = next((one for one in usable if one.get("presigned")), usable[0])
    return str(best["url"])
