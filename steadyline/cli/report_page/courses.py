"""How a load run went over time: users, attempts per second, and quantiles of its times, beside what was wanted."""

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
    """None of a run that kept no course, or ended at once; what no point has is no line."""
    if len(points) < _LEAST_POINTS:
        return ()
    users = _lines(points, {"wanted": "target_users", "users": "users"})
    rates = _lines(
        points,
        {
            "starts wanted": "wanted_per_second",
            "attempts": "per_second",
            "failed": "failed_per_second",
            "starts dropped": "dropped_per_second",
        },
    )
    times = _lines(points, {"p50": "p50", "p95": "p95", "p99": "p99", "response p95": "response_p95"})
    shown = [
        _picture("Users", points, users, run_table.count),
        _picture("Attempts per second", points, rates, run_table.count),
    ]
    if any(value for values in times.values() for value in values):
        title = "Service and response time" if "response p95" in times else "Service time"
        shown.append(_picture(f"{title}, logarithmic", points, times, cells.seconds, logarithmic=True))
    return tuple(shown)


def _lines(points: Sequence[Point], wanted: Mapping[str, str]) -> dict[str, list[float | None]]:
    """The values of each line by its name, as the points call them; without those that have none."""
    found = {name: [getattr(one, attribute) for one in points] for name, attribute in wanted.items()}
    return {name: values for name, values in found.items() if any(value is not None for value in values)}


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
            Trace(
                name.replace(" ", "-"),
                name,
                label_at,
                _stretches([(across(p.seconds), v) for p, v in zip(points, line, strict=True)], place),
            )
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
