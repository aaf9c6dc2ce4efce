"""The catalogue's operations as benchmarks: a test is marked with what it measures, and calls `measure`."""

import os
from collections.abc import Iterator
from functools import cache

import pytest
from benchmark_names import OPERATION, backends_of, fitting, rest
from measured_targets import MeasuredTargets
from measuring import Measure
from named_baseline import NamedBaseline
from pytest_benchmark.fixture import BenchmarkFixture

from runner.memory import Ledger
from steadyline import catalogue
from steadyline import settings as settings_module
from steadyline.cli import pytest_compare
from steadyline.errors import ConfigurationError
from steadyline.operation import Operation

TARGET = "--target"
FOUND = pytest.StashKey[dict[str, Operation | ConfigurationError]]()
"""The operations of the tests that were collected, by name; or why there is none of that name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the settings name several targets of a backend, one has to be chosen."""
    parser.getgroup("steadyline").addoption(TARGET, metavar="ALIAS", help="measure this target, where there are several")
    pytest_compare.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Before pytest-benchmark reads its options, which a baseline by name changes."""
    if not config.pluginmanager.hasplugin("benchmark"):
        raise pytest.UsageError("tests/performance measures by pytest-benchmark; leave out what switches it off")
    if not hasattr(config, "_benchmarksession"):
        config.pluginmanager.register(NamedBaseline(config), "steadyline-named-baseline")
    pytest_compare.pytest_configure(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each operation; where the mark names a single one, it is no part of its test's name."""
    marker = metafunc.definition.get_closest_marker(OPERATION)
    if marker is None:
        return
    found = _found(marker.args)
    metafunc.config.stash.setdefault(FOUND, {}).update(found)
    is_single = list(found) == list(marker.args) and len(found) == 1
    metafunc.parametrize(OPERATION, list(found), ids=[pytest.HIDDEN_PARAM] if is_single else list(found))


@cache
def _load_settings() -> None:
    """Once, for it reads the user's own operations anew."""
    settings_module.load(os.environ)


def _found(patterns: tuple[str, ...]) -> dict[str, Operation | ConfigurationError]:
    """The operations by name, or why there are none; backends that are not named are not imported."""
    try:
        _load_settings()
        patterns = patterns or tuple(rest())
        known = catalogue.operations(backends_of(patterns))
        return {name: known.get(name) or catalogue.named(name) for name in fitting(patterns, known)}
    except ConfigurationError as error:
        return dict.fromkeys(patterns or ("catalogue",), error)


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


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """Whose memory is what, of all that this process measures."""
    return Ledger()


@pytest.fixture
def measure(found: Operation, targets: MeasuredTargets, ledger: Ledger, benchmark: BenchmarkFixture) -> Measure:
    """`measure()` measures it."""
    return Measure(benchmark, found, targets, ledger)
