"""How much each run-scoped schema is filled with."""

DATASET_ROWS = 10_000
"""What queries are asked of: enough that a scan shows, and one request to fill."""
RANGE_ROWS = 1000
LISTED_TABLES = 10
WORKING_ROWS = 100
"""Rows to update: more than attempts under way at once, so that no two meet on one row."""
BROWSED_SCHEMAS = 100
GROWN_ROWS = (1000, 10_000, 100_000)
"""Of the tables that show how a query's cost grows with what it has to look through."""
