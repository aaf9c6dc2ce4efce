"""Which data source pushed boards get."""

from pathlib import Path

import pytest
import yaml
from grafana_server import grafana

import deploy
from dashboards import frontend
from dashboards import source as sources
from dashboards.change import Change
from dashboards.source import Wish
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana

OURS = "http://127.0.0.1:9090"
PROVISIONED = Path(deploy.__file__).parent / "grafana" / "provisioning" / "datasources" / "steadyline.yml"


def _found(server, named=None, prometheus=OURS, *, is_said=False, token=None):
    """The source, made where it was not there."""
    client = Grafana(server.url, token)
    source = sources.find(client, Wish(named, prometheus, is_said=is_said), frontend.read(client).sources)
    sources.make(client, source)
    return source


def test_the_named_one_is_taken_by_uid_and_by_name():
    """Before any other, whatever its URL."""
    with grafana() as server:
        server.add_source("steadyline", "Steadyline", url=OURS)
        server.add_source("p1", "Mimir", url="http://mimir.test")
        for named in ("p1", "Mimir"):
            assert (_found(server, named).uid, _found(server, named).name) == ("p1", "Mimir")
        assert server.changes == []


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("gone", "--datasource gone: Grafana has none of that name or uid; there: Mimir (p1)"),
        ("Loki", "--datasource Loki: it is of the type loki; the boards ask a prometheus"),
    ],
)
def test_a_name_that_does_not_fit_is_told(named, said):
    """With those that would."""
    with grafana() as server:
        server.add_source("p1", "Mimir")
        server.add_source("l1", "Loki", type="loki")
        with pytest.raises(ConfigurationError) as raised:
            _found(server, named)
    assert str(raised.value) == said


OTHER = {"url": "http://other.test"}
HAVING = {
    "made for these boards": ([("a", OTHER | {"isDefault": True}), ("b", {"url": OURS}), ("steadyline", OTHER)], "steadyline"),
    "our URL": ([("a", OTHER | {"isDefault": True}), ("b", {"url": f"{OURS}/"})], "b"),
    "the only one": ([("a", OTHER), ("l", OTHER | {"type": "loki", "isDefault": True})], "a"),
    "the default": ([("a", OTHER), ("b", OTHER | {"isDefault": True})], "b"),
}


@pytest.mark.parametrize(("there", "uid"), HAVING.values(), ids=HAVING)
def test_one_that_fits_is_found(there, uid):
    """Nothing is changed for it."""
    with grafana() as server:
        for one, facts in there:
            server.add_source(one, f"name of {one}", **facts)
        source = _found(server)
        assert server.changes == []
    assert (source.uid, source.name, source.done.change) == (uid, f"name of {uid}", Change.FOUND)


@pytest.mark.parametrize(
    "there", [[], [("a", OTHER), ("b", OTHER)], [("l", OTHER | {"type": "loki"})]], ids=["none", "two", "loki"]
)
def test_one_is_made_as_the_provisioned_one_is(there):
    """Where there is none, or no way to choose."""
    with grafana() as server:
        for one, facts in there:
            server.add_source(one, one, **facts)
        assert _found(server).done.change is Change.CREATED
        made = server.sources["steadyline"]
    (provisioned,) = yaml.safe_load(PROVISIONED.read_text(encoding="utf-8"))["datasources"]
    asked = {key: value for key, value in provisioned.items() if key not in ("editable", "url")} | {"url": OURS}
    assert {key: made[key] for key in asked} == asked


def test_a_url_that_was_said_is_the_one_that_is_asked():
    """One that has it, else ours is changed to it, else one is made; the only other one is not taken."""
    with grafana() as server:
        server.add_source("a", "A", url="http://other.test")
        assert _found(server, prometheus="http://prom.test", is_said=True).done.change is Change.CREATED
        server.sources["steadyline"]["jsonData"]["own"] = 1
        assert _found(server, prometheus="http://prom2.test/", is_said=True).done.change is Change.UPDATED
        assert server.sources["steadyline"]["url"] == "http://prom2.test"
        assert server.sources["steadyline"]["jsonData"]["own"] == 1
        assert _found(server, prometheus="http://other.test", is_said=True).uid == "a"
        assert _found(server, prometheus="http://prom2.test", is_said=True).done.change is Change.FOUND


