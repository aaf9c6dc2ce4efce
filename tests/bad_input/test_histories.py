"""The history of runs: a file that is none or damaged, a database that is none, a question that nothing answers."""

import sqlite3
from collections.abc import Callable

import pytest
from bad_input import HERE, Case, Place, check

from alerts.history import database

FILE = ".steadyline/history.db"
WHERE = f"history in SQLite file {HERE}/{FILE}"
NONE = f"no run was kept in SQLite file {HERE}/{FILE}; steadyline run measures and keeps one"
BEGIN_ANEW = "restore it, or move it away and a new one is begun"
EXAMPLE = "write sqlite:////path/history.db or postgresql://user@host:5432/name"
Damage = Callable[[Place], None]


def url(text, says, code=2, **more):
    """A history that the environment names."""
    return Case(says, environ={"STEADYLINE_HISTORY_URL": text, **more}, code=code)


def asked(says, *arguments, code=2):
    """A question about the history that is there."""
    return Case(says, arguments=("trend", *arguments), code=code)


CASES = {
    "no database": Case(f"{WHERE}: damaged (file is not a database); {BEGIN_ANEW}", files={FILE: "runs of mine\n" * 100}),
    "header alone": Case(f"{WHERE}: damaged (file is not a database); {BEGIN_ANEW}", files={FILE: b"SQLite format 3\0"}),
    "empty": Case(NONE, files={FILE: ""}, code=3),
    "SQLite of no file": url("sqlite://", f"history_url: SQLite needs a file that outlives the run; {EXAMPLE}"),
    "SQLite of a folder": url(
        "sqlite:///{here}",
        f"history in SQLite file {HERE}: cannot be used: unable to open database file; see to the folder's room and "
        "rights, or set history_url",
    ),
    "unknown driver": url(
        "nosuch://h/x", "history_url: nosuch cannot be used: Can't load plugin: sqlalchemy.dialects:nosuch; install its driver"
    ),
    "driver not installed": url(
        "oracle+oracledb://u:hush@h/x",
        "history_url: oracle+oracledb cannot be used: No module named 'oracledb'; install its driver",
    ),
    "port no number": url("postgresql://h:port/x", f"history_url: not a database URL; {EXAMPLE}"),
    "bracket left open": url("postgresql://[::1/x", f"history_url: not a database URL; {EXAMPLE}"),
    "nobody there": url(
        "postgresql://u:hush@127.0.0.1:1/x",
        'history in PostgreSQL at 127.0.0.1:1, database x: no answer: connection failed: connection to server at "127.0.0.1", '
        "port 1 failed: Connection refused; start it, or mend history_url",
        code=4,
    ),
    "password file missing": url(
        "postgresql://h/x",
        "history_password_file nowhere: cannot be read: No such file or directory",
        STEADYLINE_HISTORY_PASSWORD_FILE="nowhere",
    ),
    "password file without end": url(
        "postgresql://h/x", "/dev/zero: is larger than 1 MiB; name another file", STEADYLINE_HISTORY_PASSWORD_FILE="/dev/zero"
    ),
    "password file empty": url(
        "postgresql://h/x",
        "history_password_file /dev/null: is empty; put the password on its first line",
        STEADYLINE_HISTORY_PASSWORD_FILE="/dev/null",
    ),
    "span in words": asked(
        "'a week' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)", "--since", "a week"
    ),
    "span negative": asked("'-5d' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)", "--since", "-5d"),
    "unknown operation": asked(NONE.replace("no run", "no run with operation sql.nope"), "sql.nope", code=3),
    "unknown target": asked(NONE.replace("no run", "no run with target nope"), "--target", "nope", code=3),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(place: Place, case: Case) -> None:
    """Which history, why, and what to do; without a password, and nothing of it is touched."""
    check(place, case, "trend")


def changed(statement: str) -> Damage:
    """A history that somebody wrote in."""

    def damage(place: Place) -> None:
        with sqlite3.connect(place.folder / FILE) as connection:
            connection.execute(statement)
        connection.close()

    return damage


def cut(place: Place) -> None:
    """As a copy that a full disk ended."""
    file = place.folder / FILE
    file.write_bytes(file.read_bytes()[:5000])


def replaced_by_a_folder(place: Place) -> None:
    """As of a mistaken mkdir."""
    (place.folder / FILE).unlink()
    (place.folder / FILE).mkdir()


def left_out(why: str) -> str:
    """What is said where the one row there was is none of ours."""
    return f"{NONE}; left out: 1 damaged row of the {WHERE} ({why})"


DAMAGED = {
    "cut off": (cut, f"{WHERE}: damaged (database disk image is malformed); {BEGIN_ANEW}", 2),
    "a folder": (
        replaced_by_a_folder,
        f"{WHERE}: cannot be used: unable to open database file; see to the folder's room and rights, or set history_url",
        2,
    ),
    "newer": (
        changed("UPDATE steadyline_history SET version = 2"),
        f"{WHERE}: version 2 is newer than 1; use a newer steadyline, or set history_url",
        2,
    ),
    "table gone": (
        changed("DROP TABLE steadyline_runs"),
        f"{WHERE}: damaged (no such table: steadyline_runs); {BEGIN_ANEW}",
        2,
    ),
    "column gone": (
        changed("ALTER TABLE steadyline_runs DROP COLUMN host"),
        f"{WHERE}: damaged (no such column: steadyline_runs.host); {BEGIN_ANEW}",
        2,
    ),
    "half a number": (
        changed("UPDATE steadyline_results SET run_means = x'00'"),
        left_out("sql.item_read on main: its run means are cut off"),
        3,
    ),
    "no number": (
        changed("UPDATE steadyline_results SET run_means = x'000000000000f87f'"),
        left_out("sql.item_read on main: its run means are no times"),
        3,
    ),
    "negative": (
        changed("UPDATE steadyline_results SET run_means = x'000000000000f0bf'"),
        left_out("sql.item_read on main: its run means are no times"),
        3,
    ),
    "time a word": (changed("UPDATE steadyline_runs SET id = 'r', started = 'x'"), left_out("run r: its times are none"), 3),
    "kind of run": (changed("UPDATE steadyline_runs SET kind = 'x'"), left_out("'x' is not a valid Kind"), 3),
}


@pytest.mark.parametrize(("damage", "says", "code"), DAMAGED.values(), ids=DAMAGED)
def test_damaged(place: Place, damage: Damage, says: str, code: int) -> None:
    """What cannot be read is told, and left for who can mend it."""
    damage(place)
    check(place, Case(says, code=code), "trend")


def test_locked(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer that does not end is told as what it is."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(place.folder / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    told = place.run("trend")
    other.close()
    assert (told.says, told.code) == (f"{WHERE}: another writer held it for 0.05 s; see who does", 2)
