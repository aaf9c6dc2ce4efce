"""Whether a run keeps its criteria, from what all workers counted together: told each second, answered at any moment.

A window of a criterion that says `for 30s` is the time between two ticks that lie 30 s apart, or as little more as ticks
allow; every one that lies in the steady phase as a whole is judged, and one that is broken breaks the criterion for good. No
samples are never a pass.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from load.series import NANOSECONDS, Key, Series, totals
from steadyline.criterion import ALL, Criterion, Kind
from steadyline.histogram import quantile

_EVERYTHING = Key(ALL, "", "")


class Standing(StrEnum):
    """How a criterion stands."""

    MET = "met"
    BROKEN = "broken"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class State:
    """One criterion, now.

    Attributes:
        criterion: which.
        standing: met so far; broken for good; or not to be said: no full window, or one without samples.
        value: over the latest window, in the limit's base unit; of several targets the worst. A quantile is interpolated.
        worst: the worst value of any window.
        when: when it was first broken, on the clock of `Judge.tick`.
    """

    criterion: Criterion
    standing: Standing
    value: float | None = None
    worst: float | None = None
    when: float | None = None

    @property
    def line(self) -> str:
        """The criterion, and what came of it at worst."""
        found = "no data" if self.worst is None else f"at worst {self.criterion.written(self.worst)}"
        return f"{self.criterion.text}: {found}"

    @property
    def gauges(self) -> dict[str, Any]:
        """What the series of a criterion show."""
        met = {Standing.MET: 1, Standing.BROKEN: 0, Standing.NO_DATA: None}[self.standing]
        text, operation, statistic = self.criterion.text, self.criterion.operation, self.criterion.statistic.text
        return {
            "criterion": text,
            "operation": operation,
            "statistic": statistic,
            "limit": self.criterion.limit,
            "value": self.value,
            "met": met,
        }


@dataclass(frozen=True, slots=True)
class _Counts:
    """What a criterion needs of a series: its edges, and whole numbers that only rise."""

    edges: tuple[float, ...]
    numbers: tuple[int, ...]


def _counts(criterion: Criterion, series: Series, dropped: int | None) -> _Counts | None:
    """None where the run has no such thing: drops outside the open model."""
    statistic = criterion.statistic
    cells = series.response if statistic.response else series.duration
    attempts = series.successes + series.failed
    match statistic.kind:
        case Kind.QUANTILE:
            return _Counts(series.edges, tuple(cells.counts))
        case Kind.MEAN:
            return _Counts((), (cells.count, cells.total_ns))
        case Kind.RATE:
            return _Counts((), (attempts,))
        case Kind.FAILURES:
            return _Counts((), (attempts, series.failed))
        case Kind.DROPS:
            return None if dropped is None else _Counts((), (attempts, dropped))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One window: whether it holds, and its value."""

    holds: bool
    value: float


def _read(criterion: Criterion, edges: Sequence[float], numbers: Sequence[int], seconds: float) -> _Reading | None:
    """None where the window has no samples to judge by."""
    kind, of = criterion.statistic.kind, numbers[0]
    if kind is Kind.QUANTILE:
        return _read_quantile(criterion, edges, numbers)
    if kind is Kind.RATE:
        # Nothing at all is less than any rate that was asked for; under an upper limit it only says that nothing was asked.
        return None if not of and criterion.comparison.bounds_above else _held(criterion, Fraction(of) / Fraction(seconds))
    if kind is Kind.DROPS:
        return _held(criterion, Fraction(numbers[1]) / Fraction(seconds)) if any(numbers) else None
    if not of:
        return None
    return _held(criterion, Fraction(numbers[1], of * (NANOSECONDS if kind is Kind.MEAN else 1)))


def _held(criterion: Criterion, value: Fraction) -> _Reading:
    return _Reading(criterion.holds(value), float(value))


def _read_quantile(criterion: Criterion, edges: Sequence[float], counts: Sequence[int]) -> _Reading | None:
    value = quantile(criterion.statistic.level, edges, counts)
    if value is None:
        return None
    if criterion.limit not in edges:
        raise ValueError(f"{criterion.text}: counted over edges without its limit")
    within = sum(counts[: edges.index(criterion.limit) + 1])
    return _Reading(criterion.holds_by_count(within, sum(counts)), value)


