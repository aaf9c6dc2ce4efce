"""Short loads of users, and what they ask."""

from collections.abc import Iterator

import pytest
from load_users import Loads, Trace, trace_behind_a_front


@pytest.fixture
def load(tmp_path) -> Iterator[Loads]:
    """`load(class, *options, seconds=…, **environment)` starts a load."""
    loads = Loads(tmp_path)
    yield loads
    loads.end()


@pytest.fixture
def trace(tmp_path) -> Iterator[Trace]:
    """A Trace API."""
    with trace_behind_a_front(tmp_path) as served:
        yield served
