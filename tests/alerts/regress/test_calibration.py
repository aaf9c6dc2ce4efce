"""The loop that makes the client measure what was asked."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.regress.calibration import LARGEST_AMENDS, Calibration, first_guess
from alerts.regress.plan import ACCURACY

BATCH = 3
BATCHES = 30
"""Three minutes at 2 s."""


def _measured(calibration: Calibration, overheads: list[float], own_seconds: float) -> tuple[float, Calibration]:
    """The mean that a client measures over all batches, the target holding each request back as it is told."""
    total = 0.0
    for i in range(0, len(overheads), BATCH):
        batch = [max(own_seconds, calibration.takes_seconds) + overhead for overhead in overheads[i : i + BATCH]]
        total += sum(batch)
        calibration = calibration.after(len(batch), sum(batch) / len(batch))
    return total / len(overheads), calibration


@given(
    goal=st.floats(0.002, 2),
    share=st.floats(0, 0.5),
    noise=st.floats(0, 0.5),
    guess=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_the_mean_lands_within_5_percent_of_the_goal(goal: float, share: float, noise: float, guess: float, seed: int) -> None:
    """Whatever the overhead (to half the goal, spread by half of itself) and the first guess, three minutes are enough."""
    chance = random.Random(seed)
    mean = goal * share
    overheads = [mean * (1 + chance.uniform(-noise, noise)) for _ in range(BATCH * BATCHES)]
    measured, _ = _measured(first_guess(goal, goal * guess), overheads, own_seconds=0.0)
    assert abs(measured / goal - 1) <= ACCURACY


@given(seed=st.integers(0, 2**32))
def test_a_machine_with_spikes_lands_there_too(seed: int) -> None:
    """One attempt in twenty takes half the goal longer, and the mean is still the one that was asked for."""
    chance = random.Random(seed)
    overheads = [0.05 + (0.5 if chance.random() < 0.05 else 0.0) for _ in range(BATCH * BATCHES)]
    measured, _ = _measured(first_guess(1.0, 0.1), overheads, own_seconds=0.0)
    assert abs(measured - 1) <= ACCURACY


@given(share=st.floats(0, 0.9), guess=st.floats(0, 1))
def test_a_constant_overhead_is_found(share: float, guess: float) -> None:
    """Without noise the estimate converges on the true overhead."""
    _, calibration = _measured(first_guess(1.0, guess), [share] * BATCH * BATCHES, own_seconds=0.0)
    assert calibration.overhead_seconds == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize(
    ("name", "mean_seconds", "overhead"),
    [("still quick", 0.002, 0.0), ("an outlier", 60.0, 0.08), ("exact", 0.08, 0.0)],
)
def test_a_batch_cannot_throw_the_estimate_off(name: str, mean_seconds: float, overhead: float) -> None:
    """The overhead stays between nothing and the goal, and amends are small."""
    found = Calibration(0.08).after(3, mean_seconds)
    assert found.overhead_seconds == pytest.approx(overhead), name
    assert 0 < found.takes_seconds <= 0.08 * (1 + LARGEST_AMENDS)


def test_an_empty_batch_changes_nothing() -> None:
    """No success, no news."""
    before = first_guess(0.08, 0.004)
    assert before.after(0, 0.0) is before


def test_the_estimate_follows_a_drift() -> None:
    """Old samples are forgotten, so an overhead that changes is found again."""
    _, early = _measured(first_guess(1.0, 0.1), [0.1] * 90, own_seconds=0.0)
    _, late = _measured(early, [0.3] * 300, own_seconds=0.0)
    assert late.overhead_seconds == pytest.approx(0.3, abs=0.02)


def test_what_needs_longer_by_itself_is_not_hurried() -> None:
    """A server that takes longer than it is told to keeps the wait positive."""
    measured, calibration = _measured(first_guess(0.08, 0.01), [0.005] * 90, own_seconds=0.2)
    assert measured == pytest.approx(0.205)
    assert calibration.takes_seconds > 0
