"""Each way PostgreSQL can fail has its reason, and `check` its one message with a cure and without a secret."""

import os
import signal

import pytest

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operation import operation
from steadyline.operations.sql.backend import BACKEND, SqlBackend
from steadyline.operations.sql.connection import Waits
from steadyline.outcome import Reason

pytestmark = pytest.mark.stack

OPERATIONS = catalogue.operations(["sql"])
BROWSE, CREATE = OPERATIONS["sql.item_browse"], OPERATIONS["sql.item_create"]


def test_wrong_password(sql, postgres):
    """A wrong password is auth; the message names host and user's cure, never the password."""
    wrong = sql.target(f"postgresql://admin:hunter22@127.0.0.1:{postgres.port}/postgres")
    assert sql.reason(wrong, BROWSE) is Reason.AUTH
    said = sql.unreachable(wrong)
    assert said.startswith(f"PostgreSQL at 127.0.0.1:{postgres.port}, database postgres: it refuses the user")
    assert "hunter22" not in said


def test_no_password(sql, postgres):
    """No password where one is asked for is auth too."""
    assert sql.reason(sql.target(f"postgresql://admin@127.0.0.1:{postgres.port}/postgres"), BROWSE) is Reason.AUTH


def test_missing_database(sql, postgres):
    """A database that is not there is the client's error, and is named."""
    missing = sql.target(postgres.url("no_such_database"))
    assert sql.reason(missing, BROWSE) is Reason.CLIENT_ERROR
    assert "no_such_database" in sql.unreachable(missing)


def test_missing_role(sql, postgres):
    """A user that is not there is auth."""
    assert sql.reason(sql.target(f"postgresql://nobody:x@127.0.0.1:{postgres.port}/postgres"), BROWSE) is Reason.AUTH


def test_nothing_listens(sql, free_port):
    """A port on which nothing listens is connect; the message says to start it."""
    port = free_port()
    nobody = sql.target(f"postgresql://admin:hunter22@127.0.0.1:{port}/trace")
    assert sql.reason(nobody, BROWSE) is Reason.CONNECT
    said = sql.unreachable(nobody)
    assert f"127.0.0.1:{port}" in said
    assert "start it" in said
    assert "hunter22" not in said


def test_unknown_host(sql):
    """A host name that does not resolve is dns."""
    unknown = sql.target("postgresql://admin:hunter22@no-such-host.invalid/trace")
    assert sql.reason(unknown, BROWSE) is Reason.DNS
    assert "no-such-host.invalid" in sql.unreachable(unknown)


def test_tls_refused(sql, postgres):
    """Encryption asked of a server that has none is tls."""
    assert sql.reason(sql.target(postgres.url() + "?sslmode=require"), BROWSE) is Reason.TLS


def test_an_sslmode_that_is_none(sql):
    """It is told as such, not as a server that does not answer."""
    wrong = sql.target("postgresql://admin:hunter22@127.0.0.1:1/trace?sslmode=nope")
    assert sql.reason(wrong, BROWSE) is Reason.TLS
    assert "mend sslmode" in sql.unreachable(wrong)


def test_statement_timeout(sql, postgres):
    """A statement that runs into the statement timeout is timeout."""
    brief = SqlBackend(waits=Waits(statement=0.05))
    assert sql.reason(sql.target(postgres.url()), sql.asking("SELECT pg_sleep(30)"), brief) is Reason.TIMEOUT


