"""Who can be reached: asked of real sockets, each with its closed reason, and no secret told."""

import socket
import threading
from contextlib import contextmanager

import pytest

from deploy.doctor import reachability
from deploy.doctor.asking import Patience
from deploy.doctor.connecting import greet, reach, reason_of
from deploy.doctor.finding import Health
from deploy.doctor.monitors import Answer
from deploy.doctor.reachability import Facts
from deploy.doctor.scene import Scene
from steadyline import settings
from steadyline.notify import Email
from steadyline.outcome import Reason

CANARY = "hunter2-canary"
SECONDS = 5.0
PATIENT = Patience(60)
"""A busy machine takes long to import the drivers."""


@contextmanager
def serving(port, *lines):
    """A server that says each line to one client, one before each of its commands."""

    def serve():
        with listener.accept()[0] as connection, connection.makefile("rwb", buffering=0) as wire:
            for line in lines:
                wire.write(line + b"\r\n")
                if not wire.readline():
                    return

    with socket.create_server(("127.0.0.1", port)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def _of(facts, kind):
    return {finding.reason for finding in getattr(reachability, kind)(facts)}


def test_each_reason_is_of_the_closed_list(free_port):
    """A name that is not known, a port at which nobody listens, and one that speaks no TLS."""
    found = {}
    port = free_port()
    for name, url in {"dns": "http://nowhere.invalid", "connect": f"http://127.0.0.1:{port}"}.items():
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the reason is what is tested
            reach(url, SECONDS)
        found[name] = reason_of(caught.value)
    with serving(port, b"no TLS here"), pytest.raises(OSError) as caught:  # noqa: PT011 - likewise
        reach(f"https://127.0.0.1:{port}", SECONDS)
    found["tls"] = reason_of(caught.value)
    assert found == {"dns": Reason.DNS, "connect": Reason.CONNECT, "tls": Reason.TLS}
    assert reason_of(TimeoutError()) is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("offers", "require_tls", "problem"),
    [(b"250-STARTTLS\r\n250 HELP", True, ""), (b"250 HELP", True, "STARTTLS"), (b"250 HELP", False, "")],
    ids=["with TLS", "without", "none is wanted"],
)
def test_a_mail_server_is_greeted(free_port, offers, require_tls, problem):
    """It is asked for TLS where that is required, and no mail is sent."""
    port = free_port()
    email = Email(to=("a@b.example",), from_="c@d.example", smarthost=f"127.0.0.1:{port}", require_tls=require_tls)
    with serving(port, b"220 mail", b"250-mail\r\n" + offers, b"221 bye"):
        said = greet(email, SECONDS)
    assert (problem in said) if problem else said == ""


def test_a_mail_server_that_says_nothing_is_a_timeout(free_port):
    """Though the library calls that a connection that was closed."""
    port = free_port()
    email = Email(to=("a@b.example",), from_="c@d.example", smarthost=f"127.0.0.1:{port}")
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OSError) as caught:  # noqa: PT011 - the reason is tested
        greet(email, 0.1)
    assert reason_of(caught.value) is Reason.TIMEOUT


def test_what_hangs_is_told_by_name(tmp_path, free_port):
    """A history that accepts and never answers holds nothing up."""
    port = free_port()
    environ = {"STEADYLINE_STATE_DIR": str(tmp_path), "STEADYLINE_HISTORY_URL": f"postgresql://u@127.0.0.1:{port}/d"}
    with socket.create_server(("127.0.0.1", port)):
        facts = reachability.gather(Scene(settings.load(environ), environ=environ, folder=tmp_path, patience=Patience(0.5)))
    (finding,) = reachability.history(facts)
    assert (finding.health, finding.reason) == (Health.FAULT, Reason.TIMEOUT)
    assert "history: no answer in time" in finding.found


def test_what_does_not_answer_is_told_with_its_reason_and_without_a_secret(tmp_path, free_port):
    """Targets, monitors, storage, history and channels of the settings, all of them away."""
    place = f"127.0.0.1:{free_port()}"
    environ = {
        "STEADYLINE_STATE_DIR": str(tmp_path),
        "STEADYLINE_TRACE_URL": f"http://me:{CANARY}@{place}",
        "STEADYLINE_SQL_URL": f"postgresql://me:{CANARY}@{place}/d",
        "STEADYLINE_PROMETHEUS_URL": f"http://{place}",
        "STEADYLINE_ALERTMANAGER_URL": f"http://{place}",
        "STEADYLINE_GRAFANA_URL": f"http://me:{CANARY}@{place}",
        "STEADYLINE_REMOTE_WRITE_URL": f"http://{place}/{CANARY}",
        "STEADYLINE_HISTORY_URL": f"postgresql://me:{CANARY}@{place}/d",
        "STEADYLINE_NOTIFY_WEBHOOK_URL": f"http://{place}/{CANARY}",
        "STEADYLINE_NOTIFY_HEARTBEAT_URL": f"http://nowhere.invalid/{CANARY}",
        "STEADYLINE_NOTIFY_EMAIL_TO": "a@b.example",
        "STEADYLINE_NOTIFY_EMAIL_FROM": "a@b.example",
        "STEADYLINE_NOTIFY_EMAIL_SMARTHOST": place,
    }
    facts = reachability.gather(Scene(settings.load(environ), environ=environ, folder=tmp_path, patience=PATIENT))
    away = {Reason.CONNECT}
    assert [_of(facts, kind) for kind in ("targets", "monitoring", "remote_write", "history")] == [away] * 4
    assert _of(facts, "notify_channels") == {Reason.CONNECT, Reason.DNS}
    every = [finding for check in reachability.CHECKS for finding in check(facts)]
    assert {finding.health for finding in every} == {Health.FAULT}
    assert all(finding.cure for finding in every)
    assert CANARY not in str(every)


def test_a_target_is_asked_as_one_that_reads(tmp_path):
    """A SQLite file that may be written is not made by asking; that it is missing is no fault, for the exporter makes it."""
    file = tmp_path / "trace.db"
    environ = {
        "STEADYLINE_STATE_DIR": str(tmp_path / "state"),
        "STEADYLINE_SQL_URL": f"sqlite:///{file}",
        "STEADYLINE_SQL_ALLOW_WRITES": "true",
    }
    facts = reachability.gather(Scene(settings.load(environ), environ=environ, folder=tmp_path, patience=PATIENT))
    (finding,) = reachability.targets(facts)
    assert (finding.health, finding.cure) == (Health.WARNING, reachability.AT_START)
    assert not file.exists()


def test_who_answers_is_well():
    """All in one line; a kind of which there is none says nothing."""
    facts = Facts(targets=(Answer("target a"), Answer("target b")))
    assert [finding.found for finding in reachability.targets(facts)] == ["answering: target a, target b"]
    assert list(reachability.remote_write(facts)) == []
