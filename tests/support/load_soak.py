"""Half an hour of load in one process, its seconds pressed together: a worker's counts, their way to the master, and the page.

python load_soak.py NAMES

NAMES says which: `steady`, `unique` (no two requests have the same), or `kept` (steady, but somebody keeps each duration, as a
leak would). Prints as JSON the allocated blocks and the resident memory after a third and at the end, and what the page says.
"""

import gc
import json
import random
import sys
from itertools import count
from types import SimpleNamespace
from typing import Any

import psutil
from locust.event import EventHook

from load import conductor as conductor_module
from load.conductor import Conductor, Load
from load.criteria import Judge
from load.frames import Frames, framed
from load.plan import Plan
from load.publisher.kinds import KIND, Kind
from load.publisher.page import Page
from load.publisher.page import Run as Shown
from load.run import Run
from steadyline.criterion import parse

SECONDS = 1800
SECONDS_A_TICK = 4
EVENTS_A_TICK = 450
RENDER_EVERY = 5
START = 1_700_000_000.0
ROUTES = [f"/items/by_{number}" for number in range(10)]
PLAN = Plan("soak", START, "medium", "soak", 50)


class Publisher:
    """The page, and the frames' way to it."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self.page = Page()
        self._unpacker = Frames()

    def tell(self, frame: dict[str, Any]) -> None:
        """A frame as the pipe brings it."""
        for came in self._unpacker.feed(framed(frame)):
            match came.pop(KIND):
                case Kind.BEGIN:
                    self.page.begin(Shown(came["run"], came["profile"], came["shape"], came["revision"], came["start"]))
                case Kind.DELTA:
                    self.page.add(came["series"])
                case Kind.GAUGES:
                    self.page.take(came)


def main(names: str) -> None:
    """The whole of it."""
    kept, dice, now = [], random.Random(1), START
    conductor_module.time = SimpleNamespace(time=lambda: now)
    pool = (f"/items/one_{number}" for number in count()) if names == "unique" else iter(lambda: dice.choice(ROUTES), None)
    run, requests, conductor, publisher = Run(), EventHook(), Conductor(), Publisher()
    requests.add_listener(run.on_request)
    if names == "kept":
        requests.add_listener(lambda response_time, **_other: kept.append(response_time))
    run.begin(PLAN)
    conductor.tell = publisher.tell
    conductor.begin(PLAN, Judge([parse("* p95 < 10s for 30s"), parse("* failures < 50%")]), silence=False)
    ticks, memory = SECONDS // SECONDS_A_TICK, []
    for tick in range(1, ticks + 1):
        for _ in range(EVENTS_A_TICK):
            fails = dice.random() < 0.01
            requests.fire(
                request_type="GET",
                name=next(pool),
                response_time=dice.expovariate(1 / 50),
                response_length=dice.randrange(1000),
                response=None,
                context={},
                exception=ConnectionRefusedError() if fails else None,
                start_time=now,
                url=None,
            )
        now += SECONDS_A_TICK
        health = [0.5, 0.01, 50, 100_000_000]
        conductor.take(
            "0",
            {
                "run": PLAN.run,
                "number": tick,
                "series": run.tally.delta(),
                "health": health,
                "overflow": run.names.overflow,
                "dropped": 0,
                "intended": 0,
                "final": False,
            },
        )
        conductor.tick(Load({"User": 50}, 50, None, steady=True))
        if tick % RENDER_EVERY == 0:
            publisher.page.render()
        if tick in (ticks // 3, ticks):
            gc.collect()
            memory.append([sys.getallocatedblocks(), psutil.Process().memory_info().rss])
    series = publisher.page.merged.series.values()
    print(
        json.dumps(
            {
                "memory": memory,
                "events": ticks * EVENTS_A_TICK,
                "started": sum(one.started for one in series),
                "ended": sum(one.successes + one.failed for one in series),
                "names": len(series),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
