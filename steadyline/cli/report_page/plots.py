"""What is drawn, as places in a picture: pure geometry; the templates put marks there, the stylesheet colours them."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.judgement.limits import tolerated
from runner.growth import Growth
from steadyline.cli import cells
from steadyline.cli.report_page.scale import Scale, around
from steadyline.severity import CRITICAL_DEGRADATION, STALE_IMPROVEMENT

WIDTH, HEIGHT = 462.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 324.0, 10.0, 168.0
"""The frame in which values lie; to the right of it stand the names of lines."""
MEAN_WIDTH = 48.0
"""At the right end of the frame, beside the turns."""
LABEL_HEIGHT = 13.0
NEAR_BUDGET = 2.0
"""A budget that is further above all the rest than this factor would only squeeze it."""
STRIP_WIDTH = 190.0
_STRIP_EDGE = 14.0
_MOST_TURNS = 12
"""Marks under a plot; of more turns only some are numbered."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside a place."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """Values between two limits, drawn as a band: `kind` is its class."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """One value over the whole width, its name beside it, moved where names would lie over each other."""

    kind: str
    at: float
    label: str
    label_at: float


@dataclass(frozen=True, slots=True)
class Dot:
    """One measured value, and what is said of it when it is pointed at."""

    x: float
    y: float
    says: str


@dataclass(frozen=True, slots=True)
class Mean:
    """What the values come to, with its 90 % limits where there are such."""

    x: float
    y: float
    low: float
    high: float
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Values in turn beside the limits they are held to.

    Attributes:
        says: the picture in words.
        zones: from the mildest on.
        lines: of the baseline, its limits and the budget.
        dots: in their order.
        mean: None where nothing was measured.
        marks: of the upright axis.
        turns: numbers under the dots.
        under: what the numbers count.
    """

    says: str
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    mean: Mean | None = None
    marks: tuple[Mark, ...] = ()
    turns: tuple[Mark, ...] = ()
    under: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What is plotted of one operation: seconds, None where there is no such number.

    Attributes:
        name: operation and target.
        values: the mean of each turn, in order.
        turn: what a turn is: a round or a window.
        mean: of all.
        baseline: per call.
        tolerance: a fraction.
        budget: its absolute limit.
        ratio: R.
        lower90: of R.
        upper90: likewise.
    """

    name: str
    values: Sequence[float]
    turn: str
    mean: float | None
    baseline: float | None
    tolerance: float | None
    budget: float | None
    ratio: float | None
    lower90: float | None
    upper90: float | None


def limits(tolerance: float | None) -> tuple[float, float]:
    """The ratios from which on it is a warning, and critical."""
    warning = tolerated(tolerance or 0.0)
    return warning, max(1 + CRITICAL_DEGRADATION, warning)


def plot(held: Held) -> Plot:
    """One operation against its baseline."""
    values = [value for value in held.values if value > 0]
    if not values:
        return Plot(f"{held.name}: nothing was measured")
    shown = [*values, *([held.mean] if held.mean else [])]
    if held.baseline:
        shown += [
            held.baseline * (1 - (held.tolerance or 0) or STALE_IMPROVEMENT),
            held.baseline * limits(held.tolerance)[1] * 1.1,
        ]
    budget = held.budget if held.budget and held.budget <= max(shown) * NEAR_BUDGET else None
    low, high = around([*shown, *([budget] if budget else [])])
    scale = Scale(low, high, BOTTOM, TOP)
    width = (RIGHT - LEFT - MEAN_WIDTH) / len(values)
    places = [round(LEFT + width * (at + 0.5), 1) for at in range(len(values))]
    return Plot(
        says=_says(held, values),
        zones=_zones(held, scale),
        lines=_lines(held, budget, scale),
        dots=tuple(
            Dot(place, scale.at(value), _told(held, turn, value))
            for turn, (place, value) in enumerate(zip(places, values, strict=True), start=1)
        ),
        mean=_mean(held, scale, RIGHT - MEAN_WIDTH / 2),
        marks=tuple(Mark(scale.at(value), cells.seconds(value)) for value in scale.marks()),
        turns=tuple(Mark(places[at], str(at + 1)) for at in range(0, len(values), -(-len(values) // _MOST_TURNS))),
        under=held.turn,
    )


def _says(held: Held, values: Sequence[float]) -> str:
    noun = held.turn if len(values) == 1 else f"{held.turn}s"
    told = f"{held.name}: {len(values)} {noun} from {cells.seconds(min(values))} to {cells.seconds(max(values))}"
    told += f", mean {cells.seconds(held.mean)}" if held.mean else ""
    return f"{told}, baseline {cells.toleranced(held.baseline, held.tolerance)}" if held.baseline else f"{told}, no baseline"


def _told(held: Held, turn: int, value: float) -> str:
    beside = f", {value / held.baseline:.2f} x its baseline" if held.baseline else ""
    return f"{held.turn} {turn}: {cells.seconds(value)}{beside}"


def _zones(held: Held, scale: Scale) -> tuple[Zone, ...]:
    if not held.baseline:
        return ()
    tolerance = held.tolerance or 0.0
    warning, critical = limits(tolerance)
    spans = (
        ("quiet", 1 - tolerance, 1 + tolerance),
        ("warning", warning, critical),
        ("critical", critical, math.inf),
    )
    found = []
    for kind, low, high in spans:
        top = scale.at(min(high * held.baseline, scale.high))
        bottom = scale.at(max(low * held.baseline, scale.low))
        if bottom > top:
            found.append(Zone(kind, top, round(bottom - top, 1)))
    return tuple(found)


def _lines(held: Held, budget: float | None, scale: Scale) -> tuple[Line, ...]:
    found: list[tuple[str, float, str]] = []
    if held.baseline:
        warning, critical = limits(held.tolerance)
        found.append(("baseline", held.baseline, f"baseline {cells.seconds(held.baseline)}"))
        if warning < critical:
            found.append(("warning", held.baseline * warning, f"+{warning - 1:.0%} warning"))
        found.append(("critical", held.baseline * critical, f"+{critical - 1:.0%} critical"))
    if budget:
        found.append(("budget", budget, f"budget {cells.seconds(budget)}"))
    places = apart([scale.at(value) for _, value, _ in found])
    return tuple(Line(kind, scale.at(value), label, place) for (kind, value, label), place in zip(found, places, strict=True))


def apart(places: Sequence[float]) -> list[float]:
    """Places from the bottom up, each at least a line of text above the last, all of them within the frame."""
    ordered = sorted(range(len(places)), key=lambda one: -places[one])
    moved = list(places)
    below = math.inf
    for one in ordered:
        below = moved[one] = min(places[one], below - LABEL_HEIGHT)
    over = TOP - min(moved, default=TOP)
    return [round(place + over, 1) for place in moved] if over > 0 else moved


def _mean(held: Held, scale: Scale, x: float) -> Mean | None:
    if not held.mean:
        return None
    low = high = held.mean
    told = f"mean {cells.seconds(held.mean)}"
    if held.ratio and held.lower90 and held.upper90:
        low, high = (held.mean * limit / held.ratio for limit in (held.lower90, held.upper90))
        told += f", between {held.lower90:.2f} and {held.upper90:.2f} x its baseline at 90 %"
    return Mean(x, scale.at(held.mean), scale.at(low), scale.at(high), told)


@dataclass(frozen=True, slots=True)
class Strip:
    """A ratio with its limits on the axis that all rows share.

    Attributes:
        says: in words.
        low_end: from where on it is tolerated.
        high_end: until where.
        warning: from where on it is one.
        critical: likewise.
        one: where the baseline is.
        dot: where R is.
        low: its lower 90 % limit.
        high: its upper one.
        beyond: -1 or 1 where R is off the axis on that side, else 0.
    """

    says: str
    low_end: float
    high_end: float
    warning: float
    critical: float
    one: float
    dot: float
    low: float
    high: float
    beyond: int


def strip_scale(ratios: Iterable[float]) -> Scale:
    """From half to twice or, where something is slower, up to four times."""
    highest = max((ratio for ratio in ratios if math.isfinite(ratio)), default=1.0)
    return Scale(0.5, min(max(2.0, highest * 1.1), 4.0), _STRIP_EDGE, STRIP_WIDTH - _STRIP_EDGE)


def strip(held: Held, scale: Scale) -> Strip | None:
    """One row's; None where nothing can be compared."""
    if held.ratio is None:
        return None
    warning, critical = limits(held.tolerance)
    return Strip(
        says=spanned(held),
        low_end=scale.at(1 - (held.tolerance or 0.0)),
        high_end=scale.at(1 + (held.tolerance or 0.0)),
        warning=scale.at(warning),
        critical=scale.at(critical),
        one=scale.at(1.0),
        dot=scale.at(held.ratio),
        low=scale.at(held.lower90 or held.ratio),
        high=scale.at(held.upper90 or held.ratio),
        beyond=-1 if held.ratio < scale.low else int(held.ratio > scale.high),
    )


