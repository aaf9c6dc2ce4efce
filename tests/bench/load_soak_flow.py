"""Users of a soak: Teller tells of requests as fast as the processor allows, Asker asks over HTTP.

A locustfile. SHARE says of how many requests each worker's Teller tells.
"""

import os
from collections.abc import Iterator
from typing import Any

import gevent
from http_server import BODY, PATH
from load_soak_events import told
from locust import User, constant, task

from load.quick.user import QuickHttpUser
from load.wiring import wire

BATCH = 500


class Teller(User):
    """Tells of its share once, and then of nothing."""

    events: Iterator[dict[str, Any]] = told(int(os.environ["SHARE"]))

    @task
    def tell(self) -> None:
        """A batch at a time, so that the worker reports meanwhile."""
        for number, event in enumerate(self.events, 1):
            self.environment.events.request.fire(**event)
            if number % BATCH == 0:
                gevent.sleep(0)
        gevent.sleep(3600)


class Asker(QuickHttpUser):
    """Asks for one document."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """One request."""
        found = self.client.get(PATH)
        if found.text != BODY:
            raise AssertionError(found.status_code)


wire()
