"""Publishers that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import publisher_process
import pytest
from publisher_process import Running

from load.publisher.kinds import Kind

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(**facts)` starts a publisher that is ready; `start(ready=False, …)` does not wait for that."""
    started: list[Running] = []

    def starting(*, ready: bool = True, **facts: Any) -> Running:
        running = publisher_process.start(tmp_path, **facts)
        started.append(running)
        if ready:
            running.url = running.answer(Kind.READY)["url"]
        return running

    yield starting
    for one in started:
        one.stop()
