"""Prometheus' configuration: targets of the user's own, where samples are sent, and what a real Prometheus makes of it."""

import shutil
import subprocess

import pytest
import tenacity
import yaml

from deploy import prometheus_config
from deploy.native import configuration
from steadyline.errors import ConfigurationError
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings, load

URL = {"STEADYLINE_REMOTE_WRITE_URL": "http://storage.example/api/v1/push"}


def _until(true):
    waiting = tenacity.Retrying(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.1), reraise=True)
    for attempt in waiting:
        with attempt:
            assert true()


def _settings(tmp_path, said):
    return load({"STEADYLINE_STATE_DIR": str(tmp_path), **said})


def test_nothing_is_sent_anywhere_by_default(tmp_path):
    """Without a URL there is no remote write."""
    assert "remote_write" not in prometheus_config.document(_settings(tmp_path, {}))


def test_secrets_stay_in_their_files(tmp_path):
    """The block names the file with the password, and the tenant's header; the password is nowhere."""
    (tmp_path / "password").write_text("hunter2\n")
    said = {
        "STEADYLINE_REMOTE_WRITE_USERNAME": "me",
        "STEADYLINE_REMOTE_WRITE_PASSWORD_FILE": str(tmp_path / "password"),
        "STEADYLINE_REMOTE_WRITE_HEADERS": "X-Scope-OrgID: team; X-Other: 1",
    }
    text = prometheus_config.render(_settings(tmp_path, URL | said))
    (block,) = yaml.safe_load(text)["remote_write"]
    assert block["basic_auth"] == {"username": "me", "password_file": str(tmp_path / "password")}
    assert block["headers"] == {"X-Scope-OrgID": "team", "X-Other": "1"}
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        pytest.param({"USERNAME": "me", "PASSWORD_FILE": "p"}, "of no use without url", id="no url"),
        pytest.param({"URL": "http://s", "USERNAME": "me"}, "username and password_file go together", id="no password"),
        pytest.param({"URL": "http://s", "PASSWORD_FILE": "p"}, "username and password_file go together", id="no user"),
        pytest.param(
            {"URL": "http://s", "USERNAME": "me", "PASSWORD_FILE": "p", "CREDENTIALS_FILE": "c"}, "keep one", id="two ways"
        ),
        pytest.param({"URL": "http://me:hunter2@s"}, "say username and password_file instead", id="secret in the url"),
        pytest.param({"URL": "http://s", "HEADERS": "Authorization: hunter2"}, "headers: Authorization", id="in a header"),
        pytest.param({"URL": "http://s", "HEADERS": "X-Scope-OrgID"}, "write them as Name: value", id="no value"),
    ],
)
def test_what_is_half_said_is_refused(tmp_path, said, fault):
    """Each fault is told, and no secret with it."""
    with pytest.raises(ConfigurationError, match=fault) as caught:
        _settings(tmp_path, {f"STEADYLINE_REMOTE_WRITE_{key}": value for key, value in said.items()})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("text", "fault"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_secret_that_is_not_there_is_told(tmp_path, text, fault):
    """Prometheus would tell of it in its log alone: the file and its setting are named before it starts."""
    file = tmp_path / "token"
    if text is not None:
        file.write_text(text)
    settings = _settings(tmp_path, URL | {"STEADYLINE_REMOTE_WRITE_CREDENTIALS_FILE": str(file)})
    with pytest.raises(ConfigurationError, match=rf"remote_write.credentials_file: {file}: {fault}"):
        prometheus_config.document(settings)


def test_promtool_takes_all_of_it(tmp_path):
    """Remote write with all that can be said of it, in a folder whose name holds a pattern."""
    promtool = shutil.which("promtool") or pytest.skip("promtool is not on PATH")
    (tmp_path / "token").write_text("hunter2")
    said = {
        "STEADYLINE_REMOTE_WRITE_CREDENTIALS_FILE": str(tmp_path / "token"),
        "STEADYLINE_REMOTE_WRITE_HEADERS": "X-Scope-OrgID: team",
    }
    (tmp_path / "prometheus.yml").write_text(prometheus_config.render(_settings(tmp_path / "a [b]", URL | said)))
    done = subprocess.run(
        [promtool, "check", "config", "--syntax-only", tmp_path / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_each_broken_rule_file_is_named(tmp_path):
    """All of the user's own that Prometheus would refuse are told at once, and what is whole is not."""
    tools = {tool: shutil.which(tool) for tool in ("promtool", "amtool")}
    if not all(tools.values()):
        pytest.skip("promtool and amtool are not on PATH")
    rules = tmp_path / "mine"
    rules.mkdir()
    (rules / "whole.yml").write_text('groups: [{name: mine, rules: [{record: "mine:up", expr: up}]}]')
    (rules / "broken.yml").write_text('groups: [{name: mine, rules: [{record: "mine:up", expr: "up("}]}]')
    (rules / "no.yml").write_text("groups: [")
    settings = _settings(tmp_path / "state", {"STEADYLINE_RULES_DIR": str(rules)})
    with pytest.raises(ConfigurationError) as caught:
        configuration.write(settings, (), tools)
    assert [fault.partition(": refused by promtool")[0] for fault in caught.value.faults] == [
        str(rules / "broken.yml"),
        str(rules / "no.yml"),
    ]


@pytest.mark.stack
def test_targets_of_ones_own_come_and_go(tmp_path, start_prometheus, free_port):
    """A file dropped in while Prometheus runs is scraped, under the job and interval that it says; taken away, it goes."""
    settings = Settings(state_dir=tmp_path / "a [b]", scrape_dir=tmp_path / "own [c]")
    folder = prometheus_config.own_targets(settings)
    folder.mkdir()
    document = prometheus_config.document(settings)
    document["scrape_configs"] = document["scrape_configs"][-1:]
    del document["alerting"]
    port = free_port()
    prometheus = Prometheus(start_prometheus(config=yaml.safe_dump(document), port=port))
    _until(lambda: prometheus.query("vector(1)"))
    assert prometheus.query("up") == []
    labels = {"job": "mine", "__metrics_path__": "/metrics", "__scrape_interval__": "1s", "__scrape_timeout__": "1s"}
    group = [{"targets": [f"127.0.0.1:{port}"], "labels": labels}]
    for name in ("mine.yml", "mine.yaml", "mine.json"):
        (folder / "draft").write_text(yaml.safe_dump(group, default_flow_style=True, default_style='"', width=1_000_000))
        (folder / "draft").rename(folder / name)
        _until(lambda: [sample.value for sample in prometheus.query('up{job="mine"}')] == [1.0])
        _until(lambda: prometheus.query('count_over_time(up{job="mine"}[4s]) >= 3'))
        (folder / name).unlink()
        _until(lambda: prometheus.query("up") == [])
