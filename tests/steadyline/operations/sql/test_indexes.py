"""The index of each query, in the plans that the databases make of the very statements."""

import re
from contextlib import contextmanager

from sqlalchemy import event

from steadyline import catalogue
from steadyline.operations.sql.indexes import INDEXES

SQLITE_NAMES = {
    "items_pkey": "sqlite_autoindex_items_1",
    "projects_name_key": "sqlite_autoindex_projects_2",
}
"""SQLite names the indexes of keys by itself."""
_WHOLE_TABLE = re.compile(r"Seq Scan|^SCAN (?!.*USING)", re.MULTILINE)
"""How PostgreSQL and SQLite say that no index serves; beside the named one a join has others."""


def test_every_query_has_an_index():
    """Each query of the catalogue has its index named, and no index is named for a query that is gone."""
    queries = {name for name in catalogue.operations(["sql"]) if name.startswith("sql.query_")}
    assert queries == {name for name in INDEXES if name.startswith("sql.query_")}


@contextmanager
def _statements(engine):
    """What is executed meanwhile: each statement with its parameters."""
    seen = []

    def note(_connection, _cursor, statement, parameters, _context, _executemany):
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _asked(client, operation):
    """The one statement of an operation's body, and its parameters."""
    prepared = operation.prepare(client) if operation.prepare else None
    with _statements(client.engine) as seen:
        operation.body(client, prepared)
    (asked,) = seen
    return asked


def _without_ids(statement, parameters):
    """The statement and its numbers: how far down a page begins is the question, whose item it is about is not."""
    values = parameters.values() if isinstance(parameters, dict) else parameters
    return statement, tuple(value for value in values if isinstance(value, int))


def _plan(connection, statement, parameters):
    """What the database means to do, as text."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))


def test_each_query_is_served_by_its_index(system):
    """The plan of each query's own statement names the index and reads no table whole; no two queries ask the same."""
    client = system.client()
    asked = {name: _asked(client, system.operations()[name]) for name in INDEXES}
    assert len({_without_ids(*question) for question in asked.values()}) == len(INDEXES)
    with client.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            _as_if_large(connection)
        plans = {name: _plan(connection, *question) for name, question in asked.items()}
    for name, plan in plans.items():
        indexes = [SQLITE_NAMES.get(index, index) if sqlite else index for index in INDEXES[name]]
        assert any(f" {index}" in plan for index in indexes), f"{name}: none of {indexes} in\n{plan}"
        assert not _WHOLE_TABLE.search(plan), f"{name}: a table is read whole in\n{plan}"


def _as_if_large(connection):
    """Let PostgreSQL plan for 1000 items as for a million.

    It knows what is in the tables by ANALYZE, which autovacuum would run sooner or later. A table of some 50 pages is read
    whole, or sorted whole, sooner than any index is walked: both are dear to it only where tables are large.
    """
    connection.exec_driver_sql("ANALYZE")
    for dear in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
        connection.exec_driver_sql(f"SET LOCAL {dear} = off")
