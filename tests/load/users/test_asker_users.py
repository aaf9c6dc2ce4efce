"""SqlUser, S3User and VastUser in a Locust of their own, on real targets."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from asker_process import rows_of
from s3_target import ACCESS_KEY, SECRET_KEY, boto, embedded_s3, new_bucket
from vast_system import vast_db

from steadyline import catalogue
from targets.trace.model import database_url, make_engine, make_tables

PROGRAM = Path(__file__).parents[2] / "support" / "asker_program.py"


@dataclass
class Ran:
    """What a load's process counted, and what it said."""

    series: list[dict[str, Any]]
    pids: list[int]
    log: str

    @property
    def failures(self) -> set[str]:
        """The reasons of all failures, but for those of users that were ended in the middle."""
        return {reason for one in self.series for reason in one["failures"]} - {"cancelled"}

    def whole(self) -> bool:
        """Whether each attempt that was begun has an end in the counts."""
        return all(one["started"] == one["successes"] + sum(one["failures"].values()) for one in self.series)

    def successes(self, part: Callable[[str], bool] = lambda _name: True) -> int:
        """Of the operations whose names these are."""
        return sum(one["successes"] for one in self.series if part(one["operation"]))


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(class, attempts, *options, **settings)` runs a load to its end."""

    def running(name: str, attempts: int, *options: str, **settings: object) -> Ran:
        given = {"STEADYLINE_STATE_DIR": tmp_path / "state", **settings}
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("STEADYLINE_")}
        done = subprocess.run(
            [sys.executable, str(PROGRAM), name, str(attempts), *options],
            cwd=tmp_path,
            env=inherited | {key: str(value) for key, value in given.items()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        ran = Ran(**json.loads(done.stdout.splitlines()[-1]), log=done.stderr)
        assert not any(psutil.pid_exists(pid) for pid in ran.pids)
        return ran

    return running


@pytest.mark.parametrize("options", [(), ("--arrival-rate", "200")], ids=["closed", "open"])
def test_sql(run, tmp_path, options):
    """SQL users read most of the time; every attempt is accounted for, and nothing stays behind."""
    ran = run("SqlUser", 200, "--users", "20", *options)
    named = catalogue.shipped(["sql"])
    assert ran.failures == set()
    assert ran.whole()
    assert ran.successes(lambda name: named[name].cleanup is None) > ran.successes(
        lambda name: named[name].cleanup is not None
    )
    assert {(one["backend"], one["target"]) for one in ran.series} == {("sql", "embedded")}
    assert all(one["responses"] == one["successes"] for one in ran.series)
    assert rows_of(tmp_path) == 0
    assert len(ran.pids) == 1


def test_line(run):
    """Where users outnumber the target's connections the time in line is in the response time, in the closed model too."""
    ran = run("SqlUser", 100, "--users", "20", "--expect-workers", "16")  # a sixteenth of the connections is one
    assert ran.failures == set()
    assert sum(one["queued_ns"] for one in ran.series) > 0


def test_s3(run):
    """S3 users are served by the target of the settings, under its alias; its bucket is empty at the end."""
    bucket = new_bucket()
    with embedded_s3() as url:
        ran = run(
            "S3User",
            60,
            "--users",
            "10",
            STEADYLINE_S3_URL=url,
            STEADYLINE_S3_BUCKET=bucket,
            STEADYLINE_S3_ACCESS_KEY=ACCESS_KEY,
            STEADYLINE_S3_SECRET_KEY=SECRET_KEY,
            STEADYLINE_S3_ALLOW_WRITES="true",
            STEADYLINE_S3_TARGET="far",
        )
        client = boto(url)
        assert "Contents" not in client.list_objects_v2(Bucket=bucket)
        client.close()
    assert ran.failures == set()
    assert ran.whole()
    assert {one["target"] for one in ran.series} == {"far"}


def test_vast(run):
    """VAST DB users are served likewise."""
    with vast_db() as served:
        target = served.target()
        ran = run(
            "VastUser",
            30,
            "--users",
            "5",
            "--operation",
            "vast.row_*",
            "--operation",
            "vast.insert_1",
            STEADYLINE_VAST_URL=served.url,
            STEADYLINE_VAST_BUCKET=target.bucket,
            STEADYLINE_VAST_ACCESS_KEY=target.access_key,
            STEADYLINE_VAST_SECRET_KEY=target.secret(),
            STEADYLINE_VAST_ALLOW_WRITES="true",
        )
        assert not served.transactions.newest.bucket(served.bucket)
    assert ran.failures == set()
    assert ran.whole()
    assert {one["operation"] for one in ran.series} <= {
        "vast.row_select",
        "vast.row_update",
        "vast.row_delete",
        "vast.insert_1",
    }


def test_read_only(run, tmp_path):
    """On a read-only target what writes is left out, which is said once, and the rest is asked."""
    url = f"sqlite:///{tmp_path}/mine.db"
    engine = make_engine(database_url(url), connections=1, wait_seconds=1)
    make_tables(engine)
    engine.dispose()
    ran = run("SqlUser", 20, "--users", "4", STEADYLINE_SQL_URL=url)
    assert [one["operation"] for one in ran.series] == ["sql.item_browse"]
    assert ran.failures == set()
    assert ran.log.count("is read-only") == 1


def test_unreachable(run, free_port):
    """A target that is not there is said once; each attempt fails with its reason."""
    port = free_port()
    ran = run(
        "SqlUser",
        5,
        "--users",
        "3",
        STEADYLINE_SQL_URL=f"postgresql://me:canary-7f3a@127.0.0.1:{port}/db",
        STEADYLINE_SQL_ALLOW_WRITES="true",
    )
    assert ran.failures == {"connect"}
    assert ran.whole()
    assert ran.successes() == 0
    assert ran.log.count("; trying on") == 1
    assert f"127.0.0.1:{port}" in ran.log
    assert "canary-7f3a" not in ran.log


@pytest.mark.parametrize(
    ("options", "settings", "said"),
    [
        (["--operation", "s3.*"], {}, "--operation s3.*: no operation of sql fits"),
        (
            [],
            {"STEADYLINE_SQL_URL": "postgresql://me@127.0.0.1:1/db", "STEADYLINE_SQL_PASSWORD_FILE": "none"},
            "password_file",
        ),
        (["--operation", "sql.item_create"], {"STEADYLINE_SQL_URL": "postgresql://me@127.0.0.1:1/db"}, "is read-only"),
    ],
    ids=["glob", "secret", "write guard"],
)
def test_nothing_to_do(run, options, settings, said):
    """Where nothing can be asked Locust ends with the cause."""
    ran = run("SqlUser", 5, *options, **settings)
    assert ran.series == []
    assert said in ran.log
    assert "Stopping Locust" in ran.log
