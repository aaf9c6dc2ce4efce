"""What the SQL backend refuses before it connects, and what it does not hide."""

import threading

import pytest

from steadyline.attempt import Attempt
from steadyline.errors import ConfigurationError
from steadyline.operation import operation
from steadyline.operations.sql.backend import BACKEND


@pytest.mark.parametrize("content", [None, "", "\nsecond line"])
def test_password_file_of_no_use(sql, tmp_path, content):
    """A password file that is missing or empty is one configuration error that names it."""
    secret = tmp_path / "password"
    if content is not None:
        secret.write_text(content)
    with pytest.raises(ConfigurationError, match=str(secret)) as caught:
        BACKEND.connect(sql.target("postgresql://admin@127.0.0.1/trace", password_file=secret))
    assert len(caught.value.faults) == 1


def test_url_of_no_use(sql):
    """A URL that SQLAlchemy cannot take apart is one configuration error without its secret."""
    with pytest.raises(ConfigurationError) as caught:
        BACKEND.connect(sql.target("postgresql://u:hunter22@h:port/d"))
    assert len(caught.value.faults) == 1
    assert "hunter22" not in str(caught.value)


def test_bug_is_loud(sql, tmp_path):
    """An exception that is not the database's is a bug, and comes out."""

    @operation("sql.bug")
    def bug(_client, _prepared):
        """Hold a mistake of ours."""
        return 1 / 0

    with sql.connected(sql.target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
        attempt = Attempt(BACKEND, client)
        with pytest.raises(ZeroDivisionError):
            attempt(bug)


def test_threads_share_one_client(sql, tmp_path):
    """Threads that need the run-scoped project at the same time get the same one."""
    with sql.connected(sql.target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
        start, found = threading.Barrier(8), []

        def need():
            start.wait()
            found.append(client.dataset.id)

        threads = [threading.Thread(target=need) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1
