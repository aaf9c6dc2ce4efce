"""Run-scoped prefixes: made with segments to read, and deleted with all under them."""

from dataclasses import dataclass

from steadyline.operations.s3.artefacts import KIND, delete_scope, name_of, run_scoped
from steadyline.operations.s3.bucket import Bucket
from steadyline.operations.s3.failures import FAILURES
from steadyline.operations.s3.payload import segment

SEGMENTS = 4
"""To read in turn, so that not one object alone is always in every cache."""
BORN = "born"
"""The object that is stored first: it dates the prefix."""


@dataclass(frozen=True, slots=True)
class PrefixStore:
    """Keeps the run-scoped prefixes in a bucket."""

    bucket: Bucket

    @property
    def kind(self) -> str:
        """Words for a prefix's name."""
        return KIND

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What S3 raises."""
        return FAILURES

    def make(self, _scope_id: str, name: str) -> tuple[str, ...]:
        """Store the segments under a new prefix; answer their keys by number."""
        self.bucket.put(f"{name}/{BORN}", b"")
        keys = tuple(f"{name}/segments/{number}" for number in range(SEGMENTS))
        for number, key in enumerate(keys):
            self.bucket.put(key, segment(number), Metadata={"number": str(number)})
        return keys

    def is_there(self, scope_id: str) -> bool:
        """Ask for the first object."""
        return self.bucket.has(f"{name_of(scope_id)}/{BORN}")

    def delete(self, scope_id: str) -> int:
        """Delete all under the prefix; answer how many objects and uploads went."""
        return sum(delete_scope(self.bucket, found) for found in run_scoped(self.bucket, f"{name_of(scope_id)}/").values())