def test_a_provisioned_one_is_not_changed():
    """Its file is named as the place for it."""
    with grafana() as server:
        server.add_source("steadyline", "Steadyline", url="http://old.test", readOnly=True)
        with pytest.raises(ConfigurationError, match=r"provisioned from a file, for http://old\.test: change that file$"):
            _found(server, prometheus="http://prom.test", is_said=True)
        assert server.changes == []


def test_who_asks_prometheus_is_kept_apart_and_told_to_nobody():
    """Not in the URL that everybody sees in Grafana, and not in what is printed."""
    with grafana() as server:
        source = _found(server, prometheus="http://me:p%40ss@127.0.0.1:9090")
        made = server.sources["steadyline"]
    assert (made["url"], made["basicAuth"], made["basicAuthUser"]) == (OURS, True, "me")
    assert made["secureJsonFields"] == {"basicAuthPassword": True}
    assert source.sent["secureJsonData"] == {"basicAuthPassword": "p@ss"}
    assert "p@ss" not in source.done.note


def test_a_name_that_is_taken_is_told():
    """Somebody's own is called so, and asks no Prometheus."""
    with grafana() as server:
        server.add_source("l", "Steadyline", type="loki")
        with pytest.raises(
            ConfigurationError, match=r"Client Error 409: .* name already exists; or write --datasource for one that is"
        ):
            _found(server)


EDITOR = {"roles": {"Bearer glsa_1": "Editor"}}


@pytest.mark.parametrize(
    ("there", "named", "uid"),
    [
        ([("a", OTHER), ("steadyline", OTHER)], None, "steadyline"),
        ([("a", OTHER)], None, "a"),
        ([("a", OTHER), ("b", OTHER | {"isDefault": True})], None, "b"),
        ([("a", OTHER), ("b", OTHER | {"isDefault": True})], "name of a", "a"),
    ],
    ids=["made for these boards", "the only one", "the default", "named"],
)
def test_an_editor_finds_one_by_all_but_its_url(there, named, uid):
    """URLs are shown to an Admin alone."""
    with grafana(**EDITOR) as server:
        for one, facts in there:
            server.add_source(one, f"name of {one}", **facts)
        assert _found(server, named, token="glsa_1").uid == uid


def test_an_editor_is_told_the_right_to_make_one():
    """And what helps without it."""
    said = r"who asks needs the right datasources:create \(role Admin\); or write --datasource for one that is there$"
    with grafana(**EDITOR) as server, pytest.raises(ConfigurationError, match=said):
        _found(server, token="glsa_1")


def test_an_editor_is_told_the_right_to_see_a_url():
    """One that was said is not passed over."""
    said = r"who asks needs the right datasources:read \(role Admin\)$"
    with grafana(**EDITOR) as server:
        server.add_source("steadyline", "Steadyline", url=OURS)
        with pytest.raises(ConfigurationError, match=said):
            _found(server, is_said=True, token="glsa_1")


def test_our_own_loopback_is_not_given_to_a_grafana_elsewhere(monkeypatch):
    """There it would be another machine's; a URL that was said is."""
    monkeypatch.setenv("NO_PROXY", "*")
    with grafana() as server:
        there = Grafana(f"http://127.1:{server.server_port}")  # an address of this machine that does not look like one
        with pytest.raises(
            ConfigurationError, match=r"cannot reach http://127\.0\.0\.1:9090, which is on this machine: write --pr"
        ):
            sources.find(there, Wish(None, OURS))
        assert sources.find(there, Wish(None, OURS, is_said=True)).done.change is Change.CREATED
