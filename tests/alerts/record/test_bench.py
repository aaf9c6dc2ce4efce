import math
import random

import pytest

from alerts.judgement.gate import is_settled, judge
from alerts.record.bench import is_long_enough
from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS, Baseline, Quantity, Recorded


def runs(spread, count):
    """Run means whose logarithms spread so much, half of them on either side."""
    return [0.1 * math.exp(spread * (1 if number % 2 else -1)) for number in range(count)]


@pytest.mark.parametrize(
    ("spread", "count", "tolerance", "enough"),
    [
        pytest.param(0.02, 5, 0.2, True, id="a still operation needs few rounds"),
        pytest.param(0.11, 10, 0.2, True, id="a tenth is what ten rounds bear"),
        pytest.param(0.11, 10, 0.1, False, id="not under a narrower tolerance"),
        pytest.param(0.15, 10, 0.2, False, id="a noisy one is recorded longer"),
        pytest.param(0.15, 30, 0.2, True, id="until it is enough"),
        pytest.param(0.4, 30, 0.2, False, id="one so noisy never is"),
        pytest.param(0.4, GATE_RUNS - 1, 0.2, True, id="what has no baseline is not waited for"),
    ],
)
def test_recorded_as_long_as_it_spreads(spread, count, tolerance, enough):
    """The more an operation spreads, the more rounds its baseline takes."""
    assert is_long_enough(runs(spread, count), tolerance) is enough


def test_no_time_is_not_waited_for():
    """What took no time has no logarithm, and is refused elsewhere."""
    assert is_long_enough([0.0] * 10, 0.2)


def test_long_enough_is_settled():
    """An unchanged operation beside such a baseline is settled within the bound, all but always."""
    dice = random.Random(2)
    open_ones = 0
    for _ in range(400):
        noise = [0.1 * math.exp(dice.gauss(0, 0.12)) for _ in range(60)]
        k = next((k for k in range(10, 30) if is_long_enough(noise[:k], 0.2)), 30)
        logs = [math.log(one) for one in noise[:k]]
        mean = sum(logs) / k
        spread = math.sqrt(sum((one - mean) ** 2 for one in logs) / (k - 1))
        kept = Recorded("", "", "", k, k, None, {}, (), {})
        held = Baseline("sql.x", "bench", Quantity.DURATION, math.exp(mean), 0.2, spread, "", target="m", recorded=kept)
        open_ones += not is_settled(judge(noise[30 : 30 + GATE_MOST_RUNS], held, 1))
    assert open_ones <= 4
