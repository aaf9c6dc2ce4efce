"""Far ends for the S3 client: a server that answers whatever a test says, and the embedded S3."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from s3_target import boto, embedded_s3, new_bucket
from trace_client import FarEnd
from trace_target import serving


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
def url() -> Iterator[str]:
    """The endpoint of the embedded S3, with fault control."""
    with embedded_s3(allow_faults=True) as endpoint:
        yield endpoint


@pytest.fixture
def bucket() -> str:
    """An empty bucket of it."""
    return new_bucket()


@pytest.fixture
def outside(url: str) -> Iterator[Any]:
    """A client of it that no operation uses."""
    with closing(boto(url)) as client:
        yield client
