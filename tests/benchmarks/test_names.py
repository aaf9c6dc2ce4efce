"""The tests of tests/performance/ and the catalogue: each operation is measured by one of them, under the seeds' names."""

import pytest
from benchmark_names import FOLDER, REST, measured_by, measured_in

from steadyline import catalogue

TRACE = {
    "test_database_performance.py": 19,
    "test_bulk_operations_performance.py": 12,
    "test_concurrent_performance.py": 8,
}

TAMS = {
    "TestPerformanceReal": {
        "test_s3_store_initialization_performance",
        "test_vastdbmanager_initialization_performance",
        "test_s3_segment_storage_performance",
        "test_table_operations_performance",
        "test_data_operations_performance",
        "test_concurrent_operations_performance",
        "test_memory_usage_performance",
        "test_cleanup_performance",
    },
    "TestStressReal": {
        "test_concurrent_s3_operations",
        "test_concurrent_vastdbmanager_operations",
        "test_large_data_handling",
        "test_memory_usage_under_load",
        "test_resource_cleanup",
    },
    "TestScalabilityReal": {"test_scalable_segment_operations", "test_scalable_database_operations"},
}


def test_each_operation_once():
    """No operation is left out, and none is measured twice."""
    found = measured_by([*FOLDER.glob("test_*.py")])
    assert {name: by for name, by in found.items() if len(by) != 1} == {}
    assert catalogue.shipped().keys() - found.keys() == set()


def test_named_ones_are_there():
    """A mark names an operation that the catalogue has."""
    assert measured_by().keys() - catalogue.shipped().keys() == set()


@pytest.mark.parametrize(("file", "least"), TRACE.items())
def test_as_many_as_the_seed(file, least):
    """The three files have the tests that the seed counts."""
    assert len(measured_in(FOLDER / file)) >= least


@pytest.mark.parametrize(("kind", "lines"), TAMS.items())
def test_each_line_of_the_other_seed(kind, lines):
    """The lines of its three kinds are tests of that class, each of operations of that suite."""
    known = catalogue.operations()
    found = measured_in(FOLDER / "test_tams_performance.py")
    assert {f"{kind}::{line}" for line in lines} <= found.keys()
    suites = {known[name].suite for test, names in found.items() if test.startswith(kind) for name in names}
    assert suites == {kind.removeprefix("Test").removesuffix("Real").lower()}


def test_rest_in_one_file():
    """Who adds an operation needs no test: there is one for all that are not named."""
    assert measured_in(REST).keys() == {"test_operation"}
