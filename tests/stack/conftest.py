"""One native stack for the tests that look at a running one."""

import shutil
from collections.abc import Iterator

import native_stack
import pytest


@pytest.fixture(scope="session")
def stack() -> Iterator[native_stack.Stack]:
    """A stack of its own in an empty folder, up and ready; stopped at the end."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test installs it")
    with native_stack.running() as found:
        yield found
