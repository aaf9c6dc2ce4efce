"""Counting run-scoped flows from outside, by labels, tags and ages, whoever made them; deleting what crashed runs left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operations.http.exchange import Answer
from steadyline.operations.tams.api import TamsApi, rows_of
from steadyline.operations.tams.flow import BORN_TAG, RUN_TAG
from steadyline.outcome import IntegrityError


@dataclass(frozen=True, slots=True)
class Found:
    """A run-scoped flow as seen from outside; its age is by the target's clock alone."""

    id: str
    source_id: str
    run: str
    age_seconds: float

    @property
    def was_left_by_a_crash(self) -> bool:
        """Past twice its lifetime; a younger one may be another live run's on the same target."""
        return self.age_seconds > 2 * RUN_LIFETIME_SECONDS


def run_scoped(api: TamsApi) -> Iterator[Found]:
    """All run-scoped flows there are: those that have both our tag and our kind of label."""
    for page in api.pages("flows", {f"tag_exists.{RUN_TAG}": "true"}):
        now = _answered(page)
        for row in rows_of(page):
            if str(row.get("label", "")).startswith(RUN_PREFIX):
                yield _found(row, now)


def _answered(page: Answer) -> datetime:
    """When a target answered, by its own clock."""
    try:
        return parsedate_to_datetime(page.headers["Date"])
    except (LookupError, ValueError):
        raise IntegrityError("the answer does not say when it was given: how old flows are cannot be told") from None


def _found(row: dict[str, Any], now: datetime) -> Found:
    try:
        tags = row["tags"]
        born = datetime.fromisoformat(row.get("created") or tags[BORN_TAG])
        age = now - (born if born.tzinfo else born.replace(tzinfo=UTC))
        return Found(row["id"], row["source_id"], tags[RUN_TAG], age.total_seconds())
    except (LookupError, TypeError, ValueError):
        raise IntegrityError("a flow is not shown with its id, its source, its tags and when it was made") from None


def count_of(api: TamsApi, flow_id: str, source_id: str) -> int:
    """How many things a flow consists of: itself, its source, its segments and their media objects.

    An object that no segment refers to yet is shown by no list; it goes with its flow.
    """
    segments = api.segments(flow_id)
    objects = {str(segment.get("object_id")) for segment in segments}
    return 1 + api.wire.is_there(f"sources/{source_id}") + len(segments) + len(objects)


def delete_counted(api: TamsApi, flow_id: str, source_id: str) -> int:
    """Delete a flow and all in it; answer how many things went, 0 where it was gone already."""
    things = count_of(api, flow_id, source_id)
    return things if api.delete_flow(flow_id) else 0
