"""The asker's process: outcomes, refusals, the line before a target, and its end."""

import os
import signal
from collections.abc import Callable

import pytest
import tenacity
from s3_target import embedded_s3, new_bucket

from load.asker.messages import ITSELF, QUEUED, Ask, Cancel
from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.outcome import Reason
from steadyline.target import Target


def until(condition: Callable[[], object]) -> None:
    """Wait for another process."""
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.02), reraise=True)
    for attempt in waiting:
        with attempt:
            assert condition()


def test_outcome(start, tmp_path):
    """An outcome is one of the same kind as an attempt in this process has; its time in line is told too."""
    backend = catalogue.backend("sql")
    target = Target(backend="sql", url=f"sqlite:///{tmp_path}/direct.db", allow_writes=True)
    client = backend.connect(target)
    try:
        client.check()
        direct = Attempt(backend, client)(catalogue.named("sql.query_page_20"))
    finally:
        client.close()
    asked = start().ask("sql.query_page_20").outcome
    assert direct.ok
    assert asked.duration_seconds > 0
    assert asked._replace(duration_seconds=0, phases={}) == direct._replace(duration_seconds=0)
    assert asked.phases[QUEUED] >= 0


@pytest.mark.parametrize(
    ("operation", "reason"), [("sql.wrong", Reason.INTEGRITY), ("sql.bug", Reason.OTHER), ("sql.never", Reason.TIMEOUT)]
)
def test_reasons(start, operation, reason):
    """A failure comes with its reason; one that hangs is given up."""
    outcome = start().ask(operation).outcome
    assert (outcome.reason, outcome.items) == (reason, 0)


def test_bug(start):
    """A bug is told once with its traceback and without secrets, and the process goes on."""
    asker = start()
    for _ in range(2):
        assert asker.ask("sql.bug").outcome.reason is Reason.OTHER
    assert asker.ask("sql.item_create").outcome.ok
    assert asker.log().count("Traceback") == 1
    assert "in bug" in asker.log()
    assert "canary-7f3a" not in asker.log()


@pytest.mark.parametrize(
    ("operation", "settings", "said"),
    [
        ("sql.nothing", {}, "no operation 'sql.nothing'; there are"),
        ("sql.many", {}, "holds 20 connections, and target 'embedded' is capped at 16"),
        (
            "sql.item_create",
            {"STEADYLINE_SQL_URL": "sqlite:////nowhere/x.db", "STEADYLINE_SQL_TARGET": "embedded"},
            "read-only",
        ),
    ],
    ids=["unknown", "cap", "write guard"],
)
def test_refused(start, operation, settings, said):
    """What may not run is refused with the cause, and nothing is opened for it."""
    answer = start(**settings).ask(operation)
    assert answer.exit_code == 2
    assert said in answer.faults[0]


def test_unknown_target(start):
    """A target that the settings do not have is refused with those that they have, opened or asked."""
    asker = start()
    for answer in (asker.open("nope"), asker.ask("sql.item_create", "nope")):
        assert answer.exit_code == 2
        assert "'nope' in the settings; there are embedded" in answer.faults[0]


def test_wrong_settings(start):
    """Settings that are wrong are told as what they are, once, and the process ends."""
    asker = start(STEADYLINE_PORTS_S3="0")
    answer = asker.next()
    assert (answer.id, answer.exit_code) == (ITSELF, 2)
    assert "STEADYLINE_PORTS_S3" in answer.faults[0]
    assert asker.process.wait(60) == 0


def test_unreachable(start, free_port):
    """A target that does not answer is told when it is opened; attempts on it are made all the same, and have a reason."""
    port = free_port()
    asker = start(STEADYLINE_SQL_URL=f"postgresql://me:canary-7f3a@127.0.0.1:{port}/db", STEADYLINE_SQL_TARGET="main")
    answer = asker.open("main")
    assert answer.exit_code == 4
    assert f"127.0.0.1:{port}" in answer.faults[0]
    outcome = asker.ask("sql.item_browse", "main").outcome
    assert outcome.reason is Reason.CONNECT
    assert "canary-7f3a" not in f"{answer} {outcome} {asker.log()}"


def test_wrong_secret(start):
    """A target that refuses the credentials is told in one message without them."""
    with embedded_s3() as url:
        asker = start(
            STEADYLINE_S3_URL=url,
            STEADYLINE_S3_BUCKET=new_bucket(),
            STEADYLINE_S3_ACCESS_KEY="steady",
            STEADYLINE_S3_SECRET_KEY="canary-7f3a",
            STEADYLINE_S3_TARGET="far",
        )
        answer = asker.open("far", "s3")
        outcome = asker.ask("s3.bucket_list", "far", "s3").outcome
    assert answer.exit_code == 4
    assert "secret" in answer.faults[0]
    assert outcome.reason is Reason.AUTH
    assert "canary-7f3a" not in f"{answer} {outcome} {asker.log()}"


