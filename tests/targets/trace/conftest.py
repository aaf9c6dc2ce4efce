"""The Trace API over both databases, and what asks it."""

import httpx
import pytest
from trace_target import trace_api

SQLITE = pytest.param("sqlite", id="sqlite")
POSTGRESQL = pytest.param("postgresql", id="postgresql", marks=pytest.mark.stack)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def database(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'trace.db'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def api(database):
    """A client of the API over that database."""
    with trace_api(database) as url, httpx.Client(base_url=f"{url}/api/v1/", trust_env=False) as http:
        yield http


@pytest.fixture
def project(api):
    """The id of an empty project."""
    return api.post("projects", json={"name": "steady"}).json()["id"]
