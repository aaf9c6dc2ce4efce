"""Start times are a pure function of the run's start."""

from hypothesis import given
from hypothesis import strategies as st

from exporters.pacing import JITTER_FRACTION, Pacing, phase

SECONDS = st.floats(0, 1e6, allow_nan=False)
PACINGS = st.builds(
    Pacing,
    run_start_seconds=SECONDS,
    interval_seconds=st.floats(0.1, 3600),
    phase_seconds=st.floats(0, 3600),
    seed=st.text(max_size=20),
)
SLACK = 1e-6


@given(PACINGS, st.integers(0, 10**6))
def test_no_drift(pacing: Pacing, k: int) -> None:
    """The k-th start lies within the jitter of its regular place, however many came before."""
    regular = pacing.run_start_seconds + pacing.phase_seconds + k * pacing.interval_seconds
    assert -SLACK <= pacing.start(k) - regular <= JITTER_FRACTION * pacing.interval_seconds + SLACK


@given(PACINGS, st.integers(0, 10**6))
def test_starts_keep_their_distance(pacing: Pacing, k: int) -> None:
    """Two starts are never closer than an interval less the jitter, nor further apart than one and the jitter."""
    gap = (pacing.start(k + 1) - pacing.start(k)) / pacing.interval_seconds
    assert 1 - JITTER_FRACTION - SLACK <= gap <= 1 + JITTER_FRACTION + SLACK


@given(PACINGS, st.integers(0, 1000))
def test_same_seed_same_starts(pacing: Pacing, k: int) -> None:
    """Equal values give equal starts: nothing else enters."""
    again = Pacing(pacing.run_start_seconds, pacing.interval_seconds, pacing.phase_seconds, pacing.seed)
    assert again.start(k) == pacing.start(k)


@given(PACINGS, st.floats(-10, 1e5))
def test_going_on(pacing: Pacing, after: float) -> None:
    """A schedule that goes on takes the first start that is to come, and passes over none."""
    now = pacing.run_start_seconds + after
    k = pacing.next_after(now)
    assert pacing.start(k) > now
    assert k == 0 or pacing.start(k - 1) <= now


@given(st.integers(1, 200), st.floats(0.1, 3600))
def test_phases_are_spread(count: int, interval: float) -> None:
    """Operations of one cadence stand at equal distances over the interval."""
    phases = [phase(rank, count, interval) for rank in range(count)]
    gaps = [high - low for low, high in zip(phases, [*phases[1:], interval], strict=True)]
    assert phases[0] == 0
    assert max(gaps) - min(gaps) <= SLACK * interval
