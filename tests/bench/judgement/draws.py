"""Comparisons drawn from recorded run sets: a baseline's rounds and current ones, none of them twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from steadyline.baseline import GATE_MOST_RUNS


@dataclass(frozen=True, slots=True)
class Draw:
    """The rounds of one comparison, the same for every operation.

    Attributes:
        baseline: whose runs the baseline is made of.
        current: the first ones at once, the others one by one while something is not settled.
    """

    baseline: tuple[int, ...]
    current: tuple[int, ...]


def at_random(dice: random.Random, rounds: int, baseline_runs: int, comparisons: int) -> Iterator[Draw]:
    """From all over the recording: what drifted meanwhile is on both sides.

    Raises:
        ValueError: there are too few rounds.
    """
    wanted = baseline_runs + GATE_MOST_RUNS
    for _ in range(comparisons):
        chosen = dice.sample(range(rounds), wanted)
        yield Draw(tuple(chosen[:baseline_runs]), tuple(chosen[baseline_runs:]))


def one_after_the_other(rounds: int, baseline_runs: int) -> Iterator[Draw]:
    """As it happens: the baseline's rounds in a row, and the current ones right after; one comparison from each start."""
    for start in range(rounds - baseline_runs - GATE_MOST_RUNS + 1):
        begin = start + baseline_runs
        yield Draw(tuple(range(start, begin)), tuple(range(begin, begin + GATE_MOST_RUNS)))
