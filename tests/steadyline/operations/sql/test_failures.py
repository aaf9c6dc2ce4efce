"""Each way a database can fail has its reason, and `check` its one message with a cure and without a secret."""

import os
import pwd
import sqlite3
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, text

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operation import operation
from steadyline.operations.sql.backend import BACKEND, SqlBackend
from steadyline.operations.sql.connection import Waits
from steadyline.outcome import Reason
from steadyline.settings import Target
from targets.trace.model import Item

BROWSE = catalogue.operations(["sql"])["sql.item_browse"]
CREATE = catalogue.operations(["sql"])["sql.item_create"]
UPDATE = catalogue.operations(["sql"])["sql.item_update"]


def target(url, **facts):
    """A SQL target that may be written to."""
    return Target(backend="sql", url=SecretStr(str(url)), **{"allow_writes": True, **facts})


@contextmanager
def connected(to, backend=BACKEND):
    """A client, closed afterwards."""
    client = backend.connect(to)
    yield client
    client.close()


def unreachable(to):
    """What `check` says of a target that cannot be measured."""
    with connected(to) as client, pytest.raises(UnreachableError) as caught:
        client.check()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def asking(statement):
    """An operation that asks one statement."""

    @operation("sql.asking", verify=lambda *_: None)
    def body(client, _prepared):
        """Ask the statement."""
        with client.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    return body


def reason(to, asked, backend=BACKEND):
    """The reason of one attempt."""
    with connected(to, backend) as client:
        return Attempt(backend, client, redact=lambda said: backend.redact(said, to))(asked).reason


@pytest.mark.stack
class TestPostgresql:
    """Against a real PostgreSQL."""

    def test_wrong_password(self, postgres):
        """A wrong password is auth; the message names host and user's cure, never the password."""
        wrong = target(f"postgresql://admin:hunter22@127.0.0.1:{postgres.port}/postgres")
        assert reason(wrong, BROWSE) is Reason.AUTH
        said = unreachable(wrong)
        assert said.startswith(f"PostgreSQL at 127.0.0.1:{postgres.port}, database postgres: it refuses the user")
        assert "hunter22" not in said

    def test_no_password(self, postgres):
        """No password where one is asked for is auth too."""
        assert reason(target(f"postgresql://admin@127.0.0.1:{postgres.port}/postgres"), BROWSE) is Reason.AUTH

    def test_missing_database(self, postgres):
        """A database that is not there is the client's error, and is named."""
        missing = target(postgres.url("no_such_database"))
        assert reason(missing, BROWSE) is Reason.CLIENT_ERROR
        assert "no_such_database" in unreachable(missing)

    def test_missing_role(self, postgres):
        """A user that is not there is auth."""
        assert reason(target(f"postgresql://nobody:x@127.0.0.1:{postgres.port}/postgres"), BROWSE) is Reason.AUTH

    def test_nothing_listens(self, free_port):
        """A port on which nothing listens is connect; the message says to start it."""
        port = free_port()
        nobody = target(f"postgresql://admin:hunter22@127.0.0.1:{port}/trace")
        assert reason(nobody, BROWSE) is Reason.CONNECT
        said = unreachable(nobody)
        assert f"127.0.0.1:{port}" in said
        assert "start it" in said
        assert "hunter22" not in said

    def test_unknown_host(self):
        """A host name that does not resolve is dns."""
        unknown = target("postgresql://admin:hunter22@no-such-host.invalid/trace")
        assert reason(unknown, BROWSE) is Reason.DNS
        assert "no-such-host.invalid" in unreachable(unknown)

    def test_tls_refused(self, postgres):
        """Encryption asked of a server that has none is tls."""
        assert reason(target(postgres.url() + "?sslmode=require"), BROWSE) is Reason.TLS

    def test_statement_timeout(self, postgres):
        """A statement that runs into the statement timeout is timeout."""
        brief = SqlBackend(waits=Waits(statement=0.05))
        assert reason(target(postgres.url()), asking("SELECT pg_sleep(30)"), brief) is Reason.TIMEOUT

    def test_own_options_win(self, postgres):
        """Options in the user's URL come after ours, so that the user's statement timeout is the one that holds."""
        own = target(postgres.url() + "?options=-c%20statement_timeout%3D50")
        assert reason(own, asking("SELECT pg_sleep(30)")) is Reason.TIMEOUT

    def test_pool_exhausted(self, postgres):
        """A free connection that does not come in time is pool_exhausted."""
        brief = SqlBackend(waits=Waits(pool=0.05))
        with connected(target(postgres.url(), concurrency=1), brief) as client, client.engine.connect():
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
    def test_server_says(self, postgres, statement, expected):
        """What the server refuses or suffers has its reason by SQLSTATE."""
        assert reason(target(postgres.url()), asking(statement)) is expected

    def test_read_only_target_cannot_write(self, postgres):
        """A target without allow_writes has sessions that PostgreSQL itself keeps from writing."""
        url = postgres.new_database()
        assert reason(target(url, allow_writes=False), asking("CREATE TABLE t (x int)")) is Reason.CLIENT_ERROR

    def test_read_only_target_without_tables(self, postgres):
        """A read-only target without the Trace tables says so, and none is made."""
        url = postgres.new_database()
        for _ in range(2):
            said = unreachable(target(url, allow_writes=False))
            assert "has no projects, items, links" in said
            assert "allow_writes" in said

    def test_role_without_rights(self, postgres):
        """A user who may not write is told which tables to grant."""
        url = postgres.new_database()
        database = url.rpartition("/")[2]
        with connected(target(url)) as client:
            client.check()
        postgres.run(f"CREATE ROLE r{database} LOGIN PASSWORD 'x'")
        postgres.run(f"GRANT SELECT ON projects, items, links TO r{database}", database)
        mine = f"postgresql://r{database}:x@127.0.0.1:{postgres.port}/{database}"
        assert "may not write to projects, items, links" in unreachable(target(mine))
        with connected(target(mine, allow_writes=False)) as client:
            client.check()
            assert Attempt(BACKEND, client)(BROWSE).ok

    def test_other_applications_tables(self, postgres):
        """A database whose `items` belong to another application is refused, naming what is missing."""
        url = postgres.new_database()
        postgres.run("CREATE TABLE items (id int)", url.rpartition("/")[2])
        assert "items.project_id" in unreachable(target(url, allow_writes=False))

    def test_restart_costs_one_failure(self, postgres):
        """When the server ends all connections, one attempt fails and the next connects anew."""
        url = postgres.new_database()
        with connected(target(url)) as client:
            attempt = Attempt(BACKEND, client)
            assert attempt(CREATE).ok
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            postgres.run(f"{ended} '{url.rpartition('/')[2]}'")
            assert attempt(CREATE).reason is Reason.CONNECT
            assert attempt(CREATE).ok

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_schemes(self, postgres, scheme):
        """All common ways to write PostgreSQL's scheme mean psycopg 3."""
        assert reason(target(postgres.url().replace("postgresql", scheme, 1)), asking("SELECT 1")) is None

    def test_password_file(self, postgres, tmp_path):
        """The password may stand on the first line of a file, and is not shown when it stands in an error's text."""
        secret = tmp_path / "password"
        secret.write_text(postgres.password + "\nsecond line\n")
        to = target(f"postgresql://admin@127.0.0.1:{postgres.port}/postgres", password_file=secret)
        assert reason(to, asking("SELECT 1")) is None
        assert postgres.password not in BACKEND.redact(f"FATAL: {postgres.password} is wrong", to)


