"""A locustfile as a user writes one: what it asks is named by the environment."""

import os
import time
from itertools import count

import locust.runners
from locust import FastHttpUser, HttpUser, constant, task

from load.arriving import ArrivingUser
from load.quick.user import QuickHttpUser
from load.wiring import wire

if "MASTER_TIMEOUT" in os.environ:  # Locust waits a minute for a master that is gone
    locust.runners.MASTER_HEARTBEAT_TIMEOUT = float(os.environ["MASTER_TIMEOUT"])
NUMBERS = count()


KINDS = {"fast": FastHttpUser, "slow": HttpUser, "quick": QuickHttpUser}


class Asking(ArrivingUser, KINDS[os.environ.get("USER_KIND", "fast")]):
    """Asks for a path, over and over."""

    wait_time = constant(0.02)
    path = os.environ.get("ASKS", "/ok/items")

    @task
    def ask(self) -> None:
        """One request; `%` in the path is a word that never came before."""
        word = "".join(chr(ord("a") + int(digit)) for digit in str(next(NUMBERS)))
        self.client.get(self.path.replace("%", f"{os.getpid()}x{word}x"))
        if "BURNS" in os.environ:
            end = time.perf_counter() + float(os.environ["BURNS"])
            while time.perf_counter() < end:
                pass


wire()
