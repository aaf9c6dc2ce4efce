"""A database that fails is said to fail: no list is empty because of it, and no traceback reaches the client."""

import httpx
import pytest
from sqlalchemy import text
from trace_target import trace_api

from targets.trace.model import make_engine

ASKED = ("api/v1/items", "api/v1/links", "api/v1/projects", "api/v1/items/x", "-/ready")


@pytest.mark.parametrize("path", ASKED)
def test_said_to_fail(database, path):
    """Every question to a database that has lost its tables is answered 503, while the process stays healthy."""
    with trace_api(database) as url:
        engine = make_engine(database)
        with engine.begin() as connection:
            for table in ("links", "items", "projects"):
                connection.execute(text(f"DROP TABLE {table}"))
        engine.dispose()
        answer = httpx.get(f"{url}/{path}", trust_env=False)
        assert (answer.status_code, answer.json()) == (503, {"error": "the database does not answer; try again later"})
        assert httpx.get(f"{url}/-/healthy", trust_env=False).status_code == 200


def test_ready(database):
    """The API is ready when its database answers."""
    with trace_api(database) as url:
        assert httpx.get(f"{url}/-/ready", trust_env=False).json() == {"ready": True}
