"""The history's store: what is kept comes back, from a file or from a team's database, and nothing is lost on the way."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import kept_runs
import pytest
from full_disk import files_up_to
from pydantic import SecretStr

from alerts.history import database, schema
from alerts.history.kept import KeptRun, Kind
from alerts.history.store import History
from steadyline.baseline import LoadShape
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.settings import Settings

Make = Callable[[], History]


def settings(folder: Path, url: str = "", **facts: Path) -> Settings:
    """Of a folder, and of a database where one is named."""
    return Settings(state_dir=folder, history_url=SecretStr(url) if url else None, **facts)


def kept(history: History, **asked: object) -> list[KeptRun]:
    """What it answers, all of it."""
    return list(history.runs(**asked))  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.stack)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes histories of one new place."""
    url = request.getfixturevalue("postgres").new_database() if request.param == "postgresql" else ""
    return lambda: History(settings(tmp_path, url))


def test_a_run_comes_back_as_it_was_kept(make: Make) -> None:
    """With its load, its versions, its run means to the last bit, and its failures."""
    loaded = replace(
        kept_runs.run(
            replace(kept_runs.result("s3.put", 0.1 + 0.2, 1e-300), failures={"timeout": 2}, verdict="INFO", ratio=1.07),
            replace(kept_runs.result("sql.x", 0.5), p50=None, operation_version=None),
        ),
        kind=Kind.LOAD,
        driver="load",
        profile="low",
        load=LoadShape(10, 2.5),
        cadence_seconds=2.0,
        interrupted=True,
    )
    make().keep(loaded)
    assert kept(make()) == [loaded]


def test_runs_come_oldest_first_and_only_those_that_fit(make: Make) -> None:
    """By operation, target, driver, host, time and revision."""
    history = make()
    new = kept_runs.run(kept_runs.result("sql.x"), kept_runs.result("sql.y"), day=2, revision="89ab01234567-dirty")
    old = kept_runs.run(kept_runs.result("sql.x", target="other"), day=1, host="B", driver="load")
    for one in (new, old):
        history.keep(one)
    assert [one.id for one in kept(history)] == [old.id, new.id]
    assert kept(history, operation="sql.y") == [replace(new, results=new.results[1:])]
    for asked, found in (
        ({"target": "other"}, old),
        ({"driver": "bench"}, new),
        ({"host": "B"}, old),
        ({"since": new.started}, new),
        ({"revision": "0123456789ab"}, old),
        ({"revision": "89ab01234567-dirty"}, new),
    ):
        assert kept(history, **asked) == [found], asked
    assert kept(history, operation="sql.z") == []


def test_a_commit_is_found_by_each_of_its_names(make: Make) -> None:
    """Shorter or longer than what was kept; with changes it was another state."""
    history = make()
    history.keep(kept_runs.run(revision="0123456789ab"))
    history.keep(kept_runs.run(revision="0123456789ab-dirty"))
    history.keep(kept_runs.run(revision="unknown"))
    for name in ("0123456", "0123456789ab", "0123456789abcdef0123456789abcdef01234567"):
        assert [one.revision for one in kept(history, revision=name)] == ["0123456789ab"], name
    assert not kept(history, revision="012")
    assert not kept(history, revision="0123456%")


def test_two_sides_of_a_comparison_are_kept_apart_and_no_run_twice(make: Make) -> None:
    """One id, two sides; the same again is refused, and changes nothing."""
    history = make()
    sides = [kept_runs.run(id="ab", side=side, kind=Kind.AB) for side in "ab"]
    for one in sides:
        history.keep(one)
    with pytest.raises(ConfigurationError, match="run ab is kept already"):
        history.keep(sides[0])
    assert sorted(one.side for one in kept(history)) == ["a", "b"]


def test_writers_at_once_lose_nothing(make: Make) -> None:
    """Also where each of them finds no tables yet."""
    runs = [kept_runs.run(day=day) for day in range(8)]
    together = threading.Barrier(len(runs))

    def write(one: KeptRun) -> None:
        history = make()
        together.wait()
        history.keep(one)

    writers = [threading.Thread(target=write, args=(one,)) for one in runs]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert kept(make()) == runs


