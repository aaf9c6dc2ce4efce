"""One folder of canaries for all tests here: what they say, write and start is searched in the end."""

from collections.abc import Iterator

import pytest
from planted import Planted, planted


@pytest.fixture(scope="session")
def nest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Settings with a secret in every place, in a folder in which nothing was done yet."""
    with planted(tmp_path_factory.mktemp("canaries")) as made:
        yield made


@pytest.fixture(autouse=True)
def _forgotten(forgotten_operations: None) -> None:
    """What the folder's settings name is unknown to whatever runs next in this process."""
