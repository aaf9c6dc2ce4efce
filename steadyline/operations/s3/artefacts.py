"""Counting run-scoped prefixes from outside, by their names and ages, whoever made them; deleting what crashed runs left."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from steadyline.backend import RUN_LIFETIME_SECONDS
from steadyline.operations import renewal
from steadyline.operations.s3.bucket import Bucket

KIND = "s3"
PREFIX = renewal.name_of(KIND, "")
"""What all our keys begin with."""
_SCOPE = re.compile(rf"(?P<name>{PREFIX}[0-9a-f-]{{36}})/")


def name_of(scope_id: str) -> str:
    """A run-scoped prefix without its slash."""
    return renewal.name_of(KIND, scope_id)


@dataclass(slots=True)
class Found:
    """A run-scoped prefix as seen from outside: its age is by the store's clock alone.

    Attributes:
        name: the prefix without its slash.
        keys: of its objects.
        uploads: its unfinished multipart uploads, as (key, id).
        born: when its first object was stored; of a prefix without any, when its first upload began. A live run's prefix
            has objects, and stores differ in what they say of uploads (moto: 2010).
        age_seconds: since then.
    """

    name: str
    keys: list[str] = field(default_factory=list)
    uploads: list[tuple[str, str]] = field(default_factory=list)
    born: datetime | None = None
    age_seconds: float = 0.0

    @property
    def artefacts(self) -> int:
        """How many things are there."""
        return len(self.keys) + len(self.uploads)

    @property
    def was_left_by_a_crash(self) -> bool:
        """Past twice its lifetime; a younger one may be another live run's on the same bucket."""
        return self.age_seconds > 2 * RUN_LIFETIME_SECONDS

    def is_since(self, moment: datetime) -> None:
        """Take in when one of its things was made."""
        self.born = moment if self.born is None else min(self.born, moment)


def run_scoped(bucket: Bucket, prefix: str = PREFIX) -> dict[str, Found]:
    """All run-scoped prefixes there are, or those that begin so, by name; what only looks like one is somebody else's."""
    found: dict[str, Found] = {}
    now = datetime.now(UTC)
    for page in bucket.pages(prefix):
        now = _date(page) or now
        for one in page.get("Contents", []):
            if (scope := _scope(found, one["Key"])) is None:
                continue
            scope.keys.append(one["Key"])
            scope.is_since(one["LastModified"])
    with_objects = set(found)
    for upload in bucket.uploads(prefix):
        if (scope := _scope(found, upload["Key"])) is None:
            continue
        scope.uploads.append((upload["Key"], upload["UploadId"]))
        if scope.name not in with_objects:
            scope.is_since(upload["Initiated"])
    for scope in found.values():
        scope.age_seconds = (now - (scope.born or now)).total_seconds()
    return found


def _scope(found: dict[str, Found], key: str) -> Found | None:
    """The prefix that a key lies under; None where it is none of ours."""
    ours = _SCOPE.match(key)
    return found.setdefault(ours["name"], Found(ours["name"])) if ours else None


def _date(answer: dict[str, Any]) -> datetime | None:
    """The store's clock; None where it does not say."""
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        return parsedate_to_datetime(said)
    except ValueError:
        return None


def left(found: Collection[Found], ours: Collection[str], overdue: Collection[str] = ()) -> list[Found]:
    """Prefixes that should be gone: those of crashed runs, and our own predecessors that are overdue."""
    return [p for p in found if p.name in overdue or (p.was_left_by_a_crash and p.name not in ours)]


def delete_scope(bucket: Bucket, scope: Found) -> int:
    """Delete all under a prefix; answer how many things went."""
    for key in scope.keys:
        bucket.delete(key)
    return len(scope.keys) + sum(bucket.abort(key, upload) for key, upload in scope.uploads)
