"""Pages with settings that name operations of a reader's own."""

import pytest


@pytest.fixture(autouse=True)
def _forgotten(forgotten_operations: None) -> None:
    """What a page names is unknown to whatever runs next in this process."""
