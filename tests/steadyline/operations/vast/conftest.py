"""Far ends for the VAST DB client: the embedded endpoint, and a server that begins well and then answers as a test says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from s3_target import embedded_s3, new_bucket
from trace_target import serving
from vast_system import FarEnd, Served, vast_db


@pytest.fixture
def far_end() -> Iterator[Callable[..., FarEnd]]:
    """`far_end(status=…, body=…)` is a server that answers so once a transaction has begun."""
    with ExitStack() as running:

        def start(**facts: Any) -> FarEnd:
            made = FarEnd(**facts)
            made.url = running.enter_context(serving(made))
            return made

        yield start


@pytest.fixture
def endpoint() -> Iterator[Served]:
    """A VAST DB in memory, without an S3 behind it."""
    with vast_db() as served:
        yield served


@pytest.fixture
def endpoint_with_s3() -> Iterator[Served]:
    """A VAST DB in memory, with an S3 behind it."""
    with embedded_s3() as s3_url, vast_db(s3_url, new_bucket()) as served:
        yield served
