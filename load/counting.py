"""A process that has users (a worker, or the only one): counts what they do, watches its own health, and reports both."""

import logging
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

LOG = logging.getLogger(__name__)
Report = dict[str, Any]
CLOCK_SECONDS = 5.0
"""A start that the master's clock puts further off than this is this machine's clock being wrong: the load begins now."""


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
        self._end_arrivals()
        self.run.begin(plan)
        self._number = 0
        if plan.arrival_rate is not None:
            OpenModel.expected = True

    def arrive(self, start: float, share: Share) -> None:
        """Begin the open model's starts, or take another share of them.

        Args:
            start: of the schedule, Unix time.
            share: which starts are this process's.
        """
        if self._open is not None:
            self._open.share = share
            return
        plan = self.run.plan
        if plan.arrival_rate is None:
            return
        until = start - time.time()
        if abs(until) > CLOCK_SECONDS:
            LOG.warning("the master's clock differs by about %.0f s; this worker's share begins now", -until)
            until = 0.0
        arrivals = Arrivals(shape(plan.shape, plan.run_seconds), plan.arrival_rate)
        self._open = OpenModel(arrivals, share, time.monotonic() + until)
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

    def end(self) -> None:
        """The run is over: begin nothing more."""
        self._end_arrivals()

    def _end_arrivals(self) -> None:
        if self._open is not None:
            self._open.stop()
        self._open = None
        OpenModel.expected = False

    def close(self) -> None:
        """Watch no more."""
        self.end()
        self._vitals.close()
