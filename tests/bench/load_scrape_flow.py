"""Load under 100 names, a greenlet that watches how long the hub keeps it waiting, and an export: ours, in the hub, or none.

A locustfile. The environment says which export, by WAY, and where the waits go, by WAITS: of each second the longest.
"""

import json
import os
import random
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import gevent
from locust import User, constant, events, task
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from load import lead
from load.wiring import wire
from steadyline.edges import own_edges, with_ladder

NAMES = [f"/items/by_{number}" for number in range(100)]
OWN_EDGES = own_edges(0.07, 0.1, [0.02, 0.2, 0.25, 0.5, 2, 5, 20])
"""Beside the ladder, some 40 cells in all: as of an operation with a baseline, a budget and several criteria."""
SCRAPE_SECONDS = 1.0
TICK_SECONDS = 0.001
BURST = 20
PAUSE_SECONDS = 0.01
WARM_SECONDS = 2
waits: list[dict[str, float]] = []


class Feeder(User):
    """Tells of 2000 requests a second, of any duration."""

    wait_time = constant(PAUSE_SECONDS)
    dice = random.Random(1)
    names = cycle(NAMES)

    @task
    def tell(self) -> None:
        """Some of them."""
        for _ in range(BURST):
            self.environment.events.request.fire(
                request_type="GET",
                name=next(self.names),
                response_time=10 ** self.dice.uniform(-1, 4.5),
                response_length=340,
                response=None,
                context={},
                exception=None,
                start_time=time.time(),
                url=None,
            )


def in_hub() -> None:
    """What an exporter does that renders in Locust's process; only its rendering, without HTTP."""
    registry = CollectorRegistry()
    histogram = Histogram("requests_seconds", "x", ("method", "name"), buckets=with_ladder(OWN_EDGES), registry=registry)

    def on_request(request_type: str, name: str, response_time: float, **_other: Any) -> None:
        histogram.labels(request_type, name).observe(response_time / 1000)

    def render() -> None:
        while True:
            gevent.sleep(SCRAPE_SECONDS)
            generate_latest(registry)

    events.request.add_listener(on_request)
    events.test_start.add_listener(lambda **_facts: gevent.spawn(render))


def watch() -> None:
    """Each millisecond, how late by the clock, and how much of the processor's time went to others of this hub."""
    start = time.perf_counter()
    while True:
        due, used = time.perf_counter() + TICK_SECONDS, time.process_time()
        gevent.sleep(TICK_SECONDS)
        now, second = time.perf_counter(), int(time.perf_counter() - start)
        while len(waits) <= second:
            waits.append({"clock": 0.0, "hub": 0.0})
        waits[second]["clock"] = max(waits[second]["clock"], now - due)
        waits[second]["hub"] = max(waits[second]["hub"], time.process_time() - used)


@events.test_start.add_listener
def begin(**_facts: Any) -> None:
    """Watch from now on."""
    gevent.spawn(watch)


@events.test_stop.add_listener
def end(**_facts: Any) -> None:
    """Whole seconds only, the first ones left out: every name is there."""
    Path(os.environ["WAITS"]).write_text(json.dumps(waits[WARM_SECONDS:-1]), encoding="utf-8")


match os.environ["WAY"]:
    case "ours":
        lead.edges_of = lambda *_facts: {f"GET {name}": OWN_EDGES for name in NAMES}
        wire()
    case "hub":
        in_hub()
