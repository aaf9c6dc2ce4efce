import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.growth import Growth, exponent, growths
from runner.measured import Measured, Run


@given(
    b=st.floats(-1, 3),
    a=st.floats(0.001, 10),
    sizes=st.lists(st.integers(1, 100_000), min_size=2, max_size=8, unique=True),
)
def test_power_law_is_found(a, b, sizes):
    """Costs that follow a power law have its exponent."""
    assert exponent([(size, a * size**b) for size in sizes]) == pytest.approx(b, abs=1e-6)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (0.1, "hardly grows"),
        (0.5, "grows slower than the work"),
        (1.0, "grows as the work does"),
        (2.0, "grows faster than the work"),
    ],
)
def test_words(found, words):
    """An exponent is said in words, too."""
    assert Growth("sql.x", "main", found, ()).words == words


def grown(world, size, seconds):
    """One size of a family as it was measured."""
    found = Measured(world.chosen(world.operation(f"scale_{size}", size=size))[0])
    found.runs = [Run((seconds,))] if seconds else []
    return found


def test_families(world):
    """Every family with enough measured sizes has its growth; what does not grow, or was not measured, has none."""
    sized = [grown(world, size, 0.001 * size) for size in (10, 100, 1000)]
    (found,) = growths([*sized, Measured(world.chosen(world.operation("plain"))[0])])
    assert (found.family, found.target, found.exponent) == ("sql.scale", "main", pytest.approx(1.0))
    assert [size for size, _ in found.points] == [10, 100, 1000]
    assert growths([*sized[:2], grown(world, 1000, None)]) == []
