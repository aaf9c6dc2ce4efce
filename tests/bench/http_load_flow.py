"""One flow, the same for both users: ask for one document, and check what comes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from locust import constant
from locust.contrib import fasthttp

sys.path.insert(0, str(Path(__file__).parents[2]))

from load.quick import user

_BODY = os.environ["BODY"].encode()


def ask(flow: QuickHttpUser | FastHttpUser) -> None:
    """One request."""
    found = flow.client.get("/items", name="items")
    if found.status_code != 200 or found.content != _BODY:
        print(f"a wrong answer: {found.status_code} {found.error}", flush=True)
        os._exit(1)


class FastHttpUser(fasthttp.FastHttpUser):
    """Locust's."""

    wait_time = constant(0)
    tasks = [ask]  # noqa: RUF012 - as Locust has it


class QuickHttpUser(user.QuickHttpUser):
    """Ours."""

    wait_time = constant(0)
    tasks = [ask]  # noqa: RUF012 - as Locust has it