@dataclass(slots=True)
class _Track:
    """One criterion on one target.

    Of the past it keeps what one window spans, an entry a tick; without a window, the phase's first entry and the last.
    """

    criterion: Criterion
    latest: _Reading | None = None
    worst: float | None = None
    when: float | None = None
    silent: bool = False
    _past: deque[tuple[float, _Counts]] = field(default_factory=deque)
    _unsettled: bool = False

    @property
    def standing(self) -> Standing:
        """Broken for good; not to be said where a window had no samples."""
        if self.when is not None or (self.latest is not None and not self.latest.holds):
            return Standing.BROKEN
        return Standing.NO_DATA if self.silent or self.latest is None else Standing.MET

    @property
    def value(self) -> float | None:
        """Over the latest window."""
        return self.latest.value if self.latest else None

    def begin(self, at: float, counts: _Counts) -> None:
        """What there was at a tick before the first that it is told."""
        self._past.append((at, counts))

    def tick(self, now: float, counts: _Counts) -> None:
        """Take a second of the steady phase."""
        past, window = self._past, self.criterion.window_seconds
        if past and any(new < old for new, old in zip(counts.numbers, past[-1][1].numbers, strict=True)):
            past.clear()  # counted anew, from zero
        past.append((now, counts))
        if window is None and len(past) > 2:  # noqa: PLR2004 - the first and this one
            del past[1]
        while window is not None and len(past) > 1 and past[1][0] <= now - window:
            past.popleft()
        begun, before = past[0]
        if now - begun < (window or 0) or now <= begun:
            return
        numbers = [new - old for new, old in zip(counts.numbers, before.numbers, strict=True)]
        self.latest, self._unsettled = _read(self.criterion, counts.edges, numbers, now - begun), True
        if window is not None:
            self._settle(now)

    def end(self, now: float) -> None:
        """The steady phase is over, and what it came to as a whole stands; until then it may still change."""
        self._past.clear()
        if self._unsettled:
            self._settle(now)

    def _settle(self, now: float) -> None:
        self._unsettled = False
        if self.latest is None:
            self.silent = True
            return
        self.worst = _worse(self.criterion, self.worst, self.latest.value)
        if not self.latest.holds and self.when is None:
            self.when = now


def _worse(criterion: Criterion, *values: float | None) -> float | None:
    """The value that is nearer to breaking it, or further beyond."""
    found = [value for value in values if value is not None]
    worst = max if criterion.comparison.bounds_above else min
    return worst(found) if found else None


class Judge:
    """All criteria of a run; it wants to be told each second, and asked whenever one likes."""

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        """Judge by these; each may stand there twice and is judged once."""
        self._criteria = tuple(dict.fromkeys(criteria))
        self._tracks: dict[tuple[Criterion, Key], _Track] = {}
        self._steady_since: float | None = None
        self._ticked = 0.0

    def tick(self, now_seconds: float, steady: bool, series: Mapping[Key, Series], dropped: int | None = None) -> None:
        """Take what has been counted until now.

        Args:
            now_seconds: on a clock that only goes forward.
            steady: whether this moment lies in a steady phase; one that ends and begins again begins its windows anew.
            series: what all workers counted since the run began.
            dropped: starts of the open model that did not happen, since the run began; None in the closed model.
        """
        if not steady:
            if self._steady_since is not None:
                for track in self._tracks.values():
                    track.end(now_seconds)
            self._steady_since = None
            return
        together = totals(series.values()) if any(one.operation == ALL for one in self._criteria) else Series(_EVERYTHING)
        for criterion in self._criteria:
            chosen = [(_EVERYTHING, together)] if criterion.operation == ALL else list(series.items())
            for key, one in chosen:
                counts = _counts(criterion, one, dropped) if criterion.covers(key.operation) else None
                if counts is not None:
                    self._track(criterion, key, counts).tick(now_seconds, counts)
        self._steady_since = now_seconds if self._steady_since is None else self._steady_since
        self._ticked = now_seconds

    def end(self, now_seconds: float, series: Mapping[Key, Series], dropped: int | None = None) -> None:
        """The run is over: what came after the last tick, while users were being ended, is of no steady phase."""
        self.tick(now_seconds, steady=False, series=series, dropped=dropped)

    def shown(self) -> list[dict[str, Any]]:
        """What the series of all criteria show."""
        return [state.gauges for state in self.states()]

    def states(self) -> list[State]:
        """How each criterion stands, in their order; on several targets each has to keep it."""
        return [self._state(criterion) for criterion in self._criteria]

    def _track(self, criterion: Criterion, key: Key, counts: _Counts) -> _Track:
        """The track of a criterion on one target; one that comes in the middle of a phase was at zero until then."""
        found = self._tracks.get((criterion, key))
        if found is None:
            found = self._tracks[criterion, key] = _Track(criterion)
            if self._steady_since is not None:
                found.begin(self._ticked, _Counts(counts.edges, (0,) * len(counts.numbers)))
                found.silent = criterion.window_seconds is not None and (
                    self._ticked - self._steady_since >= criterion.window_seconds
                )
        return found

    def _state(self, criterion: Criterion) -> State:
        tracks = [track for (judged, _), track in self._tracks.items() if judged is criterion]
        standings = {track.standing for track in tracks} or {Standing.NO_DATA}
        return State(
            criterion,
            next(each for each in (Standing.BROKEN, Standing.NO_DATA, Standing.MET) if each in standings),
            _worse(criterion, *(track.value for track in tracks)),
            _worse(criterion, *(value for track in tracks for value in (track.worst, track.value))),
            min((track.when for track in tracks if track.when is not None), default=None),
        )
