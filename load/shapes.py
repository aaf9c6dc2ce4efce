"""Shapes: which part of the full load is asked for at each moment of a run.

A shape is a row of straight pieces over the seconds since the run's start, 1 being the full load: `--users` in the closed
model, `--arrival-rate` in the open one. Its integral and the inverse of that are closed forms, so that the open model's starts
are exact. A new shape is one line of `SHAPES`.
"""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from steadyline.errors import ConfigurationError

Corner = tuple[float, float]
"""Seconds since the run's start, and the level there; two corners at one moment are a jump."""

CONSTANT = "constant"
"""The shape that is meant where none is named."""
BREAKPOINT = "breakpoint"
"""The shape that looks for the knee."""
STEPS = 5
"""Of the shape step; a fifth of the full load each."""
BREAKPOINT_STEPS = 10
"""Of the shape breakpoint; the knee is known to within one of them."""
SOAK_RAMP_SECONDS = 60.0
"""The longest ramp of a soak: long enough to open every connection, nothing beside its half hour."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch whose level goes in a straight line.

    Attributes:
        begin: seconds since the run's start; the level there is `first`.
        end: seconds since the run's start, infinite for a run without an end; the level just before it is `last`.
        first: level at the begin.
        last: level at the end.
    """

    begin: float
    end: float
    first: float
    last: float

    @property
    def steady(self) -> bool:
        """Whether there is load and it does not change."""
        return self.first == self.last > 0

    @property
    def slope(self) -> float:
        """Change of the level, per second."""
        return (self.last - self.first) / (self.end - self.begin)

    def level(self, elapsed: float) -> float:
        """Level at a moment of the piece."""
        return self.first + self.slope * (elapsed - self.begin)

    def area(self, elapsed: float) -> float:
        """Integral of the level from the begin to a moment of the piece."""
        if self.first == self.last:
            return self.first * (elapsed - self.begin) if self.first else 0.0
        return (self.first + self.level(elapsed)) / 2 * (elapsed - self.begin)

    def moment(self, area: float) -> float:
        """When the integral from the begin is `area`, which is not negative and not over the whole.

        The root is taken in the form that loses no digits where the level hardly changes.
        """
        reached = self.first + math.sqrt(max(0.0, self.first**2 + 2 * self.slope * area))
        return min(self.end, self.begin + 2 * area / reached) if reached else self.begin


@dataclass(frozen=True)
class Shape:
    """A shape for one run: its pieces cover it without a gap, from 0.

    Attributes:
        name: as in `SHAPES`.
        pieces: in order; a level before the first or after the last is 0.
    """

    name: str
    pieces: tuple[Piece, ...]

    @property
    def duration_seconds(self) -> float:
        """How long the run lasts; infinite when nothing ends it."""
        return self.pieces[-1].end

    def level(self, elapsed: float) -> float:
        """Part of the full load at a moment, 0 before and after the run; at a jump the level after it."""
        if not 0 <= elapsed < self.duration_seconds:
            return 0.0
        return self._piece_at(elapsed).level(elapsed)

    def users(self, elapsed: float, full: int) -> int:
        """How many users there should be: at least one wherever there is load at all."""
        level = self.level(elapsed)
        return max(1, math.floor(level * full + 0.5)) if level > 0 and full > 0 else 0

    def rate(self, elapsed: float, full: float) -> float:
        """How many starts per second there should be."""
        return self.level(elapsed) * full

    def integral(self, elapsed: float) -> float:
        """Level times seconds from the run's start to a moment; the starts due by then are this times the full rate."""
        if elapsed <= 0:
            return 0.0
        if elapsed >= self.duration_seconds:
            return self._areas[-1]
        index = self._index_at(elapsed)
        return self._areas[index] + self.pieces[index].area(elapsed)

    def moment(self, area: float) -> float:
        """The first moment after which the integral is over `area`, seconds since the run's start; infinite if there is none.

        So a moment never lies in a stretch without load.
        """
        if area < 0 or area >= self._areas[-1]:
            return 0.0 if area < 0 else math.inf
        index = bisect_right(self._areas, area) - 1
        return self.pieces[index].moment(area - self._areas[index])

    @cached_property
    def steady_stretches(self) -> tuple[tuple[float, float], ...]:
        """Begin and end of each stretch under an unchanging load; criteria and baselines are judged there only."""
        return tuple((piece.begin, piece.end) for piece in self.pieces if piece.steady)

    def steady_at(self, elapsed: float) -> bool:
        """Whether a moment lies in a steady stretch."""
        return any(begin <= elapsed < end for begin, end in self.steady_stretches)

    def stretch_at(self, elapsed: float) -> Piece | None:
        """The piece a moment lies in; None before and after the run."""
        return self._piece_at(elapsed) if 0 <= elapsed < self.duration_seconds else None

    def _piece_at(self, elapsed: float) -> Piece:
        return self.pieces[self._index_at(elapsed)]

    def _index_at(self, elapsed: float) -> int:
        return bisect_right(self._begins, elapsed) - 1

    @cached_property
    def _begins(self) -> tuple[float, ...]:
        return tuple(piece.begin for piece in self.pieces)

    @cached_property
    def _areas(self) -> tuple[float, ...]:
        """Integral at the begin of each piece, and at the end of the last."""
        return tuple(accumulate((piece.area(piece.end) for piece in self.pieces), initial=0.0))


