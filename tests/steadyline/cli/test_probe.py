"""`steadyline probe` against the embedded SQLite: one attempt, what came of it, and nothing left behind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.stack
SECRET = "topsecret"


@pytest.fixture
def environ(tmp_path: Path, free_port) -> dict[str, str]:
    """An environment whose state folder is new, and where no Trace API listens."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEADYLINE_")}
    return inherited | {
        "STEADYLINE_STATE_DIR": str(tmp_path / "state"),
        "STEADYLINE_PORTS_TRACE": str(free_port()),
        "PWD": str(tmp_path),
    }


@pytest.fixture
def probe(environ: dict[str, str], tmp_path: Path):
    """`probe(*arguments, **settings)` runs the command to its end."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        code = "from steadyline.cli.main import main; main()"
        command = [sys.executable, "-c", code, "probe", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environ | settings, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def rows(folder: Path) -> set[int]:
    """How many rows the tables of the embedded database have."""
    with closing(sqlite3.connect(folder / "state" / "data" / "sql" / "trace.db")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        return {database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


def test_success(probe, tmp_path) -> None:
    """Duration, verification, items, baseline and ratio; exit code 0, and no row is left."""
    done = probe("sql.item_create")
    assert done.returncode == 0, done.stderr
    first, took, moved, baseline = done.stdout.splitlines()
    assert first == "sql.item_create on target embedded: ok"
    assert took.endswith(" ms, verified")
    assert moved.startswith("  items 1, sent ")
    assert baseline.startswith("  baseline 50.000 ms, ratio ")
    assert rows(tmp_path) == {0}


def test_debug_tells_the_steps(probe) -> None:
    """Each step stands on a line with its time."""
    words = [line.split()[0] for line in probe("sql.item_create", "--debug").stdout.splitlines()[1:5]]
    assert words == ["prepare", "body", "verify", "cleanup"]


def test_json_is_for_programs(probe) -> None:
    """One object with seconds as numbers."""
    found = json.loads(probe("sql.item_create", "--json").stdout)
    assert (found["ok"], found["verified"], found["reason"], found["baseline_seconds"]) == (True, True, None, 0.05)
    assert found["ratio"] == pytest.approx(found["duration_seconds"] / 0.05)


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "said"),
    [
        pytest.param(["sql.item_creat"], {}, 2, "no operation 'sql.item_creat'; there are sql.item_create", id="unknown"),
        pytest.param(["sql.item_read", "--target", "x"], {}, 2, "no target 'x' in the settings", id="unknown target"),
        pytest.param(
            ["sql.item_create"],
            {"STEADYLINE_SQL_URL": "sqlite:///here.db"},
            2,
            "writes, and target 'sql-main' is read-only",
            id="write guard",
        ),
        pytest.param(["trace.item_read"], {}, 4, "127.0.0.1", id="unreachable API"),
        pytest.param(
            ["sql.item_create"],
            {"STEADYLINE_SQL_URL": f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/x", "STEADYLINE_SQL_ALLOW_WRITES": "true"},
            4,
            "127.0.0.1:1",
            id="unreachable database",
        ),
    ],
)
def test_refusals(probe, arguments, settings, code, said) -> None:
    """One message that names what to mend, the exit code of its kind, no traceback and no secret."""
    done = probe(*arguments, **settings)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("steadyline: ") == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


FAILS = """
import dataclasses, sys
from steadyline import catalogue
from steadyline.operations.sql import items
def body(client, prepared):
    print("under way", flush=True)
    {body}
items.item_create = dataclasses.replace(items.item_create, body=body)
from steadyline.cli.main import main
main()
"""


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        pytest.param("raise __import__('steadyline.outcome').outcome.IntegrityError('no')", 1, "integrity", id="integrity"),
        pytest.param("raise ZeroDivisionError('ours')", 1, "other", id="bug"),
    ],
)
def test_failed_operation(environ, tmp_path, body, code, said) -> None:
    """A failure is exit code 1 with its reason and cause, and what was prepared is deleted."""
    command = [sys.executable, "-c", FAILS.format(body=body), "probe", "sql.item_create"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert f"sql.item_create on target embedded: {said}" in done.stdout
    assert "Traceback" not in done.stderr
    assert rows(tmp_path) == {0}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(environ, tmp_path, ending) -> None:
    """Ctrl-C and SIGTERM end a hanging attempt, and what it prepared is deleted."""
    command = [sys.executable, "-c", FAILS.format(body="__import__('threading').Event().wait()"), "probe", "sql.item_create"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "under way\n"
        process.send_signal(ending)
        _, said = process.communicate(timeout=60)
    assert process.returncode not in (0, None)
    assert "Traceback" not in said
    assert rows(tmp_path) == {0}
