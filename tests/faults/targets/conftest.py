"""These come first: they bring a stack of their own, and two at once would wait for each other."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stack that all other faults share is not up before one of them asks for it, and then until the end."""
    items.sort(key=lambda item: HERE not in item.path.parents)
