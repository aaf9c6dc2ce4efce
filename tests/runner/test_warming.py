"""The first attempts: how many there are, and what they say an attempt costs."""

import pytest

from runner.warming import CHEAP_SECONDS, costs


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        pytest.param([0.5, 0.005, 0.006], [0.5, 0.005, 0.005], id="the first one is more, and says nothing"),
        pytest.param([0.001, 0.005, 0.006], [0.001, 0.005, 0.005], id="nor if it is less"),
        pytest.param([0.5, 0.3, 0.005], [0.5, 0.3, 0.005], id="what slowed the second is not taken for its cost"),
        pytest.param([30.0, CHEAP_SECONDS, 0.9], [30.0, CHEAP_SECONDS, 0.9], id="on the limit"),
        pytest.param([0.1, 1.5 * CHEAP_SECONDS], [0.1, 1.5 * CHEAP_SECONDS], id="what costs much is not asked a third time"),
    ],
)
def test_costs(takes, expected):
    """After each attempt, the least of those that were not the first."""
    seconds, left = [0.0], iter(takes)

    def ask():
        seconds[0] += next(left)

    assert list(costs(ask, lambda: seconds[0])) == pytest.approx(expected)
    assert list(left) == []
