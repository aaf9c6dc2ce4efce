"""A run that began by itself begins again by itself: Locust's master stops for good when its last worker goes missing."""

import logging
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import STATE_INIT, STATE_STOPPED, STATE_STOPPING, MasterRunner

LOG = logging.getLogger(__name__)
SETTLING_SECONDS = 1.0
"""A worker is told of before it is counted among those that are there."""


class Resuming:
    """Begins the run of `--autostart` anew once there is a worker again.

    Args:
        environment: Locust's.
        runner: the master.
    """

    def __init__(self, environment: Environment, runner: MasterRunner) -> None:
        """Listen for workers; nothing is to be resumed yet."""
        self._environment = environment
        self._runner = runner
        self._options: Any = environment.parsed_options
        self._deserted = False
        environment.events.worker_connect.add_listener(self._connected)

    def ended(self, *, deserted: bool) -> None:
        """A run is over, because no worker was left or for another reason."""
        self._deserted = deserted and bool(self._options.autostart)

    def _connected(self, **_facts: Any) -> None:
        if self._deserted:
            gevent.spawn_later(SETTLING_SECONDS, self._resume)

    def _resume(self) -> None:
        if not self._deserted or self._runner.state not in (STATE_INIT, STATE_STOPPED, STATE_STOPPING):
            return
        self._deserted = False
        LOG.warning("a worker is back: the run that was left without one begins anew")
        if self._environment.shape_class is not None:
            self._runner.start_shape()
        else:
            self._runner.start(self._options.num_users, self._options.spawn_rate)
