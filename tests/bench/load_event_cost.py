"""What counting one request event costs: ours, a list with bisect, and prometheus_client; as listeners, and called alone.

A process of its own, because importing Locust patches it. Prints the ratios as JSON.
"""

import json
import sys
from bisect import bisect_left
from dataclasses import asdict
from pathlib import Path
from typing import Any

from locust.event import EventHook
from paired import paired
from prometheus_client import Histogram

sys.path.insert(0, str(Path(__file__).parents[2]))

from load.plan import Plan
from load.run import Run
from steadyline.edges import LADDER

CALLS = 20_000
PAIRS = 41
EVENT: dict[str, Any] = {
    "request_type": "GET",
    "name": "/items",
    "response_time": 51.7,
    "response_length": 340,
    "response": None,
    "context": {},
    "exception": None,
    "start_time": 1_700_000_000.0,
    "url": "http://localhost:8000/items",
}
"""What FastHttpUser tells of a request."""


class Accumulator:
    """The least that a histogram can be: one name, a list of counts, a sum."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self.counts = [0] * (len(LADDER) + 1)
        self.total = 0.0

    def on_request(self, *, response_time: float, **_other: Any) -> None:
        """Count one."""
        seconds = response_time / 1000
        self.counts[bisect_left(LADDER, seconds)] += 1
        self.total += seconds


class Client:
    """prometheus_client's histogram with the two labels that tell names apart."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self.histogram = Histogram("requests", "x", ("method", "name"), buckets=LADDER, registry=None)

    def on_request(self, *, request_type: str, name: str, response_time: float, **_other: Any) -> None:
        """Count one."""
        self.histogram.labels(request_type, name).observe(response_time / 1000)


def main() -> None:
    """Ours against both, each way."""
    run = Run()
    run.begin(Plan("bench", 0.0))
    least, client = Accumulator(), Client()
    found: dict[str, Any] = {"calls": CALLS}
    for way, of in (("fired", _fired), ("called", _called)):
        for name, other in (("accumulator", least), ("prometheus_client", client)):
            found[f"{way} {name}"] = asdict(paired(of(run.on_request), of(other.on_request), pairs=PAIRS))
    print(json.dumps(found))


def _fired(listener: Any) -> Any:
    hook = EventHook()
    hook.add_listener(listener)

    def fire() -> None:
        for _ in range(CALLS):
            hook.fire(**EVENT)

    return fire


def _called(listener: Any) -> Any:
    def call() -> None:
        for _ in range(CALLS):
            listener(**EVENT)

    return call


if __name__ == "__main__":
    main()
