"""One endpoint for the tests that leave nothing behind, and one for each that wants its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vast_endpoint import BUCKET, COLUMNS, ROWS, Serve, Served, connected, serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts an endpoint with these arguments."""
    with serving(tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One endpoint in memory for all tests that leave nothing behind but schemas of their own."""
    with serving(tmp_path_factory.mktemp("vast")) as start:
        yield start("--bucket", BUCKET, "--transaction-seconds", "60")


@pytest.fixture
def session(endpoint: Served) -> Iterator[Any]:
    """The SDK connected to that endpoint."""
    with connected(endpoint.url) as session:
        yield session


@pytest.fixture
def schema_name(request: pytest.FixtureRequest) -> str:
    """A schema of the test's own."""
    return f"s_{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def table_name(session: Any, schema_name: str) -> Iterator[str]:
    """A committed table `t` of three rows in a schema of the test's own, gone afterwards."""
    with session.transaction() as tx:
        tx.bucket(BUCKET).create_schema(schema_name).create_table("t", COLUMNS).insert(ROWS)
    yield "t"
    with session.transaction() as tx:
        for schema in tx.bucket(BUCKET).schemas():
            if schema.name.startswith(schema_name):
                for table in schema.tables():
                    table.drop()
                schema.drop()
