"""A stand-in of the program `docker`, in a folder with a small docker-compose.yml."""

from pathlib import Path

import pytest
from fake_docker import FakeDocker


@pytest.fixture
def fake(tmp_path: Path) -> FakeDocker:
    """An engine that answers, has all images and runs nothing, until told otherwise."""
    return FakeDocker(tmp_path)
