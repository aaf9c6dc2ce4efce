"""Far ends for the Trace client: a server that answers whatever a test says, and the Trace API itself."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from trace_client import FarEnd
from trace_target import serving, trace_api


@pytest.fixture
def far_end() -> Iterator[Callable[..., FarEnd]]:
    """`far_end(status=…, body=…)` is a server that answers so."""
    with ExitStack() as running:

        def start(**facts: Any) -> FarEnd:
            made = FarEnd(**facts)
            made.url = running.enter_context(serving(made))
            return made

        yield start


@pytest.fixture
def api(tmp_path) -> Iterator[str]:
    """The base URL of a Trace API over a SQLite file, with fault control."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}", allow_faults=True) as url:
        yield url