def test_a_newer_history_is_left_alone(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with both versions, on reading and on writing; it is read again by who knows it."""
    with monkeypatch.context() as newer:
        newer.setattr("alerts.history.store.VERSION", schema.VERSION + 1)
        make().keep(kept_runs.run())
    for ask in (lambda: make().keep(kept_runs.run()), lambda: kept(make())):
        with pytest.raises(ConfigurationError, match="version 2 is newer than 1; use a newer steadyline"):
            ask()
    monkeypatch.setattr("alerts.history.store.VERSION", schema.VERSION + 1)
    assert len(kept(make())) == 1


def test_reading_makes_no_file(tmp_path: Path) -> None:
    """Who only looks leaves nothing behind."""
    assert kept(History(settings(tmp_path / "new"))) == []
    assert not (tmp_path / "new").exists()


def test_what_was_cut_off_by_a_full_disk_is_not_kept_at_all(tmp_path: Path) -> None:
    """The earlier runs are still there, and a later one finds its place."""
    history = History(settings(tmp_path))
    first, second = kept_runs.run(), kept_runs.run(*(kept_runs.result(f"sql.{n}", *[0.1] * 500) for n in range(200)), day=1)
    history.keep(first)
    with files_up_to(60_000), pytest.raises(ConfigurationError, match=r"cannot be used: .*(full|disk I/O error)"):
        history.keep(second)
    assert kept(history) == [first]
    history.keep(second)
    assert len(kept(history)) == 2


def test_what_cannot_be_a_history_is_told_in_one_line(tmp_path: Path) -> None:
    """Which one, why and what to do; nothing is touched."""
    damaged = tmp_path / "history.db"
    damaged.write_bytes(b"not a database, and longer than the header of one would be" * 20)
    for ask in (lambda one: one.keep(kept_runs.run()), kept):
        with pytest.raises(ConfigurationError) as caught:
            ask(History(settings(tmp_path)))
        said = str(caught.value)
        assert said.startswith(f"history in SQLite file {damaged}: damaged (file is not a database); restore it")
        assert "\n" not in said
    assert damaged.read_bytes().startswith(b"not a database")


def test_a_result_that_was_changed_by_hand_is_told(tmp_path: Path) -> None:
    """Run means of half a number."""
    History(settings(tmp_path)).keep(kept_runs.run())
    with sqlite3.connect(tmp_path / "history.db") as connection:
        connection.execute("UPDATE steadyline_results SET run_means = x'0011'")
    connection.close()
    with pytest.raises(ConfigurationError, match=r"damaged: sql\.x on main: its run means are cut off"):
        kept(History(settings(tmp_path)))


def test_a_file_in_the_way_of_its_folder_is_told(tmp_path: Path) -> None:
    """The folder and the reason."""
    (tmp_path / "state").write_text("")
    with pytest.raises(ConfigurationError, match=r"state: (File exists|Not a directory)"):
        History(settings(tmp_path / "state")).keep(kept_runs.run())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "history_url: SQLite needs a file that outlives the run; write sqlite:"),
        ("sqlite:///:memory:", "history_url: SQLite needs a file that outlives the run; write sqlite:"),
        ("nosuchdb://host/x", "history_url: nosuchdb cannot be used: Can't load plugin: sqlalchemy.dialects:nosuchdb"),
        ("oracle+oracledb://u:hidden@host/x", "history_url: oracle+oracledb cannot be used: No module named 'oracledb'"),
        ("postgresql://host:port/x", "history_url: not a database URL; write sqlite:"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_before_anything_is_written(tmp_path: Path, url: str, said: str) -> None:
    """By its setting, with an example, and without the password."""
    with pytest.raises(ConfigurationError) as caught:
        History(settings(tmp_path, url))
    assert str(caught.value).startswith(said)
    assert "hidden" not in str(caught.value)


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """Whether that stands in the URL or in a file of its own."""
    port, file = free_port(), tmp_path / "secret"
    file.write_text("from-file\n")
    for login, facts in (("team:in-url@", {}), ("team@", {"history_password_file": file})):
        history = History(settings(tmp_path, f"postgresql://{login}127.0.0.1:{port}/runs", **facts))
        with pytest.raises(UnreachableError) as caught:
            history.keep(kept_runs.run())
        said = str(caught.value)
        assert said.startswith(f"history in PostgreSQL at 127.0.0.1:{port}, database runs: no answer: ")
        assert not {"in-url", "from-file"} & set(said.replace(":", " ").split())


@pytest.mark.stack
def test_the_password_comes_out_of_its_file(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """And a wrong one is refused by the server."""
    server = request.getfixturevalue("postgres")
    url = server.new_database().replace(server.url("").partition("@")[0], f"postgresql://{server.user}", 1)
    file = tmp_path / "secret"
    file.write_text(f"{server.password}\n")
    history = History(settings(tmp_path, url, history_password_file=file))
    history.keep(kept_runs.run())
    assert len(kept(history)) == 1
    file.write_text("wrong\n")
    with pytest.raises(SteadylineError, match="password authentication failed"):
        History(settings(tmp_path, url, history_password_file=file)).keep(kept_runs.run())


def test_a_writer_waits_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to a bound: then it is told what is in the way."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    history = History(settings(tmp_path))
    history.keep(kept_runs.run())
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConfigurationError, match=r"another writer held it for 0\.05 s"):
        history.keep(kept_runs.run(day=1))
    other.execute("ROLLBACK")
    other.close()
    history.keep(kept_runs.run(day=1))
