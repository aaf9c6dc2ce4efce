"""Secrets' files: looked at before anything is written, all faults at once, none with a secret in it."""

import pytest

from alerts.rules.alertmanager import configuration
from steadyline.errors import ConfigurationError
from steadyline.notify import Notify
from steadyline.settings import Settings, load


def test_every_missing_file_is_told_at_once(tmp_path, everybody):
    """Each with its key, its path and what to do."""
    notify = everybody(tmp_path, "http://127.0.0.1:1", "127.0.0.1:25")
    for path in tmp_path.glob("*.secret"):
        path.unlink()
    with pytest.raises(ConfigurationError) as caught:
        configuration(Settings(notify=notify))
    keys = [fault.partition(": ")[0] for fault in caught.value.faults]
    assert keys == [
        "notify.webhook_credentials_file",
        "notify.email.password_file",
        "notify.slack.url_file",
        "notify.pagerduty.routing_key_file",
    ]
    for fault in caught.value.faults:
        assert f": {tmp_path}/" in fault
        assert "No such file or directory; put the " in fault
        assert fault.endswith("into it, or take the key out")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("slack", "", "empty; put the incoming webhook's URL into it"),
        ("slack", "canary", "not the incoming webhook's URL: write http"),
        ("pagerduty", "canary\nsecond\n", "several lines"),
        ("mail", "canary\n", "a newline around it"),
    ],
)
def test_an_unusable_secret_is_refused_and_not_shown(tmp_path, everybody, name, content, why):
    """The message says why, and never what the file holds."""
    notify = everybody(tmp_path, "http://127.0.0.1:1", "127.0.0.1:25")
    (tmp_path / f"{name}.secret").write_text(content)
    with pytest.raises(ConfigurationError, match=why) as caught:
        configuration(Settings(notify=notify))
    assert "canary" not in str(caught.value)


HALF_SAID = {
    "to alone": ({"EMAIL_TO": "a@b.example"}, ["EMAIL_*: smarthost is missing", "from is missing"]),
    "no to": ({"EMAIL_SMARTHOST": "h:25"}, ["EMAIL_*: to is missing"]),
    "no password": (
        {"EMAIL_TO": "a@b.example", "EMAIL_FROM": "c@d.example", "EMAIL_SMARTHOST": "h:25", "EMAIL_USERNAME": "u"},
        ["EMAIL_*: password_file is missing"],
    ),
    "no port": ({"EMAIL_SMARTHOST": "h"}, ["EMAIL_SMARTHOST: write host:port"]),
    "no address": ({"EMAIL_FROM": "nobody"}, ["EMAIL_FROM: write a mail address"]),
    "channel alone": ({"SLACK_CHANNEL": "#x"}, ["SLACK_*: url_file is missing"]),
    "url alone": ({"PAGERDUTY_URL": "http://h"}, ["PAGERDUTY_*: routing_key_file is missing"]),
}


@pytest.mark.parametrize(("said", "words"), HALF_SAID.values(), ids=HALF_SAID)
def test_what_is_said_by_half_is_refused(tmp_path, monkeypatch, said, words):
    """The message names the variables' common part and what is missing."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load({f"STEADYLINE_NOTIFY_{name}": value for name, value in said.items()})
    for word in words:
        assert word in str(caught.value)


def test_all_half_said_receivers_are_told_at_once(tmp_path, monkeypatch):
    """Two kinds, two faults."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load({"STEADYLINE_NOTIFY_EMAIL_TO": "a@b.example", "STEADYLINE_NOTIFY_SLACK_CHANNEL": "#x"})
    assert len(caught.value.faults) == 2


def test_only_what_is_critical_goes_to_who_is_on_call(tmp_path, everybody):
    """Its route goes on, so that everybody else is told too; without PagerDuty there is none."""
    made = configuration(Settings(notify=everybody(tmp_path, "http://127.0.0.1:1", "127.0.0.1:25")))
    routes = [(one["receiver"], one.get("continue", False)) for one in made["route"]["routes"]]
    assert routes == [("heartbeat", False), ("on-call", True), ("notifications", False), ("notifications", False)]
    assert made["route"]["routes"][1]["matchers"] == ['severity="critical"']
    assert "on-call" not in str(configuration(Settings(notify=Notify())))