def test_silent_server(sql, postgres, monkeypatch):
    """A server that stops in the middle, and so cannot keep its own timeout, is timeout; the next attempt connects anew."""
    monkeypatch.setattr("steadyline.operations.sql.connection.SILENCE_SECONDS", 0.2)
    brief = SqlBackend(waits=Waits(statement=0.2))
    stopped = []

    @operation("sql.stopped")
    def stopping(client, _prepared):
        """Ask a server process that is stopped."""
        with client.engine.connect() as connection:
            if not stopped:
                stopped.append(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
                os.kill(stopped[0], signal.SIGSTOP)
            connection.exec_driver_sql("SELECT 1")

    with sql.connected(sql.target(postgres.url()), brief) as client:
        attempt = Attempt(brief, client)
        try:
            assert attempt(stopping).reason is Reason.TIMEOUT
            assert attempt(stopping).ok
        finally:
            os.kill(stopped[0], signal.SIGCONT)


def test_own_options_win(sql, postgres):
    """Options in the user's URL come after ours, so that the user's statement timeout is the one that holds."""
    own = sql.target(postgres.url() + "?options=-c%20statement_timeout%3D50")
    assert sql.reason(own, sql.asking("SELECT pg_sleep(30)")) is Reason.TIMEOUT


def test_pool_exhausted(sql, postgres):
    """A free connection that does not come in time is pool_exhausted."""
    brief = SqlBackend(waits=Waits(pool=0.05))
    with sql.connected(sql.target(postgres.url(), concurrency=1), brief) as client, client.engine.connect():
        assert Attempt(brief, client)(BROWSE).reason is Reason.POOL_EXHAUSTED


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param("SELECT * FROM no_such_table", Reason.CLIENT_ERROR, id="no such table"),
        pytest.param("SELECT 1/0", Reason.CLIENT_ERROR, id="division by zero"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", Reason.CONNECT, id="connection ended by admin"),
        pytest.param("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)", Reason.CANCELLED, id="query cancelled"),
        pytest.param("DO $$ BEGIN RAISE deadlock_detected; END $$", Reason.CONFLICT, id="deadlock"),
        pytest.param("DO $$ BEGIN RAISE unique_violation; END $$", Reason.CONFLICT, id="constraint"),
        pytest.param("DO $$ BEGIN RAISE disk_full; END $$", Reason.SERVER_ERROR, id="disk full"),
        pytest.param("DO $$ BEGIN RAISE too_many_connections; END $$", Reason.THROTTLED, id="too many connections"),
        pytest.param("DO $$ BEGIN RAISE insufficient_privilege; END $$", Reason.AUTH, id="no right"),
    ],
)
def test_server_says(sql, postgres, statement, expected):
    """What the server refuses or suffers has its reason by SQLSTATE."""
    assert sql.reason(sql.target(postgres.url()), sql.asking(statement)) is expected


def test_read_only_target_cannot_write(sql, postgres):
    """A target without allow_writes has sessions that PostgreSQL itself keeps from writing."""
    url = postgres.new_database()
    assert sql.reason(sql.target(url, allow_writes=False), sql.asking("CREATE TABLE t (x int)")) is Reason.CLIENT_ERROR


def test_read_only_target_without_tables(sql, postgres):
    """A read-only target without the Trace tables says so, and none is made."""
    url = postgres.new_database()
    for _ in range(2):
        said = sql.unreachable(sql.target(url, allow_writes=False))
        assert "has no projects, items, links" in said
        assert "allow_writes" in said


def test_role_without_rights(sql, postgres):
    """A user who may not write is told which tables to grant."""
    url = postgres.new_database()
    database = url.rpartition("/")[2]
    with sql.connected(sql.target(url)) as client:
        client.check()
    postgres.run(f"CREATE ROLE r{database} LOGIN PASSWORD 'x'")
    postgres.run(f"GRANT SELECT ON projects, items, links TO r{database}", database)
    mine = f"postgresql://r{database}:x@127.0.0.1:{postgres.port}/{database}"
    assert "may not write to projects, items, links" in sql.unreachable(sql.target(mine))
    with sql.connected(sql.target(mine, allow_writes=False)) as client:
        client.check()
        assert Attempt(BACKEND, client)(BROWSE).ok


def test_other_applications_tables(sql, postgres):
    """A database whose `items` belong to another application is refused, naming what is missing."""
    url = postgres.new_database()
    postgres.run("CREATE TABLE items (id int)", url.rpartition("/")[2])
    assert "items.project_id" in sql.unreachable(sql.target(url, allow_writes=False))


def test_restart_costs_one_failure(sql, postgres):
    """When the server ends all connections, one attempt fails and the next connects anew."""
    url = postgres.new_database()
    with sql.connected(sql.target(url)) as client:
        attempt = Attempt(BACKEND, client)
        assert attempt(CREATE).ok
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        postgres.run(f"{ended} '{url.rpartition('/')[2]}'")
        assert attempt(CREATE).reason is Reason.CONNECT
        assert attempt(CREATE).ok


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_schemes(sql, postgres, scheme):
    """All common ways to write PostgreSQL's scheme mean psycopg 3."""
    assert sql.reason(sql.target(postgres.url().replace("postgresql", scheme, 1)), sql.asking("SELECT 1")) is None


def test_password_file(sql, postgres, tmp_path):
    """The password may stand on the first line of a file, and is not shown when it stands in an error's text."""
    secret = tmp_path / "password"
    secret.write_text(postgres.password + "\nsecond line\n")
    to = sql.target(f"postgresql://admin@127.0.0.1:{postgres.port}/postgres", password_file=secret)
    assert sql.reason(to, sql.asking("SELECT 1")) is None
    assert postgres.password not in BACKEND.redact(f"FATAL: {postgres.password} is wrong", to)
