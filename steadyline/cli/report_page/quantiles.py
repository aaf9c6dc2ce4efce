"""Quantiles of a load run's operations on one axis, with the limits that its criteria set them."""

from collections.abc import Sequence
from dataclasses import dataclass

from steadyline.cli import cells
from steadyline.cli.report_page.plots import Dot, Mark
from steadyline.cli.report_page.scale import Scale, around

WIDTH = 960.0
LEFT, RIGHT, TOP = 250.0, 940.0, 30.0
ROW_HEIGHT = 26.0


@dataclass(frozen=True, slots=True)
class Limit:
    """What a criterion allows a quantile: seconds, and its own text."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Spanned:
    """One operation's quantiles by their names, seconds, and the limits they are held to."""

    name: str
    quantiles: tuple[tuple[str, float], ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One operation's line in the picture."""

    name: str
    y: float
    dots: tuple[tuple[str, Dot], ...]
    limits: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Spans:
    """The picture.

    Attributes:
        says: in words.
        width: of the picture.
        height: likewise.
        left: where the axis begins.
        right: where it ends.
        bottom: where its marks stand.
        rows: one an operation.
        marks: of the axis.
    """

    says: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]


def spans(found: Sequence[Spanned]) -> Spans | None:
    """All operations that have quantiles, in their order; None where none has."""
    told = [one for one in found if one.quantiles]
    if not told:
        return None
    values = [seconds for one in told for _, seconds in one.quantiles] + [x.seconds for one in told for x in one.limits]
    scale = Scale(*around(values, 1.25), LEFT, RIGHT)
    bottom = TOP + ROW_HEIGHT * len(told)
    return Spans(
        says="Quantiles of each operation's service time: "
        + "; ".join(
            f"{one.name}: {', '.join(f'{name} {cells.seconds(seconds)}' for name, seconds in one.quantiles)}" for one in told
        ),
        width=WIDTH,
        height=bottom + 26,
        left=LEFT,
        right=RIGHT,
        bottom=bottom,
        rows=tuple(_row(one, TOP + ROW_HEIGHT * (at + 0.5), scale) for at, one in enumerate(told)),
        marks=tuple(Mark(scale.at(value), cells.seconds(value)) for value in scale.marks()),
    )


def _row(one: Spanned, y: float, scale: Scale) -> Row:
    dots = tuple(
        (name, Dot(scale.at(seconds), y, f"{one.name} {name}: {cells.seconds(seconds)}")) for name, seconds in one.quantiles
    )
    return Row(one.name, y, dots, tuple(Dot(scale.at(limit.seconds), y, limit.text) for limit in one.limits))
