"""Alertmanager's configuration: accepted by amtool, routed as meant, and muting in a real Alertmanager."""

import contextlib
import os
import subprocess
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import tenacity
import yaml

from alerts.rules.alertmanager import configuration
from alerts.rules.generate import as_yaml
from deploy.native import configuration as native
from deploy.native.machine import Machine
from deploy.native.programs import survey
from steadyline.errors import ConfigurationError
from steadyline.notify import Notify
from steadyline.settings import Ports, Settings
from steadyline.vocabulary import AlertName

OPERATION = {"operation": "sql.item_create", "backend": "sql", "target": "main", "driver": "probe"}
OTHER = {**OPERATION, "operation": "sql.item_read"}


@pytest.fixture
def write_configuration(tmp_path):
    """`write_configuration(settings)` writes it and answers its path."""

    def write(settings):
        path = tmp_path / "alertmanager.yml"
        path.write_text(as_yaml(configuration(settings)))
        return path

    return write


def _amtool(*arguments):
    command = ["amtool", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("own", [False, True], ids=["local receiver alone", "with an own webhook"])
def test_amtool_accepts_it(write_configuration, tmp_path, own):
    """What is written is a valid configuration, with and without a webhook of the user's own."""
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    notify = Notify(webhook_url="https://hooks.test/x", webhook_credentials_file=secret) if own else Notify()
    path = write_configuration(Settings(notify=notify))
    done = _amtool("check-config", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "s3cret" not in path.read_text()


def test_urls_in_files_need_a_newer_alertmanager(tmp_path):
    """One that knows `url_file` takes it; for an older one the way out is said, and no secret."""
    secret = tmp_path / "url"
    secret.write_text("https://hooks.test/s3cret\n")
    tools = survey(Machine.of(os.environ)).good
    found = Settings(state_dir=tmp_path / "state", notify=Notify(webhook_url_file=secret, heartbeat_url_file=secret))
    is_new = (tools["amtool"].version or (0,)) >= (0, 26)
    remedy = r"webhook_url_file, notify.heartbeat_url_file: .* from 0.26 on; put a newer one first on PATH, or say webhook_url"
    with contextlib.nullcontext() if is_new else pytest.raises(ConfigurationError, match=remedy) as refused:
        native.write(found, (), {name: one.path for name, one in tools.items()})
    assert "s3cret" not in str(refused)
    assert "s3cret" not in found.state.alertmanager_config.read_text()


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ((f"alertname={AlertName.REGRESSION}", "severity=critical"), "notifications"),
        ((f"alertname={AlertName.REGRESSION}", "severity=warning"), "notifications"),
        ((f"alertname={AlertName.BASELINES_STALE}", "severity=info"), "notifications"),
        ((f"alertname={AlertName.WATCHDOG}", "severity=none"), "heartbeat"),
        (("alertname=SomebodyElses",), "notifications"),
    ],
)
def test_amtool_routes_it(write_configuration, labels, receiver):
    """The heartbeat goes its own way; everything else is told, an alert without a severity too."""
    done = _amtool("config", "routes", "test", f"--config.file={write_configuration(Settings())}", *labels)
    assert done.stdout.split() == [receiver], done.stderr


def test_waits_are_those_of_the_table():
    """Critical after 5 s and each 10 s, milder after 60 s and each 60 s, repeated after 4 h."""
    routes = configuration(Settings())["route"]["routes"]
    waits = [(r["group_wait"], r["group_interval"], r["repeat_interval"]) for r in routes]
    assert waits == [("0s", "10s", "60s"), ("5s", "10s", "14400s"), ("60s", "60s", "14400s")]


def test_groups_are_kept_apart():
    """One operation's alert never waits in another's group, nor a critical one in a warning's."""
    assert configuration(Settings())["route"]["group_by"] == ["alertname", "severity", "operation", "target", "driver"]


