"""Many items or links in one transaction, on SQL."""

import pytest
from measuring import Measure


@pytest.mark.operation("sql.bulk_create_100")
def test_bulk_create_100_items(measure: Measure) -> None:
    """Created as objects."""
    measure()


@pytest.mark.operation("sql.bulk_create_500")
def test_bulk_create_500_items(measure: Measure) -> None:
    """Created as objects."""
    measure()


@pytest.mark.operation("sql.bulk_create_1000")
def test_bulk_create_1000_items(measure: Measure) -> None:
    """Created as objects."""
    measure()


@pytest.mark.operation("sql.bulk_insert_1000")
def test_bulk_insert_1000_items(measure: Measure) -> None:
    """Inserted as plain values."""
    measure()


@pytest.mark.operation("sql.bulk_update_100")
def test_bulk_update_100_items(measure: Measure) -> None:
    """Each under its optimistic lock."""
    measure()


@pytest.mark.operation("sql.bulk_update_500")
def test_bulk_update_500_items(measure: Measure) -> None:
    """Each under its optimistic lock."""
    measure()


@pytest.mark.operation("sql.bulk_update_statement_500")
def test_bulk_update_500_items_in_one_statement(measure: Measure) -> None:
    """By the database alone."""
    measure()


@pytest.mark.operation("sql.bulk_delete_100")
def test_bulk_delete_100_items(measure: Measure) -> None:
    """Deleted for good."""
    measure()


@pytest.mark.operation("sql.bulk_delete_500")
def test_bulk_delete_500_items(measure: Measure) -> None:
    """Deleted for good."""
    measure()


@pytest.mark.operation("sql.bulk_link_create_100")
def test_bulk_link_create_100(measure: Measure) -> None:
    """Items are connected."""
    measure()


@pytest.mark.operation("sql.bulk_link_create_500")
def test_bulk_link_create_500(measure: Measure) -> None:
    """Items are connected."""
    measure()


@pytest.mark.operation("sql.bulk_link_delete_100")
def test_bulk_link_delete_100(measure: Measure) -> None:
    """Links are taken away."""
    measure()


@pytest.mark.operation("sql.bulk_memory_*")
def test_bulk_memory_of_a_large_batch(measure: Measure) -> None:
    """All are objects at once."""
    measure()
