"""Run means as noise makes them, around 1: what the replayed comparisons are drawn from."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

DEGREES = 4
"""Of Student's t: tails so heavy that one run in fifty lies three spreads out."""
REMEMBERED = 0.5
"""Of one run's deviation in the next, where the environment drifts."""
WITHIN_RUN = 0.25
"""Spread of the attempts in one run (research: a fast window's)."""

Means = NDArray[np.float64]


class Kind(StrEnum):
    """How runs deviate from each other."""

    LOGNORMAL = "lognormal"
    HEAVY = "heavy tails"
    DRIFTING = "drifting"


@dataclass(frozen=True, slots=True)
class Noise:
    """One kind of noise between runs.

    Attributes:
        spread: standard deviation of the logarithms of the environment's factor.
        kind: of the environment's.
        attempts: in each run, which add noise of their own; None for endlessly many.
    """

    spread: float
    kind: Kind = Kind.LOGNORMAL
    attempts: int | None = None

    def means(self, dice: np.random.Generator, trials: int, runs: int) -> Means:
        """So many stretches of so many runs, each a mean."""
        found = np.exp(self.spread * self._deviations(dice, trials, runs))
        if self.attempts is None:
            return found
        within = dice.lognormal(-(WITHIN_RUN**2) / 2, WITHIN_RUN, (trials, runs, self.attempts))
        averaged: Means = found * within.mean(axis=2)
        return averaged

    def _deviations(self, dice: np.random.Generator, trials: int, runs: int) -> Means:
        """In units of the spread."""
        if self.kind is Kind.HEAVY:
            return dice.standard_t(DEGREES, (trials, runs)) / np.sqrt(DEGREES / (DEGREES - 2))
        fresh: Means = dice.standard_normal((trials, runs))
        return wandering(fresh, REMEMBERED) if self.kind is Kind.DRIFTING else fresh


def wandering(fresh: Means, remembered: float) -> Means:
    """Deviations that forget slowly, with the spread of the fresh ones, along the last axis."""
    shocks = fresh * np.sqrt(1 - remembered**2)
    shocks[..., 0] = fresh[..., 0]
    found: Means = lfilter([1.0], [1.0, -remembered], shocks, axis=-1)
    return found
