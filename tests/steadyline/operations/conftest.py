"""The systems that the contract suite runs over; a new backend joins with a `System` in tests/support and its CASES here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trace_tables_system
from system import Case, System

from steadyline import catalogue

SYSTEMS: dict[str, Case] = {**trace_tables_system.CASES}


@pytest.fixture
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """The system of this test: indirect, by its name in SYSTEMS."""
    with SYSTEMS[request.param].opened(request) as opened:
        yield opened


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