def test_the_receiver_listens_where_the_settings_say():
    """The local receiver's port is the one of the settings."""
    receivers = configuration(Settings(ports=Ports(receiver=18025)))["receivers"]
    urls = [webhook["url"] for receiver in receivers for webhook in receiver["webhook_configs"]]
    assert urls == ["http://127.0.0.1:18025/alerts", "http://127.0.0.1:18025/watchdog"]


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"", "empty"), (b"\xff", "not text")], ids=str
)
def test_an_unusable_credentials_file_is_refused(tmp_path, content, why):
    """The message names the key and the file, and says what to do."""
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=f"notify.webhook_credentials_file: {path}: {why}.*token into it"):
        configuration(Settings(notify=Notify(webhook_url="https://hooks.test/x", webhook_credentials_file=path)))


@pytest.fixture(scope="module")
def alertmanager(start_alertmanager, free_port):
    """A real Alertmanager with the configuration; answers its base URL."""
    return start_alertmanager(as_yaml(configuration(Settings(ports=Ports(receiver=free_port())))))


def _alert(name, severity, operation):
    return {"alertname": name, "severity": severity, **operation}


@pytest.mark.stack
@pytest.mark.parametrize(
    ("worse", "milder", "muted"),
    [
        (("SteadylineRegression", "critical", OPERATION), ("SteadylineRegression", "warning", OPERATION), True),
        (("SteadylineRegression", "critical", OPERATION), ("SteadylineRegression", "info", OPERATION), True),
        (("SteadylineRegression", "warning", OPERATION), ("SteadylineRegression", "info", OPERATION), True),
        (("SteadylineRegression", "critical", OPERATION), ("SteadylineRegression", "warning", OTHER), False),
        (("SteadylineRegression", "warning", OPERATION), ("SteadylineRegression", "critical", OPERATION), False),
        (("SteadylineFailing", "critical", OPERATION), ("SteadylineNoData", "warning", OPERATION), True),
        (("SteadylineFailing", "critical", OPERATION), ("SteadylineNoData", "warning", OTHER), False),
        (("SteadylineFailing", "critical", OPERATION), ("SteadylineRegression", "critical", OPERATION), False),
        (("SteadylineExporterDown", "critical", {}), ("SteadylineNoData", "warning", OPERATION), True),
        (("SteadylineExporterDown", "critical", {}), ("SteadylineRegression", "warning", OPERATION), False),
        (("SteadylineExporterDown", "critical", {}), ("SteadylineBaselinesStale", "info", {}), False),
    ],
    ids=lambda value: "-".join(map(str, value[:2])).replace("Steadyline", "") if isinstance(value, tuple) else None,
)
def test_what_mutes_what(alertmanager, request, worse, milder, muted):
    """A milder alert is muted by a worse one on the same operation and target only; no data by failing and exporter down."""
    # Each case has a target of its own, so that none mutes another's; the exporter's alert ends with its case.
    unique = {"target": f"case-{abs(hash(request.node.name))}"}
    source, target = (
        _alert(name, severity, {**labels, **(unique if labels else {})}) for name, severity, labels in (worse, milder)
    )
    now = datetime.now(UTC)
    begun = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=5)).isoformat()}
    ended = {"startsAt": (now - timedelta(minutes=1)).isoformat(), "endsAt": now.isoformat()}

    def post(times, *labels):
        body = [{"labels": one, **times} for one in labels]
        assert httpx.post(f"{alertmanager}/api/v2/alerts", json=body, trust_env=False).is_success

    post(begun, source, target)
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(20), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            alerts = httpx.get(f"{alertmanager}/api/v2/alerts", trust_env=False).json()
            found = [one for one in alerts if one["labels"] == target]
            assert [bool(one["status"]["inhibitedBy"]) for one in found] == [muted]
    post(ended, source, target)


def test_the_file_is_yaml_that_reads_back(write_configuration):
    """Nothing is lost on the way into the file."""
    assert yaml.safe_load(write_configuration(Settings()).read_text()) == configuration(Settings())
