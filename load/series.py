"""What is counted of each name under load: whole numbers only, so that merging the workers' counts is exact.

A worker's `Tally` counts and answers sparse deltas: what changed since the last one. The master's `Merged` adds them. Counts
are per cell and not cumulative, durations are added up in nanoseconds: addition of whole numbers does not depend on its order,
so the sum over many workers is bucket by bucket what one process would have counted.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from steadyline.edges import LADDER, with_ladder
from steadyline.load_vocabulary import FLOW_SUFFIX
from steadyline.outcome import Outcome, Reason

NANOSECONDS = 1_000_000_000
Delta = list[Any]
"""Changes of several series, as msgpack and JSON carry them; `Merged.add` reads what `Tally.delta` made."""


class Key(NamedTuple):
    """What a series is of: three of the labels; the driver is always load."""

    operation: str
    backend: str
    target: str

    @property
    def is_flow(self) -> bool:
        """Whether it is a flow's, whose steps are counted beside it."""
        return self.operation.endswith(FLOW_SUFFIX)


@dataclass(slots=True)
class Cells:
    """A histogram's cells: counts at or under each edge and over the one before; the last is over all edges.

    Attributes:
        counts: one more than there are edges.
        total_ns: sum of the observations, nanoseconds.
    """

    counts: list[int]
    total_ns: int = 0

    @property
    def count(self) -> int:
        """All observations."""
        return sum(self.counts)

    def observe(self, edges: Sequence[float], seconds: float) -> None:
        """Count one observation; a value on an edge belongs to that edge's cell."""
        self.counts[bisect_left(edges, seconds)] += 1
        self.total_ns += int(seconds * NANOSECONDS)


@dataclass(slots=True)
class Series:
    """All that is counted of one name on one target.

    Attributes:
        key: name, backend, target.
        edges: of its histograms, seconds, without +Inf.
        duration: service time of the successes.
        response: the successes' time from their intended start; open model only.
        delay: how long after its intended start an iteration began; open model only.
        failures: by reason; reasons that never came are not there.
        items: that the successes handled.
        sent: payload bytes.
        received: payload bytes.
        started: attempts begun; each ends as a success or a failure.
    """

    key: Key
    edges: tuple[float, ...] = LADDER
    duration: Cells = field(init=False)
    response: Cells = field(init=False)
    delay: Cells = field(init=False)
    failures: dict[str, int] = field(default_factory=dict)
    items: int = 0
    sent: int = 0
    received: int = 0
    started: int = 0

    def __post_init__(self) -> None:
        """Nothing counted yet."""
        cells = len(self.edges) + 1
        self.duration, self.response, self.delay = (Cells([0] * cells) for _ in HISTOGRAMS)

    @property
    def successes(self) -> int:
        """Attempts whose answer came and was right."""
        return self.duration.count

    @property
    def failed(self) -> int:
        """Attempts that failed, for whatever reason."""
        return sum(self.failures.values())

    @property
    def under_way(self) -> int:
        """Attempts begun that have no outcome yet."""
        return self.started - self.successes - self.failed

    def finish(self, outcome: Outcome, lag_seconds: float | None) -> None:
        """Count what came of an attempt.

        Args:
            outcome: a success's duration counts, a failure's does not.
            lag_seconds: how long after its intended start it began; None in the closed model.
        """
        if outcome.reason is None:
            self.succeed(outcome.duration_seconds, lag_seconds)
            self.items += outcome.items
        else:
            self.fail(outcome.reason)
        self.sent += outcome.bytes_sent
        self.received += outcome.bytes_received

    def succeed(self, seconds: float, lag_seconds: float | None) -> None:
        """Count a success; this is on the path of every request."""
        cells = self.duration
        cells.counts[bisect_left(self.edges, seconds)] += 1
        cells.total_ns += int(seconds * NANOSECONDS)
        if lag_seconds is not None:
            self.response.observe(self.edges, seconds + lag_seconds)

    def late(self, lag_seconds: float) -> None:
        """Count how long after its intended start an iteration began; once for each, whatever comes of it."""
        self.delay.observe(self.edges, lag_seconds)

    def fail(self, reason: Reason, times: int = 1) -> None:
        """Count failures that have no outcome of their own: of users or workers that were ended in the middle."""
        self.failures[reason.value] = self.failures.get(reason.value, 0) + times


HISTOGRAMS = ("duration", "response", "delay")
_NUMBERS = ("items", "sent", "received", "started")