def spanned(held: Held) -> str:
    """A ratio with its limits at 90 %, in words."""
    between = f" ({held.lower90:.2f} to {held.upper90:.2f})" if held.lower90 and held.upper90 else ""
    return f"{cells.factor(held.ratio)}{between}"


def instead(mean: float | None, baseline: float | None, tolerance: float | None, ratio: float | None) -> str:
    """What got slower by how much, in words."""
    return f"{cells.seconds(mean)} instead of {cells.toleranced(baseline, tolerance)}: {cells.factor(ratio)} x its baseline"


@dataclass(frozen=True, slots=True)
class Curve:
    """How the cost of one family grows with its size, both axes logarithmic.

    Attributes:
        title: family and target.
        words: the exponent and what it means.
        says: the picture in words.
        dots: one a size.
        fit: the power law through them, from (x, y) to (x, y).
        even: what grows as the work does, from the first point on.
        marks: of the upright axis.
        sizes: under the dots.
    """

    title: str
    words: str
    says: str
    dots: tuple[Dot, ...]
    fit: tuple[float, float, float, float]
    even: tuple[float, float, float, float]
    marks: tuple[Mark, ...]
    sizes: tuple[Mark, ...]


def curve(growth: Growth) -> Curve:
    """One family's."""
    points = [(float(size), seconds) for size, seconds in growth.points]
    across = Scale(*around([size for size, _ in points], 1.3), LEFT, RIGHT)
    up = Scale(*around([seconds for _, seconds in points], 1.5), BOTTOM, TOP)
    middle = tuple(statistics.fmean(math.log(value) for value in axis) for axis in zip(*points, strict=True))

    def line(exponent: float, through: Sequence[float]) -> tuple[float, float, float, float]:
        """Cut off where it leaves the frame."""
        places = []
        for size in (across.low, across.high):
            log = through[1] + exponent * (math.log(size) - through[0])
            inside = min(max(log, math.log(up.low)), math.log(up.high))
            at = math.exp(through[0] + (inside - through[1]) / exponent) if exponent and inside != log else size
            places += [across.at(at), up.at(math.exp(inside))]
        return (places[0], places[1], places[2], places[3])

    told = ", ".join(f"{size}: {cells.seconds(seconds)}" for size, seconds in growth.points)
    return Curve(
        title=f"{growth.family} on {growth.target}",
        words=f"~ size^{growth.exponent:.2f}, {growth.words}",
        says=f"{growth.family} on {growth.target} ~ size^{growth.exponent:.2f}, {growth.words} ({told})",
        dots=tuple(Dot(across.at(size), up.at(value), f"{size:g}: {cells.seconds(value)}") for size, value in points),
        fit=line(growth.exponent, middle),
        even=line(1.0, [math.log(value) for value in points[0]]),
        marks=tuple(Mark(up.at(value), cells.seconds(value)) for value in up.marks()),
        sizes=tuple(Mark(across.at(size), f"{size:g}") for size, _ in points),
    )
