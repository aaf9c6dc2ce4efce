"""The asker's gevent side, each case in a process of its own, for Locust patches the one it is imported in."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import tenacity
from asker_process import environment, rows_of

HEAD = """
import locust  # before all else: it patches
import os, signal, sys
from pathlib import Path
import gevent
from load.asker.client import RESTARTS, Asker, pids
from steadyline import catalogue, settings
from steadyline.errors import SteadylineError

folder = Path(os.environ["TEST_FOLDER"])
settings.load(os.environ)
named = catalogue.operations(["sql"])
asker = Asker()
attempt = asker.attempt("sql", "embedded")


def until(condition):
    while not condition():
        gevent.sleep(0.01)


"""
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(script, **settings)` runs a script after the head above, and answers what it printed; it must succeed."""

    def running(script: str, **settings: object) -> str:
        command = [sys.executable, "-P", "-c", HEAD + script]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(tmp_path, **settings),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        (tmp_path / "log").write_text(done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return running


def test_hub_goes_on(run):
    """While 50 greenlets wait for attempts that sleep, another greenlet ticks on, and it is what lets them end."""
    said = run(
        """
waiting = [gevent.spawn(attempt, named["sql.wait"]) for _ in range(50)]
until(lambda: len(list(folder.glob("began-*"))) == 16)
ticks = 0
while ticks < 100:
    gevent.sleep(0.001)
    ticks += 1
assert not any(one.ready() for one in waiting)
(folder / "gate").touch()
gevent.joinall(waiting)
outcomes = [one.value for one in waiting]
print(sum(one.ok for one in outcomes), sum(one.phases["queued"] > 0 for one in outcomes))
"""
    )
    assert said == "50 50\n"


def test_one_process(run):
    """However many greenlets ask first, one process answers them."""
    said = run(
        """
from gevent import subprocess

popen = subprocess.Popen


def slow(*arguments, **facts):  # as it is on a busy machine
    gevent.sleep(0.1)
    return popen(*arguments, **facts)


subprocess.Popen = slow
waiting = [gevent.spawn(attempt, named["sql.item_browse"]) for _ in range(5)]
gevent.joinall(waiting)
assert all(one.value.ok for one in waiting)
print(len(pids()))
"""
    )
    assert said == "1\n"


def test_killed_asker(run, tmp_path):
    """Whoever waits when the asker is killed gets a failure; a new one makes the next attempt, a bounded number of times."""
    run(
        """
for death in range(RESTARTS + 1):
    for mark in folder.glob("began-*"):
        mark.unlink()
    waiting = [gevent.spawn(attempt, named["sql.wait"]) for _ in range(20)]
    until(lambda: list(folder.glob("began-*")))
    before = asker.pid
    os.kill(before, signal.SIGKILL)
    gevent.joinall(waiting)
    outcomes = [one.value for one in waiting]
    assert {one.reason for one in outcomes} == {"other"}, outcomes
    assert {one.detail for one in outcomes} == {"the asker ended in the middle, by SIGKILL"}
    assert asker.pid != before
    if death < RESTARTS:
        assert attempt(named["sql.item_browse"]).ok
given_up = attempt(named["sql.item_browse"])
assert given_up.reason == "other", given_up
assert "not started again" in given_up.detail
asker.end()  # another run may try again
assert attempt(named["sql.item_browse"]).ok
asker.end()
asker.join()
"""
    )
    log = (tmp_path / "log").read_text()
    assert (log.count("a new one is started"), log.count("not started again"), log.count("Traceback")) == (3, 1, 0)


def test_killed_greenlet(run):
    """What a killed greenlet asked for is not run where it stood in line; nobody else's is lost."""
    run(
        """
waiting = [gevent.spawn(attempt, named["sql.wait"]) for _ in range(16)]
until(lambda: len(list(folder.glob("began-*"))) == 16)
killed = gevent.spawn(attempt, named["sql.mark"])
gevent.sleep(0.05)
killed.kill()
gevent.sleep(1)  # what takes it back is on the wire only once the writer has had its turn
(folder / "gate").touch()
gevent.joinall(waiting)
assert all(one.value.ok for one in waiting)
assert attempt(named["sql.item_browse"]).ok
assert not (folder / "marked").exists()
"""
    )


def test_end(run, tmp_path):
    """The end of a run deletes what was written; the next run has a new process."""
    run(
        """
assert attempt(named["sql.keep"]).ok
first = asker.pid
asker.end()
asker.join()
assert attempt(named["sql.keep"]).ok
assert asker.pid != first
asker.end()
asker.join()
"""
    )
    assert rows_of(tmp_path) == 0


def test_exit_without_a_word(run, tmp_path):
    """A process that just ends leaves no asker, and no data."""
    pid = int(run("assert attempt(named['sql.keep']).ok\nprint(asker.pid, flush=True)\nos._exit(0)"))
    _until_gone(pid)
    assert rows_of(tmp_path) == 0


def test_killed_parent(tmp_path):
    """A killed process leaves no asker, and no data."""
    script = HEAD + "assert attempt(named['sql.keep']).ok\nprint(asker.pid, flush=True)\ngevent.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.kill()
    _until_gone(pid)
    assert rows_of(tmp_path) == 0


def test_refusals(run):
    """What may not run is an error with its kind and its cause, from opening and from asking."""
    said = run(
        """
def tell(function, *arguments):
    try:
        function(*arguments)
    except SteadylineError as error:
        print(type(error).__name__, str(error).split(";")[0])

tell(asker.open, [("sql", "nope")])
tell(asker.attempt("sql", "nope"), named["sql.item_read"])
tell(attempt, named["sql.many"])
asker.open([("sql", "embedded")])
"""
    )
    assert said.splitlines() == [
        "ConfigurationError no sql target 'nope' in the settings",
        "ConfigurationError sql.item_read: no target 'nope' in the settings",
        "ConfigurationError sql.many: holds 20 connections, and target 'embedded' is capped at 16",
    ]


def test_unreachable(run, free_port):
    """A target that does not answer is one error when it is opened, and an outcome of each attempt."""
    url = f"postgresql://me:canary-7f3a@127.0.0.1:{free_port()}/db"
    said = run(
        """
try:
    asker.open([("sql", "main")])
except SteadylineError as error:
    print(error.exit_code, error)
print(asker.attempt("sql", "main")(named["sql.item_browse"]))
""",
        STEADYLINE_SQL_URL=url,
        STEADYLINE_SQL_TARGET="main",
    )
    assert said.startswith("4 ")
    assert "Reason.CONNECT" in said
    assert "canary-7f3a" not in said


def _until_gone(pid: int) -> None:
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
