"""libpq gives no SQLSTATE while it connects: what the text alone says."""

import psycopg
import pytest

from steadyline.operations.sql.failures import reason_of
from steadyline.outcome import Reason


@pytest.mark.parametrize("does", ["starting up", "shutting down", "in recovery mode", "not yet accepting connections"])
def test_server_that_starts_or_ends(does) -> None:
    """A server that starts, ends or recovers cannot be connected to; it is no fault of the question."""
    said = f'connection failed: connection to server at "127.0.0.1", port 5432 failed: FATAL:  the database system is {does}'
    assert reason_of(psycopg.OperationalError(said)) is Reason.CONNECT


def test_database_that_is_not_there() -> None:
    """A database that the server does not have is the settings' fault."""
    assert reason_of(psycopg.OperationalError('FATAL:  database "nowhere" does not exist')) is Reason.CLIENT_ERROR
