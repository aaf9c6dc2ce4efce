"""The stack of containers as its user has it, seen from outside through the published ports."""

import pytest
from compose_stack import stack, until

from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_JOB, LOAD_USERS, LOAD_WORKER_UP
from steadyline.vocabulary import EXPORTER_JOB, AlertName

pytestmark = [pytest.mark.compose, pytest.mark.timeout(900)]

ONE_SHOTS = ("init", "buckets")
JOBS = {EXPORTER_JOB, LOAD_JOB, "prometheus", "alertmanager"}
SLOWED = "trace.item_create"
KILL = """
import os, signal
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        os.kill(int(name), signal.SIGKILL)
"""


def _alerts(stack, **labels):
    found = stack.get("prometheus", "/api/v1/alerts")["data"]["alerts"]
    return [one for one in found if one["state"] == "firing" and labels.items() <= one["labels"].items()]


def test_services(running):
    """Every service is up and healthy, but for those that did their work and ended well."""
    for name, containers in running.services().items():
        for one in containers:
            if name in ONE_SHOTS:
                assert (one["State"], one["ExitCode"]) == ("exited", 0), one
            else:
                assert (one["State"], one["Health"]) == ("running", "healthy"), one


def test_targets(running):
    """Prometheus scrapes every target of the stack, and each answers."""

    def all_up():
        active = running.get("prometheus", "/api/v1/targets")["data"]["activeTargets"]
        assert {one["labels"]["job"] for one in active} == JOBS
        assert [one["lastError"] for one in active if one["health"] != "up"] == []
        return True

    until(all_up)


