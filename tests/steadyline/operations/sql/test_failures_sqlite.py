"""Each way a SQLite file can fail has its reason, and `check` its one message with a cure."""

import os
import pwd
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.errors import UnreachableError
from steadyline.operation import operation
from steadyline.operations.sql.backend import BACKEND, SqlBackend
from steadyline.operations.sql.connection import Waits
from steadyline.outcome import Reason
from targets.trace.model import Item

OPERATIONS = catalogue.operations(["sql"])
BROWSE, CREATE, UPDATE = (OPERATIONS[f"sql.item_{name}"] for name in ("browse", "create", "update"))


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


def test_folder_is_made(sql, tmp_path):
    """A target that may be written to gets its folder and file."""
    file = tmp_path / "new" / "folder" / "trace.db"
    with sql.connected(sql.target(f"sqlite:///{file}")) as client:
        client.check()
        assert Attempt(BACKEND, client)(CREATE).ok


def test_folder_is_made_without_check(sql, tmp_path):
    """So it does when an operation comes first."""
    assert sql.reason(sql.target(f"sqlite:///{tmp_path / 'new' / 'trace.db'}"), CREATE) is None


def test_missing_file_stays_missing(sql, tmp_path):
    """A read-only target's missing file is told, and not made."""
    file = tmp_path / "trace.db"
    missing = sql.target(f"sqlite:///{file}", allow_writes=False)
    assert f"SQLite file {file}: no such file" in sql.unreachable(missing)
    assert sql.reason(missing, BROWSE) is Reason.CONNECT
    assert not file.exists()


def test_not_a_database(sql, tmp_path):
    """A file that is no database is told, whether or not it may be written to."""
    file = tmp_path / "trace.db"
    file.write_text("not a database at all, but long enough to be asked. " * 20)
    before = file.read_bytes()
    for allow_writes in (True, False):
        said = sql.unreachable(sql.target(f"sqlite:///{file}", allow_writes=allow_writes))
        assert said.startswith(f"SQLite file {file}: is no SQLite database; name another file")
    assert sql.reason(sql.target(f"sqlite:///{file}"), BROWSE) is Reason.SERVER_ERROR
    assert file.read_bytes() == before


def test_folder_instead_of_file(sql, tmp_path):
    """A folder is told."""
    assert "is a folder" in sql.unreachable(sql.target(f"sqlite:///{tmp_path}"))


def test_file_in_the_way(sql, tmp_path):
    """A file where the folder should be is told."""
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in sql.unreachable(sql.target(f"sqlite:///{tmp_path / 'file' / 'trace.db'}"))


def test_read_only_target_without_tables(sql, tmp_path):
    """A read-only target without the Trace tables says so, and the file stays as it is."""
    file = tmp_path / "trace.db"
    sqlite3.connect(file).close()
    assert "has no projects, items, links" in sql.unreachable(sql.target(f"sqlite:///{file}", allow_writes=False))
    assert file.stat().st_size == 0


def test_read_only_target_cannot_write(sql, tmp_path):
    """A target without allow_writes cannot be written to, and its journal mode stays the user's."""
    file = tmp_path / "odd name %20?#&.db"
    with closing(sqlite3.connect(file)) as users:
        users.execute("CREATE TABLE t (x)")
    to = sql.target(f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}", allow_writes=False)
    before = file.read_bytes()
    assert sql.reason(to, sql.asking("SELECT * FROM t")) is None
    assert sql.reason(to, sql.asking("INSERT INTO t VALUES (1)")) is Reason.CLIENT_ERROR
    assert file.read_bytes() == before


def test_locked_by_another(sql, tmp_path):
    """Another's write lock for longer than the wait is timeout, and `check` says so."""
    brief = SqlBackend(waits=Waits(statement=0.05))
    to = sql.target(f"sqlite:///{tmp_path / 'trace.db'}")
    with sql.connected(to, brief) as client:
        client.check()
        with sql.connected(to) as other, other.engine.connect() as holder:
            holder.execute(text("BEGIN IMMEDIATE"))
            assert Attempt(brief, client)(CREATE).reason is Reason.TIMEOUT
            with pytest.raises(UnreachableError, match="is locked or too slow"):
                client.check()


def test_pool_exhausted(sql, tmp_path):
    """A free connection that does not come in time is pool_exhausted."""
    brief = SqlBackend(waits=Waits(pool=0.05))
    with sql.connected(sql.target(f"sqlite:///{tmp_path / 'trace.db'}", concurrency=1), brief) as client:
        client.check()
        with client.engine.connect():
            assert Attempt(brief, client)(BROWSE).reason is Reason.POOL_EXHAUSTED


def test_no_tables(sql, tmp_path):
    """A table that is not there is the client's error."""
    assert sql.reason(sql.target(f"sqlite:///{tmp_path / 'trace.db'}"), BROWSE) is Reason.CLIENT_ERROR


def test_optimistic_lock(sql, tmp_path):
    """An item that another changed between reading and writing is a conflict; so is one that went away."""
    with sql.connected(sql.target(f"sqlite:///{tmp_path / 'trace.db'}")) as client:
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
def test_unwritable(sql, read_only, reading):
    """A file or folder that this user may not write is told; a file alone may still be read."""
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "trace.db"
        with sql.connected(sql.target(f"sqlite:///{file}")) as client:
            client.check()
        for path in (folder, *folder.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        (file if read_only == "file" else folder).chmod(0o444 if read_only == "file" else 0o555)
        with as_user(nobody):
            said = sql.unreachable(sql.target(f"sqlite:///{file}"))
            allowed = sql.reason(sql.target(f"sqlite:///{file}", allow_writes=False), BROWSE)
        assert said.startswith(f"SQLite file {file}: it or its folder is read-only; make both writable")
        assert allowed is reading
