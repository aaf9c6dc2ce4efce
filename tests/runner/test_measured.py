import pytest

from runner.measured import Measured, Run
from runner.memory import Memory
from steadyline.outcome import Outcome, Reason


def measured(world, *rounds, **facts):
    """An operation with these rounds' samples."""
    found = Measured(world.chosen(world.operation("one", **facts))[0])
    found.runs = [Run(tuple(samples), Memory(1000 + number, 10 * number)) for number, samples in enumerate(rounds)]
    return found


def test_what_is_judged(world):
    """One number a run, and their log mean: a round with more attempts counts no more than another."""
    found = measured(world, [1.0, 3.0], [8.0], items=16)
    assert found.run_means == [2.0, 8.0]
    assert found.mean_seconds == pytest.approx(4.0)
    assert found.items_per_second == pytest.approx(4.0)
    assert found.memory == Memory(1001, 10, 0)


@pytest.mark.parametrize(
    ("count", "fraction", "expected"),
    [
        pytest.param(1, 0.5, None, id="one sample has no median"),
        pytest.param(3, 0.5, 2.0, id="the middle one"),
        pytest.param(4, 0.5, 2.5, id="between two"),
        pytest.param(19, 0.95, None, id="p95 of too few"),
        pytest.param(20, 0.95, 19.05, id="p95 from 20 on"),
        pytest.param(99, 0.99, None, id="p99 of too few"),
        pytest.param(101, 0.99, 100.0, id="p99"),
    ],
)
def test_quantiles(world, count, fraction, expected):
    """A quantile is interpolated between ranks, and not given where it would only name the slowest sample again."""
    found = measured(world, [float(number) for number in range(count, 0, -1)]).quantile(fraction)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_nothing_measured(world):
    """Without a run there is no number at all."""
    found = measured(world)
    assert (found.mean_seconds, found.items_per_second, found.quantile(0.5), found.memory) == (None, None, None, None)


def test_no_time_at_all(world):
    """A clock too coarse for the body gives no logarithm, and so no mean."""
    assert measured(world, [0.0], [0.0]).mean_seconds is None


def test_failures(world):
    """Failures count by reason, the last one's cause is kept, and a failed attempt may be the slowest."""
    found = measured(world)
    for outcome in (Outcome(0.1), Outcome(9.0, Reason.TIMEOUT, detail="a"), Outcome(0.2, Reason.AUTH, detail="b")):
        found.note(outcome)
    assert (dict(found.failures), found.failed) == ({Reason.TIMEOUT: 1, Reason.AUTH: 1}, 2)
    assert (found.detail, found.slowest_seconds) == ("b", 9.0)
