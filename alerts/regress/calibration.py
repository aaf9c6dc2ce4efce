"""How long a request must be held back so that the mean that the *client* measures is the one that was asked for; pure.

The client sees what the server takes plus its own overhead (connection, encoding, the threads in between). The target
makes the server's part exact; the overhead is estimated from what the client measured, and taken off. What the estimate
missed so far is made good over the next samples, so that a noisy machine, too, has the mean that was asked for.
"""

from dataclasses import dataclass

SMALLEST_SECONDS = 0.0001
"""A request cannot be asked to take no time; one that needs more by itself is not slowed."""
AMENDS_SAMPLES = 15.0
"""What was missed is made good over so many samples: one run."""
LARGEST_AMENDS = 0.1
"""At most this share of the goal at once: each run is near to it, too."""
MEMORY_SAMPLES = 60.0
"""The estimate forgets: overhead drifts with the machine's load, over minutes."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The estimate so far.

    The weight of all samples before is a gain that falls as they add up, so a noisy batch cannot make it swing; the
    overhead is bounded to 0 and the goal, so that a batch that was still quick, or an outlier, cannot throw it off.

    Attributes:
        goal_seconds: the mean that the client shall measure.
        overhead_seconds: what the client needs on top of the server.
        weight: how many samples the estimate rests on.
        missed_seconds: by how much all samples together were over the goal.
    """

    goal_seconds: float
    overhead_seconds: float = 0.0
    weight: float = 0.0
    missed_seconds: float = 0.0

    @property
    def takes_seconds(self) -> float:
        """What the server shall take in all."""
        most = LARGEST_AMENDS * self.goal_seconds
        amends = min(max(self.missed_seconds / AMENDS_SAMPLES, -most), most)
        return max(SMALLEST_SECONDS, self.goal_seconds - self.overhead_seconds - amends)

    def after(self, samples: float, mean_seconds: float) -> "Calibration":
        """The estimate after a batch that the client measured while the server took `takes_seconds`."""
        if samples <= 0:
            return self
        seen = min(max(mean_seconds - self.takes_seconds, 0.0), self.goal_seconds)
        weight = min(self.weight, MEMORY_SAMPLES)
        overhead = (self.overhead_seconds * weight + seen * samples) / (weight + samples)
        missed = self.missed_seconds + (mean_seconds - self.goal_seconds) * samples
        most = AMENDS_SAMPLES * self.goal_seconds  # one long hang must not bend the rest of the time
        return Calibration(self.goal_seconds, overhead, weight + samples, min(max(missed, -most), most))


def first_guess(goal_seconds: float, present_mean_seconds: float) -> Calibration:
    """Before anything was measured: half of what the operation takes now is the client's, on the word of three samples."""
    return Calibration(goal_seconds, min(present_mean_seconds, goal_seconds) / 2, weight=3.0)