@dataclass(frozen=True, slots=True)
class Form:
    """What a shape looks like, whatever its duration.

    Attributes:
        words: what it does, for `--help`.
        corners: its corners, given its duration in seconds.
        usual_seconds: how long it lasts when neither the command line nor the profile says; None without an end.
        own_duration: whether that goes before the profile's duration, because a shorter one defeats its purpose.
    """

    words: str
    corners: Callable[[float], tuple[Corner, ...]]
    usual_seconds: float | None = 120.0
    own_duration: bool = False


def _stairs(seconds: float, steps: int) -> tuple[Corner, ...]:
    """Equal steps up to the full load."""
    edges = [seconds * step / steps for step in range(steps)] + [seconds]
    return tuple((at, (step + 1) / steps) for step, stair in enumerate(pairwise(edges)) for at in stair)


def _spike(seconds: float) -> tuple[Corner, ...]:
    """The full load in the middle third, a fifth of it around."""
    base = 0.2
    up, down = seconds / 3, seconds * 2 / 3
    return (0.0, base), (up, base), (up, 1.0), (down, 1.0), (down, base), (seconds, base)


SHAPES = {
    CONSTANT: Form("the full load from the start to the end", lambda s: ((0.0, 1.0), (s, 1.0)), None),
    "ramp": Form(
        "from nothing evenly to the full load in the first half, then steady",
        lambda s: ((0.0, 0.0), (s / 2, 1.0), (s, 1.0)),
    ),
    "step": Form("five equal steps up to the full load, each steady", lambda s: _stairs(s, STEPS)),
    "spike": Form("a fifth of the load, the full load in the middle third, a fifth again", _spike),
    "soak": Form(
        "a ramp of a minute at most, then the full load for long (30 min unless --run-time says)",
        lambda s: ((0.0, 0.0), (min(SOAK_RAMP_SECONDS, s / 20), 1.0), (s, 1.0)),
        1800.0,
        own_duration=True,
    ),
    BREAKPOINT: Form(
        "ten equal steps up to the full load; ends early past the knee, where more load no longer gives more throughput",
        lambda s: _stairs(s, BREAKPOINT_STEPS),
        300.0,
        own_duration=True,
    ),
}


def shape(name: str, seconds: float) -> Shape:
    """A shape over a duration in seconds, which only `constant` may have infinite.

    Raises:
        ConfigurationError: there is no such shape, or its duration is none.
    """
    if name not in SHAPES:
        raise ConfigurationError(f"there is no shape {name!r}; the shapes are {', '.join(SHAPES)}")
    if not seconds > 0 or (math.isinf(seconds) and SHAPES[name].usual_seconds is not None):
        raise ConfigurationError(f"the shape {name} needs a duration; give one with --run-time, as in --run-time 5m")
    return of_corners(name, SHAPES[name].corners(seconds))


def of_corners(name: str, corners: tuple[Corner, ...]) -> Shape:
    """The shape that goes straight from corner to corner; the first corner is at 0."""
    return Shape(name, tuple(Piece(a[0], b[0], a[1], b[1]) for a, b in pairwise(corners) if b[0] > a[0]))


def described() -> str:
    """All shapes in one sentence each, for `--help`."""
    return "; ".join(f"{name}: {form.words}" for name, form in SHAPES.items())
