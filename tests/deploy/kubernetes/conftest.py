"""Each overlay and each load run, built once."""

from collections.abc import Callable
from functools import cache

import manifests
import pytest

Build = Callable[[str], list[manifests.Document]]


@cache
def _text(name: str) -> str:
    return manifests.build(manifests.FOLDER / name)


@pytest.fixture(scope="session")
def built_text() -> Callable[[str], str]:
    """What kustomize prints for a folder of deploy/kubernetes."""
    return _text


@pytest.fixture(scope="session")
def built() -> Build:
    """Its objects; those of a load run with the objects of the overlay that it runs beside."""
    return lambda name: (
        manifests.objects(_text(name)) + (manifests.objects(_text(manifests.RUNS[name])) if name in manifests.RUNS else [])
    )


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> manifests.Judge:
    """The judge of manifests."""
    return manifests.judge(tmp_path_factory.mktemp("schemas"))
