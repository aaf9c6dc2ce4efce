"""The tables and their engine."""

import multiprocessing

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from targets.trace.model import DatabaseUrlError, Item, Link, Project, database_url, make_engine, make_tables

PROCESSES = 3


@pytest.fixture
def engine(database):
    """An engine whose tables are made."""
    made = make_engine(database)
    make_tables(made)
    yield made
    made.dispose()


def _make(database, start):
    engine = make_engine(database)
    start.wait()
    make_tables(engine)
    make_tables(engine)
    engine.dispose()


def test_tables_made_at_once(database):
    """Several processes may make the tables at the same time, on a database that none has seen."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES)
    started = [context.Process(target=_make, args=(database, start)) for _ in range(PROCESSES)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert [process.exitcode for process in started] == [0] * PROCESSES


def test_a_file_from_before_gets_the_new_indexes(tmp_path):
    """Making the tables of a SQLite file adds the indexes that it lacks; doing so again changes nothing."""
    engine = make_engine(f"sqlite:///{tmp_path / 'trace.db'}")
    make_tables(engine)
    whole = _indexes(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_items_project_page")
    assert _indexes(engine) < whole
    for _ in range(2):
        make_tables(engine)
        assert _indexes(engine) == whole
    engine.dispose()


def _indexes(engine):
    return {index["name"] for index in inspect(engine).get_indexes("items")}


def test_project_takes_all(engine):
    """Deleting a project's row deletes its items and links, parents and children, by the database itself."""
    with Session(engine) as session:
        session.add_all([Project(id="p", name="p"), Project(id="q", name="q")])
        session.flush()
        session.add_all([Item(id="a", project_id="p", title="a"), Item(id="other", project_id="q", title="o")])
        session.flush()
        session.add(Item(id="b", project_id="p", title="b", parent_id="a"))
        session.flush()
        session.add(Link(project_id="p", source_item_id="a", target_item_id="b", link_type="blocks"))
        session.commit()
        session.execute(text("DELETE FROM projects WHERE id = 'p'"))
        session.commit()
        assert session.scalars(select(Item.id)).all() == ["other"]
        assert session.scalar(select(func.count()).select_from(Link)) == 0


def test_optimistic_lock(engine):
    """A change of a row that another session has changed meanwhile is refused."""
    with Session(engine) as session:
        session.add(Project(id="p", name="p"))
        session.flush()
        session.add(Item(id="a", project_id="p", title="a"))
        session.commit()
    with Session(engine) as first, Session(engine) as second:
        mine, theirs = first.get_one(Item, "a"), second.get_one(Item, "a")
        theirs.status = "done"
        second.commit()
        mine.status = "late"
        with pytest.raises(StaleDataError):
            first.commit()


def test_moments_keep_their_zone(engine):
    """A moment is read in UTC from both databases."""
    with Session(engine) as session:
        session.add(Project(id="p", name="p"))
        session.commit()
        session.expire_all()
        assert session.get_one(Project, "p").created_at.utcoffset().total_seconds() == 0


def test_sqlite_settings(tmp_path):
    """A SQLite connection lets readers pass a writer, waits for locks, and checks foreign keys."""
    engine = make_engine(f"sqlite:///{tmp_path / 'trace.db'}")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    engine.dispose()
    assert found == ["wal", 1, 10_000]


UNUSABLE = {
    "empty": ("", "not a database URL"),
    "no URL": ("trace.db", "not a database URL"),
    "bad port": ("postgresql://u:secret@h:x/d", "not a database URL"),
    "other database": ("mysql://u:secret@h/d", "'mysql' is not known"),
    "other driver": ("postgresql+asyncpg://u:secret@h/d", "not known"),
    "SQLite with parameters": ("sqlite:////t.db?mode=ro", "takes no parameters"),
}


@pytest.mark.parametrize(("url", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_url_of_no_use(url, message):
    """A URL of no use is refused with what to do, and without its password."""
    with pytest.raises(DatabaseUrlError, match=message) as raised:
        database_url(url)
    assert "secret" not in str(raised.value)


def test_memory_is_refused():
    """A SQLite database in memory, which each connection would see for itself, is refused."""
    with pytest.raises(DatabaseUrlError, match="in memory"):
        make_engine("sqlite://")


def test_postgresql_means_psycopg():
    """A plain PostgreSQL URL is served by psycopg 3, and a given password replaces the URL's."""
    url = database_url("postgresql://u:old@h/d", "new")
    assert (url.drivername, url.password) == ("postgresql+psycopg", "new")
