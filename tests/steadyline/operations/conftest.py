"""The systems that the contract suite runs over; a new backend joins with a `System` in tests/support and its CASES here."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import s3_system
import tams_system
import trace_tables_system
import vast_system
from system import Case, System
from trace_client import FarEnd
from trace_target import serving

from steadyline import catalogue

SYSTEMS: dict[str, Case] = {**trace_tables_system.CASES, **s3_system.CASES, **vast_system.CASES, **tams_system.CASES}


@pytest.fixture
def far_end() -> Iterator[Callable[..., FarEnd]]:
    """`far_end(status=…, body=…)` is a server that answers so."""
    with ExitStack() as running:

        def start(**facts: Any) -> FarEnd:
            made = FarEnd(**facts)
            made.url = running.enter_context(serving(made))
            return made

        yield start


@pytest.fixture(scope="session")
def tams() -> Iterator[tams_system.Servers]:
    """A TAMS API over VAST DB and S3; whoever uses it empties it."""
    with tams_system.tams_servers() as servers:
        yield servers


@pytest.fixture
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """The system of this test: indirect, by its name in SYSTEMS."""
    with SYSTEMS[request.param].opened(request) as opened:
        yield opened


@pytest.fixture
def open_system(request: pytest.FixtureRequest) -> Iterator[Callable[[str], System]]:
    """`open_system(name)` is one more, by its name in SYSTEMS; ended with the test."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(SYSTEMS[name].opened(request))


def _systems_of(metafunc: pytest.Metafunc) -> dict[str, Case]:
    """All systems, or for a test in a backend's own folder those of that backend."""
    folder = metafunc.definition.path.parent.name
    return {name: case for name, case in SYSTEMS.items() if folder in (case.backend, Path(__file__).parent.name)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for `system` over all systems, and what asks for `name` too over all operations of each."""
    systems = _systems_of(metafunc)
    if "name" in metafunc.fixturenames and "system" in metafunc.fixturenames:
        cases = [
            pytest.param(system, name, id=f"{system}-{name}", marks=case.marks)
            for system, case in systems.items()
            for name in catalogue.operations([case.backend])
        ]
        metafunc.parametrize(("system", "name"), cases, indirect=["system"])
    elif "system" in metafunc.fixturenames:
        params = [pytest.param(system, id=system, marks=case.marks) for system, case in systems.items()]
        metafunc.parametrize("system", params, indirect=True)
