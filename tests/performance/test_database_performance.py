"""Single items, lookups, filters, pages, joins and aggregations of the Trace model on SQL."""

import pytest
from measuring import Measure


@pytest.mark.operation("sql.item_create")
def test_item_create(measure: Measure) -> None:
    """One item is added."""
    measure()


@pytest.mark.operation("sql.item_read")
def test_item_lookup_by_id_indexed(measure: Measure) -> None:
    """One item by its primary key."""
    measure()


@pytest.mark.operation("sql.item_update")
def test_item_update_with_optimistic_lock(measure: Measure) -> None:
    """One item is read and changed."""
    measure()


@pytest.mark.operation("sql.item_delete")
def test_item_delete_soft(measure: Measure) -> None:
    """One item is marked as deleted."""
    measure()


@pytest.mark.operation("sql.link_create")
def test_link_create(measure: Measure) -> None:
    """Two items are connected."""
    measure()


@pytest.mark.operation("sql.item_browse")
def test_item_browse_any_database(measure: Measure) -> None:
    """The first items of whatever is there."""
    measure()


@pytest.mark.operation("sql.query_by_ids_20")
def test_items_lookup_by_ids_in_one_statement(measure: Measure) -> None:
    """Several items by their primary keys."""
    measure()


@pytest.mark.operation("sql.query_by_external_id")
def test_item_lookup_by_external_id_indexed(measure: Measure) -> None:
    """One item by another system's key."""
    measure()


@pytest.mark.operation("sql.query_project_by_name")
def test_project_lookup_by_unique_name(measure: Measure) -> None:
    """One project by its name."""
    measure()


@pytest.mark.operation("sql.query_children")
def test_item_children_indexed(measure: Measure) -> None:
    """The items under one item."""
    measure()


@pytest.mark.operation("sql.query_links_from")
def test_links_from_item_indexed(measure: Measure) -> None:
    """The links that lead away from an item."""
    measure()


@pytest.mark.operation("sql.query_links_to")
def test_links_to_item_indexed(measure: Measure) -> None:
    """The links that lead to an item."""
    measure()


@pytest.mark.operation("sql.query_all_1000")
def test_query_all_items(measure: Measure) -> None:
    """Every item of a project."""
    measure()


@pytest.mark.operation("sql.query_filtered")
def test_query_items_by_status_composite_index(measure: Measure) -> None:
    """The items of one status."""
    measure()


@pytest.mark.operation("sql.query_by_type")
def test_query_items_by_type_composite_index(measure: Measure) -> None:
    """The items of one type."""
    measure()


@pytest.mark.operation("sql.query_several_filters")
def test_query_items_by_several_filters(measure: Measure) -> None:
    """A search by several columns."""
    measure()


@pytest.mark.operation("sql.query_page_20")
def test_pagination_first_page(measure: Measure) -> None:
    """The first page."""
    measure()


@pytest.mark.operation("sql.query_page_deep")
def test_pagination_deep_offset(measure: Measure) -> None:
    """A late page by its offset."""
    measure()


@pytest.mark.operation("sql.query_page_keyset")
def test_pagination_keyset(measure: Measure) -> None:
    """The same page by the id before it."""
    measure()


@pytest.mark.operation("sql.query_page_urgent")
def test_pagination_sorted_without_index(measure: Measure) -> None:
    """A page in an order that no index has."""
    measure()


@pytest.mark.operation("sql.query_join_links")
def test_join_links_with_both_items(measure: Measure) -> None:
    """Links with the items at their ends."""
    measure()


@pytest.mark.operation("sql.query_neighbours")
def test_join_linked_items(measure: Measure) -> None:
    """The items one link away."""
    measure()


@pytest.mark.operation("sql.query_two_hops")
def test_join_two_hops(measure: Measure) -> None:
    """The items two links away."""
    measure()


@pytest.mark.operation("sql.query_unlinked")
def test_join_unlinked_items_count(measure: Measure) -> None:
    """The items that no link leads away from."""
    measure()


@pytest.mark.operation("sql.query_count")
def test_aggregate_count(measure: Measure) -> None:
    """How many items there are."""
    measure()


@pytest.mark.operation("sql.query_count_by_status")
def test_aggregate_count_by_status(measure: Measure) -> None:
    """How many there are of each status."""
    measure()


@pytest.mark.operation("sql.query_group_by_type")
def test_aggregate_group_by_type(measure: Measure) -> None:
    """A summary for each type."""
    measure()


@pytest.mark.operation("sql.query_average")
def test_aggregate_average_priority(measure: Measure) -> None:
    """One average."""
    measure()


@pytest.mark.operation("sql.query_most_linked")
def test_aggregate_most_linked_items(measure: Measure) -> None:
    """The items with the most links."""
    measure()
