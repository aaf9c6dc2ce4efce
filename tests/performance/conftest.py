"""The catalogue's operations as benchmarks: a test is marked with what it measures, and calls `measure`."""

import os
from collections.abc import Iterator

import pytest
from measured_targets import MeasuredTargets
from measuring import Measure
from named_baseline import NamedBaseline
from pytest_benchmark.fixture import BenchmarkFixture

from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation

OPERATION = "operation"
"""The marker: names of what the test measures; with several it is one test for each."""
TARGET = "--target"
FOUND = pytest.StashKey[dict[str, Operation | ConfigurationError]]()
"""The operations of the tests that were collected, by name; or why there is none of that name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the settings name several targets of a backend, one has to be chosen."""
    parser.getgroup("steadyline").addoption(TARGET, metavar="ALIAS", help="measure this target, where there are several")


def pytest_configure(config: pytest.Config) -> None:
    """Before pytest-benchmark reads its options, which a baseline by name changes."""
    config.addinivalue_line("markers", f"{OPERATION}(*names): the operations of the catalogue that the test measures")
    if not hasattr(config, "_benchmarksession"):
        config.pluginmanager.register(NamedBaseline(config), "steadyline-named-baseline")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Look the operations up in the catalogue, the user's own included; one alone is no part of its test's name."""
    marker = metafunc.definition.get_closest_marker(OPERATION)
    if marker is None:
        return
    found = metafunc.config.stash.setdefault(FOUND, {})
    found |= {name: _found(name) for name in marker.args if name not in found}
    ids = marker.args if len(marker.args) > 1 else [pytest.HIDDEN_PARAM]
    metafunc.parametrize(OPERATION, marker.args, ids=ids)


def _found(name: str) -> Operation | ConfigurationError:
    """It, or why there is none; where its backend is known, the others are not imported."""
    backend, _, _ = name.partition(".")
    try:
        settings_module.load(os.environ)
        of_backend = catalogue.operations([backend]) if backend in catalogue.backends() else {}
        return of_backend.get(name) or catalogue.named(name)
    except ConfigurationError as error:
        return error


@pytest.fixture(scope="session")
def targets(request: pytest.FixtureRequest) -> Iterator[MeasuredTargets]:
    """What the chosen tests need of targets, and no more."""
    names = {item.callspec.params.get(OPERATION) for item in request.session.items if hasattr(item, "callspec")}
    found = request.config.stash[FOUND]
    operations = [one for name, one in found.items() if name in names and isinstance(one, Operation)]
    measured = MeasuredTargets(operations, request.config.getoption(TARGET, default=None))
    yield measured
    measured.close()


@pytest.fixture
def found(operation: str, request: pytest.FixtureRequest) -> Operation:
    """The operation of the test's mark."""
    known = request.config.stash[FOUND][operation]
    if isinstance(known, ConfigurationError):
        pytest.fail(str(known), pytrace=False)
    return known


@pytest.fixture
def measure(found: Operation, targets: MeasuredTargets, benchmark: BenchmarkFixture) -> Measure:
    """`measure()` measures it."""
    return Measure(benchmark, found, targets)
