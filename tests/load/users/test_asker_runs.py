"""Whole runs of users of the asker: how they end, and what becomes of their askers and of what was written."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import tenacity
from asker_process import rows_of
from load_runs import Locust, Runs
from prometheus_client.parser import text_string_to_metric_families

from steadyline.vocabulary import OPERATION_DURATION

pytestmark = pytest.mark.stack
SUCCESSES = f"{OPERATION_DURATION.name}_count"
LONG = ("-u", "8", "-r", "100", "-t", "60s", "SqlUser")


def until(run: Locust, condition: Callable[[], object]) -> None:
    """Wait for a run's processes."""
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert condition(), run.said


def askers(run: Locust) -> list[psutil.Process]:
    """Those of a run's process, or of its workers."""
    children = psutil.Process(run.process.pid).children(recursive=True)
    return [one for one in children if "load.asker" in " ".join(one.cmdline())]


@pytest.fixture
def sql(runs: Runs, tmp_path: Path) -> Iterator[Callable[..., Locust]]:
    """`sql(*arguments)` starts a run with a state folder of its own; in the end its database is empty."""

    def start(*arguments: str, **environment: str) -> Locust:
        return runs.start(*arguments, STEADYLINE_STATE_DIR=str(tmp_path / "state"), **environment)

    return start


def accounted(run: Locust) -> dict[str, int]:
    """The run's failures by reason; each operation's attempts are its successes and its failures."""
    failures: dict[str, int] = {}
    for one in run.came_to["operations"]:
        assert one["attempts"] == one["successes"] + sum(one["failures"].values())
        for reason, count in one["failures"].items():
            failures[reason] = failures.get(reason, 0) + count
    return failures


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them is there any more."""
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def test_two_workers(sql, tmp_path):
    """Each worker has an asker; their counts are merged, and neither leaves a process or a row."""
    run = sql("--processes", "2", "-u", "8", "-r", "100", "-t", "8s", "SqlUser")
    until(run, lambda: len(askers(run)) == 2)
    found = askers(run)
    assert run.end() == 0, run.said
    assert set(accounted(run)) <= {"cancelled"}
    ended = sum(one["attempts"] for one in run.came_to["operations"]) - accounted(run).get("cancelled", 0)
    assert ended == run.told_locust > 0
    assert gone(found)
    assert rows_of(tmp_path) == 0


def test_killed_asker(sql):
    """An asker that is killed costs the attempts under way; the run goes on with another, and fails for them alone."""
    run = sql(*LONG, "--operation", "sql.concurrent_create_500")  # always one under way
    until(run, lambda: askers(run))
    (first,) = askers(run)
    until(run, lambda: first.num_threads() > 8)
    first.kill()
    until(run, lambda: [one for one in askers(run) if one.pid != first.pid and one.num_threads() > 8])
    run.process.send_signal(signal.SIGTERM)
    assert run.end() == 1, run.said
    assert accounted(run)["other"] > 0
    assert "the asker ended in the middle, by SIGKILL" in run.said
    assert run.said.count("a new one is started") == 1


def answered(runs: Runs) -> bool:
    """Whether the run that is under way has had an answer: a row may lie there before."""
    page = httpx.get(f"http://127.0.0.1:{runs.metrics_port}/metrics", trust_env=False).text
    successes = (s for f in text_string_to_metric_families(page) for s in f.samples if s.name == SUCCESSES)
    return any(sample.value for sample in successes)


def test_ctrl_c(sql, runs, tmp_path):
    """Ctrl-C, which reaches the whole group, ends the run in order: all counted, all cleaned up."""
    run = sql(*LONG)
    until(run, lambda: askers(run))
    found = askers(run)
    until(run, lambda: rows_of(tmp_path) and answered(runs))
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.end() == 0, run.said
    assert set(accounted(run)) <= {"cancelled"}
    assert gone(found)
    assert rows_of(tmp_path) == 0


def test_killed_run(sql, tmp_path):
    """A run that is killed leaves no asker, and no row."""
    run = sql(*LONG)
    until(run, lambda: askers(run))
    found = askers(run)
    until(run, lambda: rows_of(tmp_path))
    run.process.kill()
    until(run, lambda: gone(found))
    assert rows_of(tmp_path) == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (["--operation", "s3.*"], {}, 2, "steadyline: --operation s3.*: no operation of sql fits"),
        (
            [],
            {"STEADYLINE_SQL_URL": "postgresql://me@127.0.0.1:1/db", "STEADYLINE_SQL_PASSWORD_FILE": "none"},
            2,
            "password_file",
        ),
        ([], {"STEADYLINE_SQL_URL": "postgresql://me@127.0.0.1:1/db"}, 4, "127.0.0.1:1"),
    ],
    ids=["glob", "secret", "unreachable"],
)
def test_exit_codes(sql, arguments, environment, code, said):
    """What is wrong has its exit code and its message, before anything starts where it can be known by then."""
    run = sql("-u", "2", "-t", "4s", *arguments, "SqlUser", **environment)
    assert run.end() == code, run.said
    assert said in run.said
    assert "Traceback" not in run.said
