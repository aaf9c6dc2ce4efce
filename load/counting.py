"""A process that has users (a worker, or the only one): counts what they do, watches its own health, and reports both."""

import time
from collections.abc import Callable
from typing import Any

from locust.runners import Runner

from load.arrivals import Arrivals, Share
from load.arriving import OpenModel
from load.asker.client import pids
from load.health import Vitals
from load.plan import Plan
from load.run import Run
from load.shapes import shape

Report = dict[str, Any]


class Counting:
    """One process's users.

    Args:
        run: what they do is counted in.
        runner: Locust's.
        others: process ids of those that work for this process; its askers.
    """

    def __init__(self, run: Run, runner: Runner, others: Callable[[], list[int]] = pids) -> None:
        """Watch from now on."""
        self.run = run
        self._vitals = Vitals(lambda: runner.user_count, others)
        self._open: OpenModel | None = None
        self._number = 0

    def begin(self, plan: Plan) -> None:
        """Count a new run."""
        self.stop()
        self._open = None
        self.run.begin(plan)
        self._number = 0
        OpenModel.expected = plan.arrival_rate is not None

    def arrive(self, elapsed: float, share: Share) -> None:
        """Begin the open model's starts, or take another share of them.

        Args:
            elapsed: seconds since the schedule's start, negative before it; no moment, for machines' clocks differ.
            share: which starts are this process's.
        """
        plan = self.run.plan
        if self._open is not None:
            self._open.share = share
        elif plan.arrival_rate is not None and OpenModel.expected:
            arrivals = Arrivals(shape(plan.shape, plan.run_seconds), plan.arrival_rate)
            self._open = OpenModel(arrivals, share, time.monotonic() - elapsed)
            self._open.start()

    def report(self, *, final: bool = False) -> Report:
        """What happened since the last report, as msgpack carries it; reports are numbered, so that a lost one is seen."""
        health = self._vitals.take()
        self._number += 1
        opened = self._open
        return {
            "run": self.run.plan.run,
            "number": self._number,
            "series": self.run.tally.delta(),
            "health": [health.cpu, health.lag, health.users, health.rss],
            "overflow": self.run.names.overflow,
            "dropped": opened.dropped if opened else 0,
            "intended": opened.intended if opened else 0,
            "final": final,
        }

    def stop(self) -> None:
        """The run ends: begin nothing more; what was counted of the open model stays."""
        if self._open is not None:
            self._open.stop()
        OpenModel.expected = False

    def close(self) -> None:
        """Watch no more."""
        self.stop()
        self._vitals.close()
