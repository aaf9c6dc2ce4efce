"""How the SQL tests ask: a target, a client, one attempt's reason, and what `check` says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from steadyline.attempt import Attempt
from steadyline.errors import UnreachableError
from steadyline.operation import Operation, operation
from steadyline.operations.sql.backend import BACKEND, SqlBackend
from steadyline.operations.sql.client import SqlClient
from steadyline.outcome import Reason
from steadyline.target import Target


class Sql:
    """The questions that tests of the SQL backend share."""

    @staticmethod
    def target(url: str, **facts: Any) -> Target:
        """A SQL target that may be written to."""
        return Target(backend="sql", url=SecretStr(url), **{"allow_writes": True, **facts})

    @staticmethod
    @contextmanager
    def connected(to: Target, backend: SqlBackend = BACKEND) -> Iterator[SqlClient]:
        """A client, closed afterwards."""
        client = backend.connect(to)
        try:
            yield client
        finally:
            client.close()

    def unreachable(self, to: Target) -> str:
        """What `check` says of a target that cannot be measured: one line."""
        with self.connected(to) as client, pytest.raises(UnreachableError) as caught:
            client.check()
        assert "\n" not in str(caught.value)
        return str(caught.value)

    @staticmethod
    def asking(statement: str) -> Operation:
        """An operation that asks one statement."""

        @operation("sql.asking")
        def body(client: SqlClient, _prepared: None) -> None:
            """Ask the statement."""
            with client.engine.begin() as connection:
                connection.exec_driver_sql(statement)

        return body

    def reason(self, to: Target, asked: Operation, backend: SqlBackend = BACKEND) -> Reason | None:
        """The reason of one attempt, None for a success."""
        with self.connected(to, backend) as client:
            return Attempt(backend, client)(asked).reason


@pytest.fixture(scope="session")
def sql() -> Sql:
    """The questions."""
    return Sql()
