"""Whole load runs, and what they ask."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from load_runs import Runs, answering
from trace_target import trace_api


@pytest.fixture
def runs(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Runs]:
    """`runs.start(…)` starts Locust; what is left is killed."""
    started = Runs(tmp_path, free_port)
    yield started
    started.end()


@pytest.fixture
def trace_url(tmp_path: Path) -> Iterator[str]:
    """A Trace API's base URL."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        yield url


@pytest.fixture
def answers_url() -> Iterator[str]:
    """A server that answers /500/… with 500 and /ok/… with 200."""
    with answering() as url:
        yield url
