"""Power curves as a picture: how often a true step is called a warning or worse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 340, 60, 20, 60
RIGHT = 300
"""Room for the legend."""
COLOURS = ("#2a7f2a", "#1f60c4", "#b45309", "#c4162a")
INK, GRID = "#333333", "#dddddd"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Attributes:
        label: in the legend.
        points: true step and share, both fractions, in order.
    """

    label: str
    points: tuple[tuple[float, float], ...]


def picture(title: str, across: str, curves: Sequence[Curve]) -> str:
    """The curves as SVG, on white so that both of a page's themes show it."""
    most = max(step for curve in curves for step, _ in curve.points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f"<!-- Generated, do not edit. --><title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_grid(most, across),
    ]
    for number, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        line = " ".join(f"{_x(step, most):.1f},{_y(share):.1f}" for step, share in curve.points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = WIDTH - RIGHT + 15, TOP + 20 + 22 * number
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 20}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(x + 27, y + 4, curve.label))
    return "\n".join([*parts, "</svg>", ""])


def _grid(most: float, across: str) -> Iterable[str]:
    right = WIDTH - RIGHT
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{GRID}"/>'
        yield _text(LEFT - 8, y + 4, f"{share:.0%}", "end")
    for tenth in range(round(most * 10) + 1):
        yield _text(_x(tenth / 10, most), HEIGHT - BOTTOM + 20, f"+{tenth * 10} %", "middle")
    yield _text((LEFT + right) / 2, HEIGHT - 12, across, "middle")


def _text(x: float, y: float, says: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}">{escape(says)}</text>'


def _x(step: float, most: float) -> float:
    return LEFT + (WIDTH - RIGHT - LEFT) * step / most


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
