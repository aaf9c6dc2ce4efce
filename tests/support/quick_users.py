"""Run as a program with a server's URL: what users of our HTTP class do in a Locust runner, as one JSON document."""

import locust  # isort: skip  # first: it patches
import json
import sys
from typing import Any

import gevent
from locust.env import Environment
from locust.exception import StopTest

from load.quick.errors import RefusedError
from load.quick.user import QuickHttpUser

USERS = 3
HELD = 2


class Working(QuickHttpUser):
    """Asks again and again."""

    wait_time = locust.constant(0.01)
    default_headers = {"X-User": "working"}  # noqa: RUF012 - as FastHttpUser has it

    @locust.task
    def ask(self) -> None:
        """One request by each way in."""
        self.client.get("/", name="root")
        with self.rest("GET", "/json") as found:
            assert found.js["a"] == 1, "another a"
        with self.rest("GET", "/broken"):
            pass


class Waiting(QuickHttpUser):
    """Never gets an answer."""

    @locust.task
    def ask(self) -> None:
        """Held by the server."""
        self.client.get("/held")


def _raised(url: str | None, **settings: Any) -> str:
    kind = type("Made", (QuickHttpUser,), {"host": url, "tasks": [], **settings})
    try:
        kind(Environment())
    except (StopTest, RefusedError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main(url: str) -> None:
    """Start users, wait for some requests, stop them, and say what was counted."""
    environment = Environment(user_classes=[Working, Waiting], host=url)
    runner = environment.create_local_runner()
    Waiting.fixed_count = HELD
    runner.start(USERS + HELD, spawn_rate=100)
    while environment.stats.get("/broken", "GET").num_requests < 2 * USERS:
        gevent.sleep(0.01)
    runner.quit()
    stats = environment.stats
    print(
        json.dumps(
            {
                "failures": {name: entry.num_failures > 0 for (name, _), entry in stats.entries.items()},
                "all_counted": {name: entry.num_requests for (name, _), entry in stats.entries.items()},
                "no_host": _raised(None),
                "no_url": _raised("no url"),
                "pool": _raised(url, concurrency=3, proxy_host="proxy"),
                "fine": _raised(url, insecure=False, max_redirects=2),
            }
        )
    )


main(sys.argv[1])
