"""A classic histogram over plain integers: observing is one bisect and one addition, and its edges may change."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

RETIRED_EDGES = 48
"""How many edges of earlier baselines a histogram keeps, so that quantiles over a window that spans a change stay right."""


class Histogram:
    """Counts of observations at or under each edge.

    Attributes:
        edges: upper bounds without +Inf, sorted.
        counts: observations per cell; one more than there are edges (the last is over all of them).
        total: sum of the observations.
    """

    __slots__ = ("_declared", "_retired", "counts", "edges", "total")

    def __init__(self, edges: Sequence[float]) -> None:
        """Start empty over the given edges."""
        self.edges = tuple(edges)
        self.counts = [0] * (len(self.edges) + 1)
        self.total = 0.0
        self._declared = self.edges
        self._retired: list[float] = []

    def observe(self, value: float) -> None:
        """Count one observation; a value on an edge belongs to that edge's cell."""
        self.counts[bisect_left(self.edges, value)] += 1
        self.total += value

    def cumulative(self) -> tuple[int, ...]:
        """Observations at or under each edge, and all of them last: the `_bucket` values."""
        return tuple(accumulate(self.counts))

    def change_edges(self, edges: Sequence[float]) -> bool:
        """Take other edges without losing a count; answer whether the edges in use changed.

        Each edge that stays keeps its cumulative count, so no counter resets. An edge that is new starts at its lower
        neighbour's count: what came before falls on its upper side, and Prometheus' rates see only what comes after. Edges
        no longer declared are kept for windows that span the change, the most recent `RETIRED_EDGES` of them.
        """
        retired = [e for e in self._retired if e not in edges]
        retired += [e for e in self._declared if e not in edges]
        self._declared, self._retired = tuple(edges), retired[-RETIRED_EDGES:]
        wanted = tuple(sorted({*edges, *self._retired}))
        if wanted == self.edges:
            return False
        cumulative = self.cumulative()
        at = [
            cumulative[i]
            if (i := bisect_left(self.edges, e)) < len(self.edges) and self.edges[i] == e
            else (cumulative[i - 1] if i else 0)
            for e in wanted
        ]
        at.append(cumulative[-1])
        self.edges = wanted
        self.counts = [high - low for low, high in zip([0, *at], at, strict=False)]
        return True


def quantile(level: float, edges: Sequence[float], counts: Sequence[int]) -> float | None:
    """The quantile as PromQL's `histogram_quantile` has it: on a straight line within its cell, from 0 in the first.

    At an edge it is exact: it lies at or under an edge if and only if the share `level` does. In the cell over all edges it is
    the last edge.

    Args:
        level: 0 to 1.
        edges: upper bounds without +Inf, sorted.
        counts: observations per cell; one more than there are edges.

    Returns:
        None where nothing was observed.
    """
    cumulative = tuple(accumulate(counts))
    if not cumulative[-1]:
        return None
    rank = level * cumulative[-1]
    cell = bisect_left(cumulative, rank)
    if cell == len(edges):
        return edges[-1]
    low, before = (edges[cell - 1], cumulative[cell - 1]) if cell else (0.0, 0)
    return low + (edges[cell] - low) * (rank - before) / counts[cell] if counts[cell] else low
