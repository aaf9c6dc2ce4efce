"""The receiver as Alertmanager, a person and a program meet it."""

import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC
from pathlib import Path

import pytest

from alerts.receiver.notification import Notification
from alerts.receiver.shown import line

FIGURE = "81 ms is 1.62x its baseline (50 ms ±10 %)"


def test_a_firing_alert_is_one_line_severity_first(receiver) -> None:
    """Severity, operation, target, figure and runbook stand on one line, without escape codes where it is no terminal."""
    assert receiver.tell({}).status_code == 200
    line = receiver.shown()[-1]
    assert line[9:].startswith("CRITICAL firing   trace.item_create on embedded: " + FIGURE)
    assert line.endswith("runbook https://docs.example/runbook#regression")
    assert "\x1b" not in line


def test_a_resolved_alert_says_how_long_it_lasted(receiver) -> None:
    """From startsAt to endsAt, as Alertmanager tells them."""
    receiver.tell({"status": "resolved", "endsAt": "2026-01-05T12:03:20.25Z"})
    assert receiver.shown()[-1].endswith("trace.item_create on embedded: SteadylineRegression over after 3 min 20 s")
    assert receiver.kept()[0]["ends_at"] == "2026-01-05T12:03:20.250000+00:00"


def test_each_alert_is_kept_as_one_line_of_json(receiver) -> None:
    """One object an alert, a firing one without an end."""
    receiver.tell({}, {"fingerprint": "other"})
    first, second = receiver.kept()
    assert first | {"received_at": ""} == {
        "received_at": "",
        "status": "firing",
        "alertname": "SteadylineRegression",
        "severity": "critical",
        "operation": "trace.item_create",
        "target": "embedded",
        "driver": "probe",
        "starts_at": "2026-01-05T12:00:00.250000+00:00",
        "ends_at": "",
        "value": "",
        "summary": FIGURE,
        "description": "",
        "runbook_url": "https://docs.example/runbook#regression",
        "dashboard_url": "",
        "fingerprint": "9f3c",
    }
    assert second["fingerprint"] == "other"


def test_a_full_disk_is_said_and_sent_again(receiver) -> None:
    """Shown at once, answered with 500; the same post again is kept and not shown twice."""
    before = len(receiver.shown())
    receiver.state.root.mkdir()
    receiver.state.notifications.symlink_to("/dev/full")
    answer = receiver.tell({})
    assert answer.status_code == 500
    assert "No space left on device" in answer.text
    assert receiver.tell({}).status_code == 500
    receiver.state.notifications.unlink()
    assert receiver.tell({}).status_code == 200
    assert sum("CRITICAL" in line for line in receiver.shown()[before:]) == 1
    assert len(receiver.kept()) == 1


def test_a_file_that_cannot_be_written_makes_it_unready(receiver) -> None:
    """/-/ready tells it, /-/healthy does not."""
    assert receiver.client.get("/-/ready").status_code == 200
    receiver.state.notifications.mkdir(parents=True)
    assert receiver.client.get("/-/ready").status_code == 503
    assert receiver.client.get("/-/healthy").status_code == 200
    assert receiver.tell({}).status_code == 500


def test_a_torn_line_costs_itself_only(receiver) -> None:
    """After a crash in the middle of a line the next notification stands on a line of its own."""
    receiver.state.root.mkdir()
    receiver.state.notifications.write_text('{"received_at": "20')
    receiver.tell({})
    assert [one["fingerprint"] for one in receiver.client.get("/notifications").json()] == ["9f3c"]


def test_notifications_since_a_moment(receiver) -> None:
    """Only what came after it, newest first; a moment that is none is refused."""
    receiver.tell({"fingerprint": "first"})
    moment = receiver.client.get("/notifications").json()[0]["received_at"]
    receiver.tell({"fingerprint": "second"}, {"fingerprint": "third"})
    found = receiver.client.get("/notifications", params={"since": moment}).json()
    assert [one["fingerprint"] for one in found] == ["third", "second"]
    assert receiver.client.get("/notifications", params={"since": "0"}).json()[-1]["fingerprint"] == "first"
    assert receiver.client.get("/notifications", params={"since": "yesterday"}).status_code == 400


def test_the_heartbeat_is_kept_silently(receiver) -> None:
    """A watchdog's post shows nothing and is told by GET."""
    before = receiver.shown()
    receiver.client.post("/watchdog", json={})
    assert receiver.client.get("/watchdog").json()["last_heartbeat"]
    assert receiver.shown() == before


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly(own_receiver, ending: signal.Signals) -> None:
    """Told to end it ends with 0 and no traceback."""
    own_receiver.process.send_signal(ending)
    assert own_receiver.process.wait(10) == 0
    assert len(own_receiver.shown()) == 1


def test_a_busy_port_is_one_message(receiver, tmp_path: Path) -> None:
    """Exit code 2, host and port named, no traceback."""
    taken = int(receiver.url.rpartition(":")[2])
    environment = dict(os.environ, STEADYLINE_STATE_DIR=str(tmp_path), STEADYLINE_PORTS_RECEIVER=str(taken))
    found = subprocess.run([sys.executable, "-m", "alerts.receiver"], env=environment, capture_output=True, check=False)
    assert found.returncode == 2
    assert found.stderr.decode().splitlines() == [
        f"steadyline: ports.receiver: 127.0.0.1:{taken}: Address already in use; end what listens there, or set another port"
    ]


def test_it_imports_no_terminal_library() -> None:
    """Rich, Typer, SQLAlchemy and the SDK of the boards would cost more memory than the receiver itself."""
    code = "import sys, alerts.receiver.serve; print(sorted({'rich', 'typer', 'sqlalchemy', 'httpx'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.decode().strip() == "[]"


def test_a_terminal_gets_colours() -> None:
    """The severity's while it fires, green when it is over; and nothing is left coloured."""
    stamp = "2026-01-05T12:03:20+00:00"
    facts = dict.fromkeys((field.name for field in fields(Notification)), "") | {"received_at": stamp, "starts_at": stamp}
    firing = Notification(**facts | {"status": "firing", "severity": "critical", "operation": "sql.a", "summary": "slow"})
    over = replace(firing, status="resolved", ends_at=stamp)
    assert line(firing, colour=True, zone=UTC) == "12:03:20 \x1b[1;31mCRITICAL firing  \x1b[0m sql.a: slow"
    assert line(over, colour=True, zone=UTC) == "12:03:20 \x1b[32mCRITICAL resolved\x1b[0m sql.a: alert over after 0 s"
