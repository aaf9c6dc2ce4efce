"""How long a user waits before it asks a target again that does not answer: longer each time, and not for ever."""

from collections.abc import Callable
from dataclasses import dataclass

from steadyline.outcome import Reason

NOBODY = frozenset({Reason.DNS, Reason.CONNECT, Reason.TLS})
"""Failures that come at once and cost nothing: without a wait a user would spin on them."""
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 5.0


@dataclass(slots=True)
class Patience:
    """One user's.

    Attributes:
        dice: 0 to 1; users that failed together do not come back together.
    """

    dice: Callable[[], float]
    _next: float = FIRST_SECONDS

    def after(self, reason: Reason | None, *, answered: bool) -> float:
        """Seconds to wait after an attempt.

        Args:
            reason: why it failed, or None.
            answered: whether the target has ever answered as it should; one that never has is asked ever more rarely.
        """
        if reason is None or (answered and reason not in NOBODY):
            self._next = FIRST_SECONDS
            return 0.0
        seconds = self._next * (1 + self.dice()) / 2
        self._next = min(2 * self._next, LONGEST_SECONDS)
        return seconds
