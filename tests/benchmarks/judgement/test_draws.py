"""Rounds drawn for a comparison of recorded run sets."""

import random

import pytest
from draws import at_random, one_after_the_other

from steadyline.baseline import GATE_MOST_RUNS


def test_no_round_twice():
    """A round is in the baseline or among the current ones, never in both and never again."""
    for draw in at_random(random.Random(1), 60, 10, 200):
        rounds = draw.baseline + draw.current
        assert len(set(rounds)) == len(rounds) == 10 + GATE_MOST_RUNS
        assert set(rounds) <= set(range(60))


def test_all_over_the_recording():
    """Every round takes its turn in the baseline, and comparisons differ."""
    draws = list(at_random(random.Random(1), 60, 10, 200))
    assert {index for draw in draws for index in draw.baseline} == set(range(60))
    assert len({draw.baseline for draw in draws}) == len(draws)


def test_too_few_rounds():
    """A recording that is too short is refused, not drawn from twice."""
    with pytest.raises(ValueError, match="larger than population"):
        next(at_random(random.Random(1), 10 + GATE_MOST_RUNS - 1, 10, 1))


def test_in_a_row():
    """As recorded, the current rounds follow the baseline's; each start is one comparison."""
    draws = list(one_after_the_other(42, 10))
    assert [draw.baseline[0] for draw in draws] == [0, 1, 2]
    assert all((*draw.baseline, *draw.current) == tuple(range(d, d + 40)) for d, draw in enumerate(draws))
