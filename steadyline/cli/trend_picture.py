"""A series as a picture of text: the runs, the level between change points, and where these lie."""

import math
from collections.abc import Sequence

from alerts.history.changes import Change, day
from alerts.history.series import Series
from steadyline.cli import cells

HEIGHT = 9
"""Lines of the plot."""
_RUN, _LEVEL, _STEP, _BOTH = "•", "─", "┆", "◆"
_SHORTEST_SPAN = math.log(1.2)
"""The axis spans at least this ratio, so that noise does not look like mountains."""


def picture(series: Series, changes: Sequence[Change], width: int) -> list[str]:
    """Lines: the time on the left, the days below; more runs than columns share one, and the slowest is drawn last.

    Args:
        series: what to draw.
        changes: its change points; without any one level is drawn.
        width: most characters of a line.
    """
    logs = [math.log(point.seconds) for point in series.points]
    low, high = _axis(logs)
    labels = [cells.seconds(math.exp(high - (high - low) * line / (HEIGHT - 1))) for line in range(HEIGHT)]
    margin = max(map(len, labels))
    columns = max(1, min(len(logs), width - margin - 2))
    grid = [[" "] * columns for _ in range(HEIGHT)]

    def row(log: float) -> int:
        return round((high - log) / (high - low) * (HEIGHT - 1))

    for at, level in enumerate(_levels(logs, changes)):
        grid[row(level)][at * columns // len(logs)] = _LEVEL
    for change in changes:
        for line in grid:
            column = change.index * columns // len(logs)
            line[column] = _STEP if line[column] == " " else line[column]
    for at, log in enumerate(logs):
        line, column = grid[row(log)], at * columns // len(logs)
        line[column] = _BOTH if line[column] in (_LEVEL, _BOTH) else _RUN
    drawn = [f"{label:>{margin}} ┤{''.join(line).rstrip()}" for label, line in zip(labels, grid, strict=True)]
    return [*drawn, f"{'':>{margin}} └{'─' * columns}", f"{'':>{margin}}  {_days(series, columns)}"]


def _axis(logs: Sequence[float]) -> tuple[float, float]:
    low, high = min(logs), max(logs)
    missing = max(0.0, _SHORTEST_SPAN - (high - low)) / 2
    return low - missing, high + missing


def _levels(logs: Sequence[float], changes: Sequence[Change]) -> list[float]:
    """The level of each run."""
    if not changes:
        return [sum(logs) / len(logs)] * len(logs)
    bounds = [0, *(change.index for change in changes), len(logs)]
    levels = [changes[0].before, *(change.after for change in changes)]
    return [math.log(level) for number, level in enumerate(levels) for _ in range(bounds[number], bounds[number + 1])]


def _days(series: Series, columns: int) -> str:
    first, last = day(series.points[0].at), day(series.latest.at)
    return first if first == last else f"{first}{last:>{max(len(last) + 1, columns - len(first))}}"
