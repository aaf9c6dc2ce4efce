"""One native stack for the tests that look at a running one."""

import shutil
from collections.abc import Iterator

import native_stack
import pytest


@pytest.fixture(scope="module")
def stack() -> Iterator[native_stack.Stack]:
    """A stack of its own in an empty folder, up and ready; stopped after this file, for it takes a good part of a core."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test installs it")
    with native_stack.running() as found:
        yield found
