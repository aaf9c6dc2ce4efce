"""Queries, pagination, joins and aggregations of the Trace model on SQL."""

import pytest
from measuring import Measure


@pytest.mark.operation("sql.item_read")
def test_item_lookup_by_id_indexed(measure: Measure) -> None:
    """One item by its primary key."""
    measure()
