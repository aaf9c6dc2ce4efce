"""When scheduled attempts start: a pure function of the run's start, never of an earlier answer."""

import hashlib
import math
from dataclasses import dataclass

JITTER_FRACTION = 0.05
"""Each start lies at most this part of the interval after its regular place, so that nothing periodic in a target (a
checkpoint, a cron job, the scrape itself) always meets the same operation."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """The starts of one operation on one target.

    Attributes:
        run_start_seconds: when the schedule began, by the schedule's clock.
        interval_seconds: the operation's cadence.
        phase_seconds: this operation's own place within the interval.
        seed: what the jitter is drawn from; the same seed gives the same starts.
        jitter_fraction: how much of the interval a start may lie after its regular place.
    """

    run_start_seconds: float
    interval_seconds: float
    phase_seconds: float
    seed: str
    jitter_fraction: float = JITTER_FRACTION

    def start(self, k: int) -> float:
        """The k-th start (from 0), in seconds of the schedule's clock."""
        digest = hashlib.blake2b(f"{self.seed}/{k}".encode(), digest_size=4).digest()
        jitter = int.from_bytes(digest) / 2**32 * self.jitter_fraction
        return self.run_start_seconds + self.phase_seconds + (k + jitter) * self.interval_seconds

    def next_after(self, now: float) -> int:
        """The first k whose start is after `now`: where a schedule that is swapped in goes on."""
        elapsed = now - self.run_start_seconds - self.phase_seconds
        k = max(0, math.floor(elapsed / self.interval_seconds - self.jitter_fraction))
        while self.start(k) <= now:
            k += 1
        return k


def phase(rank: int, count: int, interval_seconds: float) -> float:
    """The place of the rank-th of `count` operations of one cadence, spread evenly, so that they do not disturb each other."""
    return interval_seconds * rank / count
