"""Which index each query is served by; without it the query would read whole tables, and grow with every project."""

from collections.abc import Mapping

_ITEM = ("items_pkey",)
_STATUS = ("ix_items_project_status",)
_TYPE = ("ix_items_project_type",)
_PAGE = ("ix_items_project_page",)
_WHOLE_PROJECT = (*_STATUS, *_TYPE, *_PAGE, "ix_items_project_external_id")
"""Each begins with the project; where all its items are asked for, they serve alike, and the database takes any."""
_SOURCE = ("ix_links_source_item_id",)

INDEXES: Mapping[str, tuple[str, ...]] = {
    "sql.item_read": _ITEM,
    "sql.item_browse": _ITEM,
    "sql.query_by_ids_20": _ITEM,
    "sql.query_by_external_id": ("ix_items_project_external_id",),
    "sql.query_children": ("ix_items_parent_id",),
    "sql.query_project_by_name": ("projects_name_key",),
    "sql.query_links_from": _SOURCE,
    "sql.query_links_to": ("ix_links_target_item_id",),
    "sql.query_all_1000": _WHOLE_PROJECT,
    "sql.query_filtered": _STATUS,
    "sql.query_by_type": _TYPE,
    "sql.query_several_filters": _STATUS,
    "sql.query_page_20": _PAGE,
    "sql.query_page_deep": _PAGE,
    "sql.query_page_keyset": _PAGE,
    "sql.query_page_urgent": _STATUS,
    "sql.query_join_links": ("ix_links_project_id",),
    "sql.query_neighbours": _SOURCE,
    "sql.query_two_hops": _SOURCE,
    "sql.query_unlinked": _SOURCE,
    "sql.query_count": _WHOLE_PROJECT,
    "sql.query_count_by_status": _WHOLE_PROJECT,
    "sql.query_group_by_type": _WHOLE_PROJECT,
    "sql.query_average": _STATUS,
    "sql.query_most_linked": ("ix_links_project_id",),
}
"""By operation: the index that it needs, or those that serve it alike; named as PostgreSQL names them."""
