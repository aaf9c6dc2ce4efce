"""From one operation to a notification, on a running stack with a real Prometheus and Alertmanager."""

import json
import shutil
import subprocess

import httpx
import psutil
import pytest
import tenacity

from alerts.record.slowed import noted
from steadyline.cli.regress import MISSED
from steadyline.errors import ConfigurationError
from steadyline.prometheus import Prometheus
from steadyline.vocabulary import EXPORTER_JOB, OPERATION_DURATION, SCHEDULE_INTERVAL

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

OPERATION = "trace.item_create"
FACTOR = "1.6"


def _waiting(seconds):
    return tenacity.retry(
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_fixed(1),
        retry=tenacity.retry_if_exception_type((AssertionError, httpx.HTTPError)),
        reraise=True,
    )


def _told(stack):
    path = stack.settings.state.notifications
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _of_operation(told, **wanted):
    return [n for n in told if n["operation"] == OPERATION and all(n[key] == value for key, value in wanted.items())]


@_waiting(300)
def _regressed(stack):
    """What was notified before a regression, and its end; begun once the machine is quiet enough for it.

    Where a busy machine makes the operation slow by itself, there is an alert already, and `regress` refuses.
    """
    prometheus = Prometheus(stack.settings.prometheus)
    assert not prometheus.query(f'ALERTS{{operation="{OPERATION}"}}'), "not quiet"
    before = len(_told(stack))
    words = ("regress", OPERATION, "--factor", FACTOR, "--for", "100s", "--json")
    done = stack.run(*words, timeout_seconds=400, accepted=(0, MISSED, ConfigurationError.exit_code))
    assert done.returncode != ConfigurationError.exit_code, done.stderr
    return before, done


def test_every_scheduled_operation_is_measured(stack):
    """Each scheduled operation of each target has a success in Prometheus, and none has failed."""
    prometheus = Prometheus(stack.settings.prometheus)

    @_waiting(60)
    def all_measured():
        scheduled = {one.labels["operation"] for one in prometheus.query(SCHEDULE_INTERVAL.name)}
        measured = {one.labels["operation"] for one in prometheus.query(f"{OPERATION_DURATION.name}_count > 0")}
        assert scheduled == measured
        assert len(scheduled) >= 20

    all_measured()
    assert prometheus.query("sum(steadyline_operation_failures_total)")[0].value == 0


def test_every_target_is_up_and_every_rule_healthy(stack):
    """Prometheus scrapes what it should and evaluates all generated rules without an error."""

    @_waiting(60)
    def all_healthy():
        prometheus = Prometheus(stack.settings.prometheus)
        up = {one.labels["job"]: one.value for one in prometheus.query("up")}
        assert up[EXPORTER_JOB] == 1
        assert set(up.values()) == {1}
        groups = httpx.get(f"{stack.settings.prometheus}/api/v1/rules").json()["data"]["groups"]
        health = {rule["health"] for group in groups for rule in group["rules"]}
        assert health == {"ok"}

    all_healthy()


def test_the_doctor_finds_a_fresh_stack_well(stack):
    """No fault in it, but that a busy machine may be late; its rules, routes, scrapes and operations were looked at."""

    @_waiting(240)
    def found_well():
        found = json.loads(stack.run("doctor", "--json", "--timeout", "60", accepted=(0, 1)).stdout)
        assert [one for one in found["checks"] if one["verdict"] == "fault" and one["check"] != "in time"] == []
        well = {(one["subject"], one["check"]) for one in found["checks"] if one["verdict"] == "ok"}
        assert well >= {
            ("alerting", "routed"),
            ("alerting", "watchdog"),
            ("operations", "measured"),
            ("ports", "port"),
            ("processes", "programs"),
            ("reachability", "monitoring"),
            ("rules", "current"),
            ("scrapes", "up"),
        }

    found_well()


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text"], ids=["text", "openmetrics"])
def test_the_page_is_well_formed(stack, accept):
    """`promtool check metrics` has no complaint about the exporter's page."""
    page = httpx.get(f"http://127.0.0.1:{stack.settings.ports.exporter}/metrics", headers={"Accept": accept})
    assert page.headers["content-type"].startswith(accept)
    if accept == "text/plain":
        assert shutil.which("promtool")
        checked = subprocess.run(["promtool", "check", "metrics"], input=page.content, capture_output=True, check=False)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    else:
        assert page.text.endswith("# EOF\n")


def test_alertmanager_opens_no_cluster_port_and_everything_listens_on_loopback(stack):
    """Nothing of the stack can be reached from another machine, and it opens no port but its own, not a load run's."""
    programs = json.loads(stack.run("status", "--json").stdout)["programs"]
    listening = {
        connection.laddr
        for program in programs
        for process in (psutil.Process(program["pid"]), *psutil.Process(program["pid"]).children(recursive=True))
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.ip for address in listening} == {"127.0.0.1"}
    ports = dict(stack.settings.ports)
    assert {address.port for address in listening} == {port for name, port in ports.items() if name not in ("grafana", "load")}


def test_a_regression_is_notified_as_critical_and_then_as_resolved(stack):
    """`regress trace.item_create --factor 1.6` ends in one critical notification and one resolved, and no warning.

    It is as slow as asked, or slower where the machine is busy, which is regress' exit code 1; then other operations may be
    too slow as well.
    """
    before, done = _regressed(stack)
    result = json.loads(done.stdout)
    firing = _of_operation(_told(stack)[before:], severity="critical", status="firing")
    assert len(firing) == 1, done.stderr
    assert firing[0]["runbook_url"].endswith("#steadylineregression")
    assert OPERATION in firing[0]["summary"]
    assert result["measured_seconds"] / result["asked_seconds"] > 0.95
    assert {span.operation for span in noted(stack.settings.state.regressions)} == {OPERATION}

    @_waiting(240)
    def resolved():
        assert len(_of_operation(_told(stack)[before:], severity="critical", status="resolved")) == 1

    resolved()
    assert not _of_operation(_told(stack)[before:], severity="warning")


def test_status_and_watch_answer_programs_and_people(stack):
    """`status --json` names every program as running; `watch --once` prints a row for each operation."""
    programs = json.loads(stack.run("status", "--json").stdout)["programs"]
    assert {program["state"] for program in programs} == {"RUNNING"}
    table = stack.run("watch", "--once").stdout
    for operation in ("trace.item_create", "sql.item_create", "sql.query_count"):
        assert operation in table