def test_rules(running):
    """Every rule is evaluated without an error."""

    def all_healthy():
        groups = running.get("prometheus", "/api/v1/rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) > 1000
        assert {rule["health"] for rule in rules} == {"ok"}, [rule for rule in rules if rule["health"] != "ok"][:3]
        return True

    until(all_healthy)


def test_boards(running):
    """Grafana has the boards, shows them to anybody, and begins with the overview."""
    if running.get("grafana", "/api/health")["version"] == "stand-in":
        pytest.skip("this Grafana is a stand-in that answers /api/health alone; with the real image the boards are looked for")
    found = {one["uid"] for one in running.get("grafana", "/api/search", type="dash-db")}
    assert {str(board) for board in Board} <= found
    assert running.get("grafana", "/api/dashboards/home")["dashboard"]["uid"] == Board.OVERVIEW


def test_load(running):
    """Load runs by itself at the low profile, and Locust's page says so."""
    until(lambda: running.value(f'sum({LOAD_USERS.name}{{job="{LOAD_JOB}"}})') == 10)
    assert running.get("LOCUST_WEB_PORT", "/stats/requests")["state"] == "running"
    assert running.value('count(steadyline_run_info{profile="low"} == 1)') == 1


def test_no_artefact_fails(running):
    """No operation on the stack's own targets fails; PostgreSQL, VersityGW and VAST DB serve all that is asked."""
    until(lambda: running.value("sum(steadyline_operation_duration_seconds_count) > 200"))
    failed = running.query("sum by (operation, reason) (steadyline_operation_failures_total) > 0")
    assert [one["metric"] for one in failed] == []


def _slow_down(stack):
    """Regress the operation once no alert of it is near; what was said. A busy machine may bring one meanwhile: then again."""

    def told():
        alerts = stack.get("prometheus", "/api/v1/alerts")["data"]["alerts"]
        return [one for one in alerts if one["labels"].get("operation") == SLOWED]

    for _ in range(3):
        until(lambda: not told(), 400)
        before = len(_critical_mails(stack))
        done = stack.compose(
            "exec",
            "-T",
            "exporter",
            "steadyline",
            "regress",
            SLOWED,
            "--factor",
            "8",
            "--for",
            "90s",
            check=False,
            timeout=400,
        )
        said = done.stdout + done.stderr
        if "its alert is there already" not in said:
            break
    return said, before


def _critical_mails(stack):
    return [one for one in stack.mails() if f"[critical] {SLOWED}" in one["Subject"]]


@pytest.mark.timeout(1800)
def test_regression(running):
    """An operation that gets slower for real is a mail within the time that its rule computes."""
    said, before = _slow_down(running)
    assert "critical notification received" in said, said
    mails = _critical_mails(running)
    assert len(mails) == before + 1
    mail = running.get("MAILPIT_PORT", f"/api/v1/message/{mails[0]['ID']}")
    for told in ("times its baseline", "Since", "Baseline", f"127.0.0.1:{running.port('grafana')}", "/runbook#"):
        assert told in mail["Text"]
    assert SLOWED in mail["HTML"]


def test_only_worker(running):
    """A run that lost its only worker begins again when that is back."""
    users = f'sum({LOAD_USERS.name}{{job="{LOAD_JOB}"}})'
    running.compose("stop", "load-worker")
    until(lambda: not running.value(users))
    running.compose("start", "load-worker")
    until(lambda: running.value(users) == 10)


def test_scale(running):
    """More load generators join the run by --scale; one that is killed is missed, and another is in its place by itself.

    They are told by their indexes: a new one may be there before the old one is missed, and their number never change.
    """
    running.compose("up", "--detach", "--no-recreate", "--scale", "load-worker=3", "load-worker")

    def there() -> set[str]:
        return {one["metric"]["worker"] for one in running.query(f'{LOAD_WORKER_UP.name}{{job="{LOAD_JOB}"}} == 1')}

    until(lambda: len(there()) == 3)
    before = there()
    running.compose("exec", "-T", "--index", "2", "load-worker", "python", "-c", KILL, check=False)
    until(lambda: len(there()) == 3 and len(there() - before) == 1)


def test_postgresql_away(running):
    """A database that goes is an alert with its reason, and all heals by itself when it is back."""
    running.compose("stop", "postgres")
    until(lambda: _alerts(running, alertname=AlertName.FAILING, backend="sql"))
    reasons = {
        one["metric"]["reason"]
        for one in running.query('sum by (reason) (steadyline_operation_failures_total{backend="sql"}) > 0')
    }
    assert reasons & {"connect", "dns", "timeout"}
    running.compose("start", "postgres")
    until(lambda: not _alerts(running, alertname=AlertName.FAILING, backend="sql"), 400)
    until(lambda: all(one["Health"] == "healthy" for one in running.services()["trace"]))


def test_prometheus_restarted(running):
    """After a restart of Prometheus its data and its targets are there again, and nobody is told that the exporter is down."""
    before = running.value(f'min_over_time(up{{job="{EXPORTER_JOB}"}}[10m])')
    running.compose("restart", "prometheus")
    until(lambda: running.value(f'up{{job="{EXPORTER_JOB}"}}') == 1)
    assert before is not None
    assert running.value(f'count_over_time(up{{job="{EXPORTER_JOB}"}}[10m])') > 10
    assert _alerts(running, alertname=AlertName.EXPORTER_DOWN) == []


def test_longterm(running):
    """The profile `longterm` adds VictoriaMetrics, and Prometheus writes there from then on."""
    running.compose("--profile", "longterm", "up", "--detach", "--no-recreate", "longterm", "victoria-metrics")
    until(lambda: running.get("LONGTERM_PORT", "/api/v1/query", query=f'up{{job="{EXPORTER_JOB}"}}')["data"]["result"])


@pytest.mark.usefixtures("image")
def test_missing_secret():
    """A secret's file that is not there is one message that names setting and file, before anything else starts."""
    missing = "/etc/steadyline/secrets/slack"
    with stack("steadyline-secret", STEADYLINE_NOTIFY_SLACK_URL_FILE=missing) as found:
        done = found.compose("up", "--detach", check=False)
        assert done.returncode != 0
        said = found.compose("logs", "--no-log-prefix", "init").stdout
        assert "notify.slack.url_file" in said
        assert missing in said
        assert "Traceback" not in said
        states = {name: one[0]["State"] for name, one in found.services().items() if name not in ("init", "mailpit")}
        assert "running" not in states.values(), states


@pytest.mark.usefixtures("image")
def test_nothing_is_left():
    """`down --volumes` leaves no container, volume or network."""
    with stack("steadyline-gone") as found:
        found.compose("up", "--detach", "receiver", "alertmanager")
        assert all(found.left().values())
        found.compose("down", "--volumes")
        assert found.left() == {"containers": [], "volumes": [], "networks": []}
