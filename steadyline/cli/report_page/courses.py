"""How a load run went over time: users, attempts per second, and quantiles of the service times."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from steadyline.cli import cells, run_table
from steadyline.cli.load_result import Point
from steadyline.cli.report_page.plots import BOTTOM, LEFT, RIGHT, TOP, Mark, apart
from steadyline.cli.report_page.scale import Scale, around, even
from steadyline.durations import spoken

_LEAST_POINTS = 2
_MOST_MOMENTS = 5


@dataclass(frozen=True, slots=True)
class Trace:
    """One line, in several stretches where values are missing, and its name at its end."""

    kind: str
    label: str
    label_at: float
    stretches: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Some values over the same time."""

    title: str
    says: str
    traces: tuple[Trace, ...]
    marks: tuple[Mark, ...]
    moments: tuple[Mark, ...]


def courses(points: Sequence[Point]) -> tuple[Picture, ...]:
    """None of a run that kept no course, or ended at once."""
    if len(points) < _LEAST_POINTS:
        return ()
    users = _picture("Users", points, {"users": [float(one.users) for one in points]}, run_table.count)
    rates = {
        "attempts": [one.per_second for one in points],
        "failed": [one.failed_per_second for one in points],
    }
    times = {name: [getattr(one, name) for one in points] for name in ("p50", "p95", "p99")}
    shown = [users, _picture("Attempts per second", points, rates, run_table.count)]
    if any(value for values in times.values() for value in values):
        shown.append(_picture("Service time, logarithmic", points, times, cells.seconds, logarithmic=True))
    return tuple(shown)


def _picture(
    title: str,
    points: Sequence[Point],
    lines: Mapping[str, Sequence[float | None]],
    written: Callable[[float | None], str],
    *,
    logarithmic: bool = False,
) -> Picture:
    values = [value for line in lines.values() for value in line if value is not None]
    last = points[-1].seconds
    place, named = _upright(values, logarithmic=logarithmic)

    def across(seconds: float) -> float:
        return round(LEFT + seconds / last * (RIGHT - LEFT), 1)

    traces = []
    ends = {
        name: next((place(value) for value in reversed(line) if value is not None), BOTTOM) for name, line in lines.items()
    }
    for (name, line), label_at in zip(lines.items(), apart(list(ends.values())), strict=True):
        traces.append(
            Trace(name, name, label_at, _stretches([(across(p.seconds), v) for p, v in zip(points, line, strict=True)], place))
        )
    moments = tuple(
        Mark(across(last * at / _MOST_MOMENTS), spoken(last * at / _MOST_MOMENTS)) for at in range(1, _MOST_MOMENTS + 1)
    )
    says = f"{title} over {spoken(last)}: " + ", ".join(_range(name, line, written) for name, line in lines.items())
    return Picture(title, says, tuple(traces), tuple(Mark(place(value), written(value)) for value in named), moments)


def _range(name: str, line: Sequence[float | None], written: Callable[[float | None], str]) -> str:
    found = [value for value in line if value is not None]
    return f"{name} {written(min(found))} to {written(max(found))}" if found else f"{name} none"


def _upright(values: Sequence[float], *, logarithmic: bool) -> tuple[Callable[[float], float], list[float]]:
    """Where a value lies, and which are named."""
    if logarithmic:
        scale = Scale(*around(values, 1.2), BOTTOM, TOP)
        return scale.at, scale.marks()
    highest = max(values, default=0.0) * 1.08 or 1.0
    return (lambda value: round(BOTTOM - value / highest * (BOTTOM - TOP), 1)), even(0.0, highest)


def _stretches(
    line: Sequence[tuple[float, float | None]], place: Callable[[float], float]
) -> tuple[tuple[tuple[float, float], ...], ...]:
    found: list[list[tuple[float, float]]] = [[]]
    for x, value in line:
        if value is None:
            found.append([])
        else:
            found[-1].append((x, place(value)))
    return tuple(tuple(stretch) for stretch in found if stretch)
