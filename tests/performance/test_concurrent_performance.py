"""Several threads on one SQL database."""

import pytest
from measuring import Measure


@pytest.mark.operation("sql.concurrent_create_10")
def test_concurrent_create_10_items_10_threads(measure: Measure) -> None:
    """Writers side by side."""
    measure()


@pytest.mark.operation("sql.concurrent_create_100")
def test_concurrent_create_100_items_10_threads(measure: Measure) -> None:
    """Writers side by side."""
    measure()


@pytest.mark.operation("sql.concurrent_create_500")
def test_concurrent_create_500_items_50_threads(measure: Measure) -> None:
    """More writers than connections."""
    measure()


@pytest.mark.operation("sql.concurrent_update_100")
def test_concurrent_update_items(measure: Measure) -> None:
    """Each changes rows of its own."""
    measure()


@pytest.mark.operation("sql.concurrent_query_100")
def test_concurrent_query_items(measure: Measure) -> None:
    """Readers side by side."""
    measure()


@pytest.mark.operation("sql.concurrent_link_100")
def test_concurrent_link_create(measure: Measure) -> None:
    """Writers that share the items at the ends."""
    measure()


@pytest.mark.operation("sql.concurrent_mixed_100")
def test_concurrent_mixed_operations(measure: Measure) -> None:
    """Readers and writers."""
    measure()


@pytest.mark.operation("sql.concurrent_contended_50")
def test_concurrent_update_of_one_contended_item(measure: Measure) -> None:
    """All change one row."""
    measure()
