"""What the clients of all backends share: the write guard, turns, and what attempts left behind."""

import itertools
from collections.abc import Callable, Collection, Hashable
from typing import TypeVar

from steadyline.errors import ConfigurationError
from steadyline.operations.renewal import GRACE_SECONDS

T = TypeVar("T", bound=Hashable)


class ScopedClient:
    """A client whose writes all lie in run-scoped places; safe for several threads.

    Args:
        allow_writes: without it, whatever needs a run-scoped place is refused.
        now: Unix time.
    """

    def __init__(self, *, allow_writes: bool, now: Callable[[], float]) -> None:
        """Touch nothing yet."""
        self._allow_writes = allow_writes
        self._now = now
        self._turn = itertools.count()
        self._first_seen: dict[Hashable, float] = {}

    def turn(self) -> int:
        """The next number of a sequence over all threads, for taking what is there in turn."""
        return next(self._turn)

    def _require_writes(self) -> None:
        """Go on only where the target may be written to.

        Raises:
            ConfigurationError: it may not; the text says what to do.
        """
        if not self._allow_writes:
            raise ConfigurationError("this target is read-only; give it allow_writes to run operations that write")

    def _lingering(self, there: Collection[T]) -> set[T]:
        """What was there at an earlier count too, so that no attempt under way needs it."""
        now, seen = self._now(), self._first_seen
        self._first_seen = {one: seen.get(one, now) for one in there}
        return {one for one in there if now - self._first_seen[one] > GRACE_SECONDS}
