"""The requests of a soak that nobody makes: told by workers, and counted by who measures, by the same rule."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from steadyline.edges import LADDER

NAMES = 10
FAILS_EVERY = 100


def told(events: int) -> Iterator[dict[str, Any]]:
    """What Locust's event says of each."""
    for number in range(events):
        fails = number % FAILS_EVERY == 0
        yield {
            "request_type": "GET",
            "name": f"/items/by_{number % NAMES}",
            "response_time": _seconds(number) * 1000,
            "response_length": number % 1000,
            "response": None,
            "context": {},
            "exception": ConnectionRefusedError("refused") if fails else None,
            "start_time": 0.0,
            "url": None,
        }


def counted(events: int) -> tuple[dict[str, int], int]:
    """Successes at or under each edge, as `le` has it, and failures, over all names."""
    cells = [0] * (len(LADDER) + 1)
    for number in range(events):
        if number % FAILS_EVERY:
            cells[bisect_left(LADDER, _seconds(number) * 1000 / 1000)] += 1
    edges = [*(repr(float(edge)) for edge in LADDER), "+Inf"]
    return dict(zip(edges, accumulate(cells), strict=True)), events - sum(cells)


def _seconds(number: int) -> float:
    return (number % 997 + 1) / 4000