class Tally:
    """What one process counts; owned by one thread (greenlets of one hub)."""

    def __init__(self) -> None:
        """Without series."""
        self.series: dict[Key, Series] = {}
        self._reported: dict[Key, Series] = {}

    def declare(self, key: Key, own_edges: Sequence[float] = ()) -> Series:
        """The key's series, made at zero where it is new.

        Args:
            key: name, backend, target.
            own_edges: edges beside the ladder, seconds (`steadyline.edges.own_edges`); they are fixed when it is made.
        """
        found = self.series.get(key)
        if found is None:
            found = self.series[key] = Series(key, with_ladder(own_edges))
        return found

    def delta(self) -> Delta:
        """What changed since the last delta, one entry for each series that changed; new ones carry their edges."""
        return [entry for series in self.series.values() if (entry := self._entry(series))]

    def _entry(self, series: Series) -> Delta:
        before = self._reported.get(series.key)
        new = before is None
        if before is None:
            before = self._reported[series.key] = Series(series.key, series.edges)
        histograms = [_taken(getattr(before, name), getattr(series, name)) for name in HISTOGRAMS]
        numbers = [getattr(series, name) - getattr(before, name) for name in _NUMBERS]
        failures = {reason: n for reason, n in series.failures.items() if n != before.failures.get(reason)}
        changed = {reason: n - before.failures.get(reason, 0) for reason, n in failures.items()}
        if not (new or any(numbers) or changed or any(cells for cells, _ in histograms)):
            return []
        before.failures.update(failures)
        for name in _NUMBERS:
            setattr(before, name, getattr(series, name))
        return [list(series.key), list(series.edges) if new else [], histograms, numbers, changed]


def _taken(before: Cells, now: Cells) -> tuple[list[int], int]:
    """Which cells grew by how much, as index and difference in turn, and by how much the sum did; `before` catches up."""
    changes: list[int] = []
    if now.total_ns == before.total_ns and now.counts == before.counts:
        return changes, 0
    for index, (old, new) in enumerate(zip(before.counts, now.counts, strict=True)):
        if new != old:
            changes += (index, new - old)
    total = now.total_ns - before.total_ns
    before.counts[:], before.total_ns = now.counts, now.total_ns
    return changes, total


class Merged:
    """The sum over all that reported."""

    def __init__(self) -> None:
        """Without series."""
        self.series: dict[Key, Series] = {}

    def zero(self) -> None:
        """Begin anew: the next run has series of its own."""
        self.series.clear()

    def add(self, delta: Delta) -> None:
        """Add what one process counted since its last delta.

        Raises:
            ValueError: a series has other edges than it has here: the workers were not given the master's plan.
        """
        for key, edges, histograms, numbers, failures in delta:
            series = self._of(Key(*key), tuple(edges))
            for name, (changes, total) in zip(HISTOGRAMS, histograms, strict=True):
                cells: Cells = getattr(series, name)
                cells.total_ns += total
                for index, grown in zip(changes[::2], changes[1::2], strict=True):
                    cells.counts[index] += grown
            for name, grown in zip(_NUMBERS, numbers, strict=True):
                setattr(series, name, getattr(series, name) + grown)
            for reason, grown in failures.items():
                series.failures[reason] = series.failures.get(reason, 0) + grown

    def whole(self) -> Delta:
        """All that was added, as one delta: for a process that begins to listen in the middle."""
        everything = Tally()
        everything.series = self.series
        return everything.delta()

    def _of(self, key: Key, edges: tuple[float, ...]) -> Series:
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series(key, edges or LADDER)
        elif edges and edges != series.edges:
            raise ValueError(f"{key.operation} on {key.target}: a worker counts over other edges than the master")
        return series


def totals(series: Iterable[Series]) -> Series:
    """All of them as one series over the ladder, which all of them have; without flows, whose steps are there already.

    An own edge's cell falls into the cell of the next edge of the ladder.
    """
    whole = Series(Key("", "", ""))
    for one in series:
        if one.key.is_flow:
            continue
        places = _places(one.edges)
        for name in HISTOGRAMS:
            mine, its = getattr(whole, name), getattr(one, name)
            if not any(its.counts):  # this is done each second on the hub, and two of the three are empty in the closed model
                continue
            mine.total_ns += its.total_ns
            for place, count in zip(places, its.counts, strict=True):
                if count:
                    mine.counts[place] += count
        for name in _NUMBERS:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
        for reason, count in one.failures.items():
            whole.failures[reason] = whole.failures.get(reason, 0) + count
    return whole


@lru_cache(maxsize=1024)
def _places(edges: tuple[float, ...]) -> tuple[int, ...]:
    """Into which cell of the ladder each cell over these edges falls."""
    return (*(bisect_left(LADDER, edge) for edge in edges), len(LADDER))