@pytest.mark.parametrize("content", [None, "", "\nsecond line"])
def test_password_file_of_no_use(tmp_path, content):
    """A password file that is missing or empty is one configuration error that names it."""
    secret = tmp_path / "password"
    if content is not None:
        secret.write_text(content)
    with pytest.raises(ConfigurationError, match=str(secret)) as caught:
        BACKEND.connect(target("postgresql://admin@127.0.0.1/trace", password_file=secret))
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    "url",
    ["", "trace.db", "mysql://u:hunter22@h/d", "postgresql://u:hunter22@h:port/d", "sqlite://", "sqlite:///:memory:"],
)
def test_url_of_no_use(url):
    """A URL that is none, or of a database that is not known, is one configuration error without its secret."""
    with pytest.raises(ConfigurationError) as caught:
        BACKEND.connect(target(url))
    assert len(caught.value.faults) == 1
    assert "hunter22" not in str(caught.value)


def test_bug_is_loud(tmp_path):
    """An exception that is not the database's is a bug, and comes out."""

    @operation("sql.bug")
    def bug(_client, _prepared):
        """Hold a mistake of ours."""
        return 1 / 0

    with connected(target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
        attempt = Attempt(BACKEND, client)
        with pytest.raises(ZeroDivisionError):
            attempt(bug)


class TestSqlite:
    """On a SQLite file."""

    def test_folder_is_made(self, tmp_path):
        """A target that may be written to gets its folder and file."""
        file = tmp_path / "new" / "folder" / "trace.db"
        with connected(target(f"sqlite:///{file}")) as client:
            client.check()
            assert Attempt(BACKEND, client)(CREATE).ok

    def test_folder_is_made_without_check(self, tmp_path):
        """So it does when an operation comes first."""
        assert reason(target(f"sqlite:///{tmp_path / 'new' / 'trace.db'}"), CREATE) is None

    def test_missing_file_stays_missing(self, tmp_path):
        """A read-only target's missing file is told, and not made."""
        file = tmp_path / "trace.db"
        missing = target(f"sqlite:///{file}", allow_writes=False)
        assert f"SQLite file {file}: no such file" in unreachable(missing)
        assert reason(missing, BROWSE) is Reason.CONNECT
        assert not file.exists()

    def test_not_a_database(self, tmp_path):
        """A file that is no database is told, whether or not it may be written to."""
        file = tmp_path / "trace.db"
        file.write_text("not a database at all, but long enough to be asked. " * 20)
        before = file.read_bytes()
        for allow_writes in (True, False):
            said = unreachable(target(f"sqlite:///{file}", allow_writes=allow_writes))
            assert said.startswith(f"SQLite file {file}: is no SQLite database; name another file")
        assert reason(target(f"sqlite:///{file}"), BROWSE) is Reason.SERVER_ERROR
        assert file.read_bytes() == before

    def test_folder_instead_of_file(self, tmp_path):
        """A folder is told."""
        assert "is a folder" in unreachable(target(f"sqlite:///{tmp_path}"))

    def test_file_in_the_way(self, tmp_path):
        """A file where the folder should be is told."""
        (tmp_path / "file").write_text("")
        assert str(tmp_path / "file") in unreachable(target(f"sqlite:///{tmp_path / 'file' / 'trace.db'}"))

    def test_read_only_target_without_tables(self, tmp_path):
        """A read-only target without the Trace tables says so, and the file stays as it is."""
        file = tmp_path / "trace.db"
        sqlite3.connect(file).close()
        assert "has no projects, items, links" in unreachable(target(f"sqlite:///{file}", allow_writes=False))
        assert file.stat().st_size == 0

    def test_read_only_target_cannot_write(self, tmp_path):
        """A target without allow_writes cannot be written to, and its journal mode stays the user's."""
        file = tmp_path / "odd name %20?#&.db"
        with sqlite3.connect(file) as users:
            users.execute("CREATE TABLE t (x)")
        users.close()
        to = target(f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}", allow_writes=False)
        before = file.read_bytes()
        assert reason(to, asking("SELECT * FROM t")) is None
        assert reason(to, asking("INSERT INTO t VALUES (1)")) is Reason.CLIENT_ERROR
        assert file.read_bytes() == before

    def test_locked_by_another(self, tmp_path):
        """Another's write lock for longer than the wait is timeout, and `check` says so."""
        brief = SqlBackend(waits=Waits(statement=0.05))
        to = target(f"sqlite:///{tmp_path / 'trace.db'}")
        with connected(to, brief) as client:
            client.check()
            with connected(to) as other, other.engine.connect() as holder:
                holder.execute(text("BEGIN IMMEDIATE"))
                assert Attempt(brief, client)(CREATE).reason is Reason.TIMEOUT
                with pytest.raises(UnreachableError, match="is locked or too slow"):
                    client.check()

    def test_pool_exhausted(self, tmp_path):
        """A free connection that does not come in time is pool_exhausted."""
        brief = SqlBackend(waits=Waits(pool=0.05))
        with connected(target(f"sqlite:///{tmp_path / 'trace.db'}", concurrency=1), brief) as client:
            client.check()
            with client.engine.connect():
                assert Attempt(brief, client)(BROWSE).reason is Reason.POOL_EXHAUSTED

    def test_no_tables(self, tmp_path):
        """A table that is not there is the client's error."""
        assert reason(target(f"sqlite:///{tmp_path / 'trace.db'}"), BROWSE) is Reason.CLIENT_ERROR

    def test_optimistic_lock(self, tmp_path):
        """An item that another changed between reading and writing is a conflict; so is one that went away."""
        with connected(target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
            attempt = Attempt(BACKEND, client)
            assert attempt(UPDATE).ok

            def change(item_id):
                with client.session.begin() as session:
                    session.get_one(Item, item_id).title = "theirs"

            @operation("sql.meet", prepare=UPDATE.prepare)
            def meet(client, row):
                """Change an item that another changes in between."""
                with client.session() as session:
                    item = session.get_one(Item, row.id)
                    session.commit()
                    change(row.id)
                    item.title = "ours"
                    session.commit()

            assert attempt(meet).reason is Reason.CONFLICT
            with client.session.begin() as session:
                session.execute(delete(Item))
            assert attempt(UPDATE).reason is Reason.CONFLICT

    @pytest.mark.skipif(os.geteuid() != 0, reason="taking on another user needs root")
    @pytest.mark.parametrize(("read_only", "reading"), [("file", None), ("folder", Reason.CLIENT_ERROR)])
    def test_unwritable(self, read_only, reading):
        """A file or folder that this user may not write is told; a file alone may still be read."""
        nobody = pwd.getpwnam("nobody")
        with tempfile.TemporaryDirectory() as name:
            folder, file = Path(name), Path(name) / "trace.db"
            with connected(target(f"sqlite:///{file}")) as client:
                client.check()
            for path in (folder, *folder.iterdir()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
            (file if read_only == "file" else folder).chmod(0o444 if read_only == "file" else 0o555)
            with as_user(nobody):
                said = unreachable(target(f"sqlite:///{file}"))
                allowed = reason(target(f"sqlite:///{file}", allow_writes=False), BROWSE)
            assert said.startswith(f"SQLite file {file}: it or its folder is read-only; make both writable")
            assert allowed is reading


@contextmanager
def as_user(user):
    """Take on another user's rights for a while."""
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_threads_share_one_client(tmp_path):
    """Threads that need the run-scoped project at the same time get the same one."""
    with connected(target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
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
