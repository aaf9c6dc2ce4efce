"""A worker's part: it is told the plan with its first users, reports with Locust's own reports, and once more when it ends."""

from typing import Any

from locust import runners
from locust.env import Environment
from locust.runners import STATE_RUNNING, STATE_SPAWNING, WorkerRunner

from load.arrivals import Share
from load.counting import Counting
from load.heartbeat import Patience
from load.plan import Plan
from load.run import Run

ARRIVALS = "steadyline_arrivals"
"""The message that tells a worker its share of the open model's starts."""
FINAL = "steadyline_final"
"""The message with a worker's last report: sent when its users have ended, before it says that it has stopped."""
REPORT = "steadyline"
"""The key of our part in Locust's reports."""
REPORT_SECONDS = 1.0
"""Locust's three seconds would make Prometheus' rates, and windows that are judged by the second, jump."""
PLAN = "steadyline_plan"
"""The option in which Locust carries the plan from the master to its workers."""


class WorkerSide:
    """One worker process.

    Args:
        environment: Locust's.
        runner: Locust's.
        run: what its users do is counted in.
    """

    def __init__(self, environment: Environment, runner: WorkerRunner, run: Run) -> None:
        """Count, but report nothing yet."""
        self._environment = environment
        self._runner = runner
        self._counting = Counting(run, runner)

    def listen(self) -> None:
        """Put this on the events."""
        runners.WORKER_REPORT_INTERVAL = REPORT_SECONDS
        Patience(self._environment, self._runner).listen()
        on = self._environment.events
        on.test_start.add_listener(self._begin)
        on.report_to_master.add_listener(self._report)
        on.test_stopping.add_listener(self._stop)
        on.test_stop.add_listener(self._end)
        on.quitting.add_listener(self._quit)
        self._runner.register_message(ARRIVALS, self._arrive)
        # To a run under way a worker is added with the answer to its hello, which may be dealt with before this.
        if self._runner.worker_state in (STATE_SPAWNING, STATE_RUNNING):
            self._begin(self._environment)

    def _begin(self, environment: Environment, **_facts: Any) -> None:
        self._counting.begin(Plan.of_message(getattr(environment.parsed_options, PLAN)))

    def _arrive(self, msg: Any, **_facts: Any) -> None:
        self._counting.arrive(msg.data["elapsed"], Share(*msg.data["share"]))

    def _report(self, data: dict[str, Any], **_facts: Any) -> None:
        data[REPORT] = self._counting.report()

    def _stop(self, **_facts: Any) -> None:
        """Before users are ended, which may take a while: nobody is free any more, and no start is dropped for that."""
        self._counting.stop()

    def _end(self, **_facts: Any) -> None:
        self._runner.send_message(FINAL, self._counting.report(final=True))

    def _quit(self, environment: Environment, **_facts: Any) -> None:
        """Before Locust says that this worker quits: let its users end, and tell what they did."""
        self._runner.stop()
        environment.process_exit_code = 0  # the master has the verdict on the run
