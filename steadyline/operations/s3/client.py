"""The connection to one S3 target: its bucket, the run-scoped prefix, and the janitor's questions."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from uuid import uuid4

from botocore.exceptions import ClientError

from steadyline.operations.http.connection import Waits
from steadyline.operations.renewal import ClientClosedError, RenewedProject, Scoped, delete_each
from steadyline.operations.s3.artefacts import Found, delete_scope, left, name_of, run_scoped
from steadyline.operations.s3.bucket import Bucket
from steadyline.operations.s3.connection import Place, Sdk
from steadyline.operations.s3.failures import FAILURES
from steadyline.operations.s3.listed import Entry, Listed
from steadyline.operations.s3.prefixes import PrefixStore
from steadyline.operations.s3.reachability import check
from steadyline.operations.s3.wire import Wire
from steadyline.operations.scoped_client import ScopedClient


class S3Client(ScopedClient):
    """One target; safe for several threads.

    Args:
        place: where it is, and who asks.
        concurrency: most connections to it.
        waits: the longest that each kind of wait may take.
        allow_writes: without it, whatever needs a run-scoped prefix is refused.
        now: Unix time.
    """

    def __init__(
        self, place: Place, concurrency: int, waits: Waits, *, allow_writes: bool, now: Callable[[], float] = time.time
    ) -> None:
        """Send nothing yet."""
        self._place = place
        self._waits = waits
        super().__init__(allow_writes=allow_writes, now=now)
        self._sdk = Sdk(place, waits)
        self._wire = Wire(secure=place.is_secure, concurrency=concurrency, waits=waits)
        self.bucket = Bucket(place.bucket, self._sdk.client(self._wire), self._wire)
        self._working = RenewedProject(PrefixStore(self.bucket), now)
        self._listed = Listed(self.bucket)

    @property
    def working(self) -> Scoped:
        """The run-scoped prefix to work under; its items are the keys of segments to read."""
        self._require_writes()
        return self._working.current()

    def new_key(self) -> str:
        """A key under the run-scoped prefix that nobody has."""
        return f"{name_of(self.working.id)}/work/{uuid4()}"

    def listed(self, count: int) -> tuple[str, list[Entry]]:
        """A prefix with 1, 10 or 100 objects that nobody writes to, and these objects."""
        return self._listed.first(name_of(self.working.id), count)

    @contextmanager
    def another(self) -> Iterator[Bucket]:
        """The bucket through a new client over a connection of its own."""
        wire = Wire(secure=self._place.is_secure, concurrency=1, waits=self._waits)
        try:
            bucket = Bucket(self._place.bucket, self._sdk.client(wire), wire)
            yield bucket
            bucket.close()
        finally:
            wire.close()

    def check(self) -> None:
        """Ask whether the bucket can be listed.

        Raises:
            UnreachableError: it cannot; the text says what to do.
        """
        check(self._place, lambda: self.bucket.page(most=1))

    def sweep(self) -> int:
        """Delete what crashed runs left, and own predecessors that are overdue; answer how many objects and uploads went."""
        if not self._allow_writes:
            return 0
        crashed = left(run_scoped(self.bucket).values(), self._ours)
        deletions = [partial(delete_scope, self.bucket, scope) for scope in crashed]
        return delete_each([self._working.delete_overdue, *deletions], (ClientError,))

    def leaked(self) -> int:
        """Count what should be gone: of crashed runs, of overdue predecessors, and what attempts left in ours."""
        found = run_scoped(self.bucket)
        overdue = {name_of(scope_id) for scope_id in self._working.overdue}
        return sum(scope.artefacts for scope in left(found.values(), self._ours, overdue)) + self._left_by_attempts(found)

    def _left_by_attempts(self, found: dict[str, Found]) -> int:
        """Things under the working prefix that were there at an earlier count too, so no attempt under way needs them."""
        held = self._working.held
        scope = found.get(name_of(held.id)) if held else None
        work = f"{scope.name}/work/" if scope else ""
        there = {key for key in scope.keys if key.startswith(work)} | set(scope.uploads) if scope else set()
        return len(self._lingering(there))

    @property
    def _ours(self) -> set[str]:
        return {name_of(scope_id) for scope_id in self._working.ids}

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect; what cannot be deleted now is left to a later sweep."""
        with suppress(*FAILURES, ClientClosedError):
            self._working.close()
        self.bucket.close()
        self._wire.close()
