"""How long a worker waits for a word of its master, by a clock that never jumps.

Locust's own check compares moments of the machine's clock: a worker whose clock is set a minute on takes its master for
gone and quits, in the middle of the run.
"""

import logging
import time
from typing import Any

import gevent
from locust import runners
from locust.env import Environment
from locust.runners import WorkerRunner

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 1.0


class Patience:
    """One worker's, in place of Locust's own from the first heartbeat on.

    Args:
        environment: Locust's.
        runner: Locust's; it quits when the patience is at its end.
    """

    def __init__(self, environment: Environment, runner: WorkerRunner) -> None:
        """Wait for nothing yet."""
        self._environment = environment
        self._runner = runner
        self._heard: float | None = None

    def listen(self) -> None:
        """Put this on the events."""
        self._environment.events.heartbeat_received.add_listener(self._hear)  # type: ignore[no-untyped-call]

    def _hear(self, **_facts: Any) -> None:
        self._runner.last_heartbeat_timestamp = None  # Locust, which has just written it, does not look then
        begins = self._heard is None
        self._heard = time.monotonic()
        if begins:
            gevent.spawn(self._watch)

    def _watch(self) -> None:
        while self._heard is not None and time.monotonic() - self._heard <= runners.MASTER_HEARTBEAT_TIMEOUT:
            gevent.sleep(LOOK_SECONDS)
        LOG.error("Didn't get heartbeat from master in over %g s", runners.MASTER_HEARTBEAT_TIMEOUT)  # in Locust's words
        self._runner.quit()
