import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.knee import CONFIRMATION, Step, find, past_knee

LOADS = [20.0 * step for step in range(1, 11)]


def steps(throughput, loads=LOADS, noise=0.0, seed=0, failures=lambda _load: 0.0):
    """A breakpoint run over a throughput curve; the noise is the half width of an even spread."""
    chance = random.Random(seed)
    return [Step(n, throughput(n) * (1 + chance.uniform(-noise, noise)), 0.046, failures(n)) for n in loads]


def queue(capacity, half):
    """Throughput of a closed system whose elasticity is 1/2 at `half`."""
    return lambda n: capacity * n / (n + half)


def corner(each, most):
    """Throughput that grows evenly until it is at its most."""
    return lambda n: min(each * n, most)


def usl(contention, coherency, each=10.0):
    """Throughput after the universal scalability law."""
    return lambda n: each * n / (1 + contention * (n - 1) + coherency * n * (n - 1))


def half_elastic(throughput, low=1.0, high=1e5):
    """The load at which a growing curve's elasticity is 1/2, by halving."""
    for _ in range(200):
        middle = math.sqrt(low * high)
        elasticity = math.log(throughput(middle * 1.0001) / throughput(middle)) / math.log(1.0001)
        low, high = (middle, high) if elasticity > 0.5 else (low, middle)
    return low


def test_the_sentence():
    """The finding says where, what was measured there, and why the next step was not worth it."""
    loads = [100.0, 120.0, 140.0, 160.0]
    measured = [Step(100, 690, 0.04, 0), Step(120, 812, 0.046, 0), Step(140, 836, 0.09, 0), Step(160, 840, 0.2, 0)]
    finding = find(measured)
    assert [step.load for step in measured] == loads
    assert finding.knee is not None
    assert (finding.knee.load, finding.knee.throughput_per_second, finding.knee.p95_seconds) == (120, 812, 0.046)
    assert finding.sentence == (
        "the knee is at 120 users: 812 requests/s, p95 46 ms; at 140 users 17 % more load gave 3 % more throughput"
    )


def test_the_sentence_in_the_open_model():
    """The unit is the caller's, and failures are named where they are the reason."""
    measured = [Step(n, n if n < 3000 else 2800, 0.1, 0 if n < 3000 else 0.2) for n in (1000, 2000, 3000, 4000)]
    assert find(measured, "starts/s").sentence == (
        "the knee is at 2000 starts/s: 2000 requests/s, p95 100 ms; "
        "at 3000 starts/s 50 % more load gave 40 % more throughput and 20 % failures"
    )


@pytest.mark.parametrize(
    ("measured", "sentence"),
    [
        ([], "no knee: no step was measured"),
        ([Step(10, 5, None, 0)], "no knee up to 10 users: a knee takes 3 steps, there were 1"),
        (steps(lambda n: n), "no knee up to 200 users: 200 requests/s, p95 46 ms there, and it still grew with the load"),
        (
            steps(corner(1, 180)),
            (
                "no knee up to 200 users: 180 requests/s, p95 46 ms there; "
                "only the last step did not pay, a higher load would tell"
            ),
        ),
        (
            steps(lambda _n: 0, failures=lambda _n: 1.0),
            "no knee: it lies under the first step of 20 users, 100 % of the requests failed there",
        ),
    ],
)
def test_no_knee(measured, sentence):
    """Where there is no knee the sentence says why."""
    finding = find(measured)
    assert (finding.knee, finding.sentence) == (None, sentence)


def test_nothing_moves():
    """A target whose throughput does not depend on the load at all has its knee at the first step."""
    finding = find(steps(lambda _n: 50))
    assert finding.knee is not None
    assert finding.knee.load == LOADS[0]


@given(st.floats(0.1, 1e4), st.floats(0, 0.03), st.integers(0, 10_000))
def test_linear_has_none(each, noise, seed):
    """Throughput that grows with the load has no knee, 3 % of noise notwithstanding, and the run is never ended early."""
    measured = steps(lambda n: each * n, noise=noise, seed=seed)
    assert find(measured).knee is None
    assert not any(past_knee(measured[:count]) for count in range(len(measured) + 1))


@given(st.floats(10, 1e5), st.floats(20, 150))
def test_queue(capacity, half):
    """On the curve of a queue the knee is found within a step of where half a per cent is still gained per per cent."""
    knee = find(steps(queue(capacity, half))).knee
    assert knee is not None
    assert abs(knee.load - half) <= 20


@given(st.floats(0.1, 100), st.floats(40, 150), st.floats(0, 0.02), st.integers(0, 10_000))
def test_corner(each, corner_load, noise, seed):
    """Where the target saturates at once the knee is within a step of it, with 2 % of noise."""
    knee = find(steps(corner(each, each * corner_load), noise=noise, seed=seed)).knee
    assert knee is not None
    assert abs(knee.load - corner_load) <= 20


@given(st.floats(0.005, 0.03), st.floats(1e-5, 5e-4), st.integers(0, 10_000))
def test_usl(contention, coherency, seed):
    """After the universal scalability law, with 1 % of noise: within a step, or two where the curve bends slowly."""
    curve = usl(contention, coherency)
    true = half_elastic(curve)
    knee = find(steps(curve, noise=0.01, seed=seed)).knee
    if true > LOADS[-1 - CONFIRMATION]:
        assert knee is None or knee.load >= true - 40
    else:
        assert knee is not None
        assert abs(knee.load - true) <= 40


def test_one_noisy_step_ends_nothing():
    """A step that measured half of what it should neither is a knee nor ends the run."""
    measured = steps(lambda n: n)
    for at in range(len(measured)):
        noisy = [Step(s.load, s.throughput_per_second / 2, 0.1, 0.05) if i == at else s for i, s in enumerate(measured)]
        assert find(noisy).knee is None
        assert not any(past_knee(noisy[:count]) for count in range(len(noisy) + 1))


def test_stops_two_steps_past():
    """The run can end when two steps past the knee agree, not before."""
    measured = steps(corner(1, 100))
    assert [past_knee(measured[:count]) for count in range(1, 11)] == [False] * 6 + [True] * 4


def test_failures_are_no_throughput():
    """A target that answers ever more but fails has its knee before the failures."""
    knee = find(steps(lambda n: n, failures=lambda n: 0.0 if n <= 100 else 0.03)).knee
    assert knee is not None
    assert knee.load == 100


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e6), st.none() | st.floats(0, 60), st.floats(0, 1)), max_size=12))
def test_any_steps(figures):
    """Whatever was measured, in whatever order, there is a finding with a sentence, and it agrees with the stop."""
    measured = [Step(*one) for one in figures]
    finding = find(measured)
    assert finding.sentence
    assert finding.knee is None or past_knee(measured)
