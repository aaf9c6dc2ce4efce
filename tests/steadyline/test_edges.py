from hypothesis import given
from hypothesis import strategies as st

from steadyline.edges import LADDER, own_edges, rounded, with_ladder


def test_ladder():
    """The ladder goes from 100 us to 60 s, four edges a decade, each written short."""
    assert (LADDER[0], LADDER[-1]) == (0.0001, 60.0)
    assert tuple(sorted(set(LADDER))) == LADDER
    assert [edge for edge in LADDER if 0.01 <= edge < 0.1] == [0.01, 0.01778, 0.03162, 0.05623]
    assert all(len(f"{edge:g}".replace(".", "").lstrip("0")) <= 4 for edge in LADDER if edge >= 0.001)


def test_own_edges():
    """A baseline of 50 ms with 10 % tolerance has an edge wherever a verdict changes, and its limits."""
    assert own_edges(0.05, 0.10, [20.0]) == (0.035, 0.0425, 0.05, 0.055, 0.0575, 0.065, 0.075, 0.1, 20.0)


def test_tolerance_on_a_level():
    """A tolerance that falls on a level gives no second edge."""
    assert len(own_edges(0.05, 0.15)) == len(own_edges(0.05, 0.10)) - 1


def test_without_baseline():
    """An operation without a baseline has the edges of its limits alone, or none."""
    assert own_edges(None, 0.2, [20.0, 5.0]) == (5.0, 20.0)
    assert own_edges(None, 0.2) == ()


def test_with_ladder():
    """An edge that the ladder has too stands once."""
    assert with_ladder([20.0, 10.0]) == tuple(sorted((*LADDER, 20.0)))
    assert with_ladder([]) == LADDER


@given(st.floats(1e-5, 100), st.floats(0, 0.99), st.lists(st.floats(0.001, 100), max_size=3))
def test_edges_of_any_baseline(baseline, tolerance, limits):
    """Whatever the baseline: edges are sorted, distinct, positive, and within half a per mille of what was asked."""
    edges = with_ladder(own_edges(baseline, tolerance, limits))
    assert list(edges) == sorted(set(edges))
    assert edges[0] > 0
    for wanted in (baseline, baseline * 1.15, baseline * 1.3, baseline * (1 + tolerance), *limits):
        assert any(abs(edge - wanted) <= 0.0005 * wanted for edge in edges)


@given(st.floats(1e-6, 1e4))
def test_rounding_is_settled(edge):
    """An edge that was rounded once stays, so that a reload with the same baseline changes no series."""
    assert rounded(rounded(edge)) == rounded(edge)
