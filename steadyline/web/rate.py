"""A token bucket: how many requests are answered over time."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """Tokens, one for a request.

    Attributes:
        interval_seconds: between two new ones; 0 limits nothing.
        burst: so many are kept.
        clock: seconds, monotonic.
    """

    interval_seconds: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _tokens: float = 0.0
    _at: float = 0.0

    def __post_init__(self) -> None:
        """Begin full."""
        self._tokens, self._at = self.burst, self.clock()

    def take(self) -> bool:
        """Whether there was a token."""
        if not self.interval_seconds:
            return True
        now = self.clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) / self.interval_seconds)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
