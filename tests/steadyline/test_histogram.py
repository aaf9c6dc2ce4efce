"""The histogram's arithmetic, and what a change of edges keeps."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadyline.histogram import RETIRED_EDGES, Histogram, quantile

EDGES = st.lists(st.floats(1e-4, 60, allow_nan=False), min_size=1, max_size=12, unique=True).map(sorted)
VALUES = st.lists(st.floats(0, 100, allow_nan=False), max_size=60)


@given(EDGES, VALUES)
def test_cumulative_counts_are_the_values_at_or_under_each_edge(edges, values):
    """A value on an edge counts under that edge, as Prometheus' `le` says."""
    histogram = Histogram(edges)
    for value in values:
        histogram.observe(value)
    ordered = sorted(values)
    assert list(histogram.cumulative()) == [*(bisect_right(ordered, e) for e in edges), len(values)]


@given(EDGES, EDGES, VALUES, VALUES)
def test_an_edge_that_stays_keeps_its_count_and_new_counts_are_exact(before, after, first, second):
    """A change of edges resets no counter; every edge in use counts what comes after exactly."""
    histogram = Histogram(before)
    for value in first:
        histogram.observe(value)
    old = dict(zip([*histogram.edges, None], histogram.cumulative(), strict=True))
    histogram.change_edges(after)
    changed = dict(zip([*histogram.edges, None], histogram.cumulative(), strict=True))
    assert changed.items() >= old.items()
    assert list(changed.values()) == sorted(changed.values())
    for value in second:
        histogram.observe(value)
    now = dict(zip([*histogram.edges, None], histogram.cumulative(), strict=True))
    for edge in histogram.edges:
        assert now[edge] - changed[edge] == sum(value <= edge for value in second)
    assert set(after) <= set(histogram.edges)


def test_retired_edges_are_bounded():
    """However often baselines change, a histogram keeps a bounded number of edges."""
    histogram = Histogram([1.0])
    for step in range(10 * RETIRED_EDGES):
        histogram.change_edges([2.0 + step / 1000])
    assert len(histogram.edges) == RETIRED_EDGES + 1


def test_an_edge_that_comes_back_is_no_longer_retired():
    """Going back to an earlier baseline does not keep its edges twice."""
    histogram = Histogram([1.0, 2.0])
    histogram.change_edges([1.0, 3.0])
    histogram.change_edges([1.0, 2.0])
    assert histogram.edges == (1.0, 2.0, 3.0)
    assert not histogram.change_edges([1.0, 2.0])


def test_a_quantile_lies_on_a_line_within_its_cell():
    """As PromQL has it: from 0 in the first cell, at the last edge over all of them, nothing of nothing."""
    assert quantile(0.5, (1.0, 2.0), (4, 0, 0)) == 0.5
    assert quantile(0.5, (1.0, 2.0), (1, 3, 0)) == pytest.approx(1 + 1 / 3)
    assert quantile(0.9, (1.0, 2.0), (1, 0, 3)) == 2.0
    assert quantile(0.5, (1.0, 2.0), (0, 0, 0)) is None


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.sampled_from([500, 900, 950, 990, 999]))
def test_a_quantile_is_on_the_side_of_an_edge_that_counting_says(counts, thousandths):
    """At or under the edge if and only if the share is."""
    found = quantile(thousandths / 1000, (1.0, 2.0, 3.0), counts)
    for cell, edge in enumerate((1.0, 2.0)):
        within = sum(counts[: cell + 1]) * 1000 >= thousandths * sum(counts)
        assert found is None or (found <= edge) == within
