"""The Trace API itself; `far_end` is every backend's."""

from collections.abc import Iterator

import pytest
from trace_target import trace_api


@pytest.fixture
def api(tmp_path) -> Iterator[str]:
    """The base URL of a Trace API over a SQLite file, with fault control."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}", allow_faults=True) as url:
        yield url