def test_missing_secret(start, tmp_path):
    """A password file that is not there is a fault of the settings, opened or asked."""
    url = "postgresql://me@127.0.0.1:1/db"
    asker = start(STEADYLINE_SQL_URL=url, STEADYLINE_SQL_PASSWORD_FILE=tmp_path / "none", STEADYLINE_SQL_TARGET="main")
    for answer in (asker.open("main"), asker.ask("sql.item_browse", "main")):
        assert answer.exit_code == 2
        assert "password_file" in answer.faults[0]


def test_line(start):
    """No more run at once than there are connections; the others stand in line, and are told how long."""
    asker = start(workers=8)  # two of the sixteen connections
    asker.send(*(Ask(number, "sql.wait", "sql", "embedded") for number in range(1, 5)))
    until(lambda: len(list(asker.folder.glob("began-*"))) == 2)
    asker.send(Ask(5, "sql.nothing", "sql", "embedded"))
    assert asker.next().id == 5  # that it took everything before
    assert len(list(asker.folder.glob("began-*"))) == 2
    (asker.folder / "gate").touch()
    queued = {answer.id: answer.outcome.phases[QUEUED] for answer in (asker.next() for _ in range(4))}
    assert max(queued[1], queued[2]) < min(queued[3], queued[4])


def test_line_without_end(start):
    """Who stands in line as long as its operation may take at most fails for want of a connection."""
    asker = start(workers=16)
    asker.send(Ask(1, "sql.wait", "sql", "embedded"), Ask(2, "sql.never", "sql", "embedded"))
    answer = asker.next()
    assert (answer.id, answer.outcome.reason) == (2, Reason.POOL_EXHAUSTED)


def test_cancelled(start):
    """An ask that nobody waits for any more is not run, where it stands in line."""
    asker = start(workers=16)
    asker.send(Ask(1, "sql.wait", "sql", "embedded"))
    until((asker.folder / "began-0").exists)
    asker.send(Ask(2, "sql.mark", "sql", "embedded"), Cancel(2), Ask(3, "sql.item_browse", "sql", "embedded"))
    asker.send(Ask(4, "sql.nothing", "sql", "embedded"))
    assert asker.next().id == 4  # that it took everything before
    (asker.folder / "gate").touch()
    assert [asker.next().id, asker.next().id] == [1, 3]
    assert not (asker.folder / "marked").exists()


def test_printing(start):
    """What an operation prints does not come near the wire."""
    asker = start()
    assert asker.ask("sql.keep").outcome.ok
    assert asker.ask("sql.item_browse").outcome.ok


@pytest.mark.parametrize("way", ["closed", "SIGTERM"])
def test_end(start, way):
    """When the other end closes, or on SIGTERM, it deletes all that was written and goes; Ctrl-C is for others."""
    asker = start()
    assert asker.ask("sql.keep").outcome.ok
    os.kill(asker.process.pid, signal.SIGINT)
    assert asker.ask("sql.item_create").outcome.ok
    assert asker.rows() > 0
    if way == "closed":
        asker.end.close()
    else:
        os.kill(asker.process.pid, signal.SIGTERM)
    assert asker.process.wait(60) == 0
    assert asker.rows() == 0
    assert asker.log() in ("", "printed by an operation\n")


def test_end_in_the_middle(start):
    """At the end an attempt under way may finish; who stands in line is told that it was cancelled."""
    asker = start(workers=16)
    asker.send(Ask(1, "sql.wait", "sql", "embedded"))
    until((asker.folder / "began-0").exists)
    asker.send(Ask(2, "sql.mark", "sql", "embedded"), Ask(3, "sql.nothing", "sql", "embedded"))
    assert asker.next().id == 3
    os.kill(asker.process.pid, signal.SIGTERM)
    answer = asker.next()
    assert (answer.id, answer.outcome.reason) == (2, Reason.CANCELLED)
    (asker.folder / "gate").touch()
    answer = asker.next()
    assert (answer.id, answer.outcome.ok) == (1, True)
    assert asker.process.wait(60) == 0


def test_end_while_one_hangs(start):
    """An attempt that does not end is not waited for without end."""
    asker = start()
    asker.send(Ask(1, "sql.wait", "sql", "embedded"))
    until((asker.folder / "began-0").exists)
    asker.end.close()
    assert asker.process.wait(60) == 0
