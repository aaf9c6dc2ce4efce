"""What the publisher is told of the settings."""

from pathlib import Path

import pytest
from web_config import HASH, write

from load.publisher.facts import HOLD_SCRAPES, Facts
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE
from steadyline.settings import Ports, Settings
from steadyline.web_client import WebClient


@pytest.mark.parametrize(
    ("said", "grafana"),
    [
        ({}, None),
        ({"grafana_url": "https://grafana.test/x/"}, "https://grafana.test/x"),
        ({"grafana_token_file": Path("token")}, "http://127.0.0.1:3000"),
    ],
    ids=["not configured", "another one", "the stack's own"],
)
def test_grafana_is_asked_where_somebody_configured_it(said, grafana):
    """An address or a token says so; a Grafana that nobody spoke of is not looked for."""
    facts = Facts.of(Settings(**said))
    assert facts.grafana == grafana
    assert facts.grafana_token_file == (str(Path.cwd() / "token") if "grafana_token_file" in said else None)


def test_the_stacks_own_and_others():
    """Prometheus and Alertmanager are the stack's own unless the settings name others."""
    facts = Facts.of(Settings(ports=Ports(prometheus=1, alertmanager=2)))
    assert (facts.prometheus, facts.alertmanager) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    facts = Facts.of(Settings(prometheus_url="https://p.test/", alertmanager_url="https://a.test/"))
    assert (facts.prometheus, facts.alertmanager) == ("https://p.test", "https://a.test")


def test_the_port_of_this_run_comes_first():
    """A run may have another port than the settings', 0 for any that is free."""
    settings = Settings(ports=Ports(load=19646))
    assert [Facts.of(settings, port).port for port in (None, 7, 0)] == [19646, 7, 0]


def test_three_scrapes_are_waited_for():
    """The bound of the wait follows from the live default."""
    assert Facts.of(Settings()).hold_seconds == HOLD_SCRAPES * LIVE.scrape_seconds


def test_a_frame_carries_them():
    """What is sent makes the same facts."""
    facts = Facts.of(Settings(grafana_url="http://g.test")).at(5)
    assert Facts(**facts.document()) == facts
    assert facts.url == "http://127.0.0.1:5"


def test_who_may_ask(tmp_path):
    """The page is behind the settings' web config, and is asked as web_client says."""
    password = tmp_path / "password"
    password.write_text("correct horse\n")
    file = write(tmp_path, {"basic_auth_users": {"prometheus": HASH}})
    client = WebClient(username="prometheus", password_file=password)
    facts = Facts.of(Settings(web_config_file=file, web_client=client))
    again = Facts(**facts.document())
    assert again.asking() == {"trust_env": False, "auth": ("prometheus", "correct horse")}
    assert again.exposure.held.current().config.is_authenticating
    assert "correct horse" not in str(facts.document())


def test_strangers():
    """Beyond this host nobody is let in unasked."""
    with pytest.raises(ConfigurationError, match="whoever reaches it would be answered"):
        _ = Facts.of(Settings(listen_address="0.0.0.0")).exposure
