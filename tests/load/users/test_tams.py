"""Users of a TAMS."""

import time

import pytest
from tams_system import COUNTED, tams_servers


@pytest.fixture(scope="module")
def servers():
    """A TAMS API, its tables and its object store."""
    with tams_servers() as found:
        yield found


@pytest.fixture
def tams(load, servers):
    """`tams(*options, …)` starts a load of its users."""
    servers.empty()
    settings = {"STEADYLINE_TAMS_URL": servers.url, "STEADYLINE_TAMS_ALLOW_WRITES": "true"}
    yield lambda *options, **facts: load("TamsUser", *options, **{**settings, **facts})
    servers.front.requests = None


def _left(servers):
    with servers.tables.transaction() as tx:
        return {name: len(tx.select(name)) for name in COUNTED} | {"media": len(servers.stored())}


def _until_asked(servers, times, such):
    """Until more requests of a kind have come, for at most half of a long run."""
    for _ in range(300):
        if sum(such(method, path) for method, path, _ in servers.front.requests) > times:
            return
        time.sleep(0.1)


NOTHING = {"flows": 0, "sources": 0, "segments": 0, "media": 0}


def test_what_users_do(tams, servers):
    """Users browse, list, play and record: all verified, on one flow that is only read; nothing of it stays."""
    servers.front.requests = []
    ended = tams("-u", "8", seconds=5).wait()
    assert not ended.failures
    assert {"tams.flow_browse", "tams.segments_list", "tams.object_get"} <= ended.series.keys()
    assert {one["target"] for one in ended.series.values()} == {"tams-main"}
    assert _left(servers) == NOTHING


def test_one_fixture_for_all(tams, servers):
    """However many users list, the flow that they list is made once."""
    servers.front.requests = []
    started = tams("-u", "20", "--operation", "tams.segments_list", seconds=60)
    _until_asked(servers, 60, lambda method, path: method == "GET" and "/segments" in path)
    ended = started.stop()
    assert ended.series["tams.segments_list"]["successes"] > 0
    assert [method for method, path, _ in servers.front.requests if path.startswith("/flows/")].count("PUT") == 1
    assert _left(servers) == NOTHING


def test_ingest_is_a_transaction(tams):
    """A whole ingest is one transaction over its requests, counted under a name of its own too; only the latest are kept."""
    ended = tams("-u", "4", "--operation", "tams.ingest", seconds=4).wait()
    flow = ended.series["tams.ingest_flow"]
    assert ended.series.keys() == {"tams.ingest", "tams.ingest_flow"}
    assert flow["successes"] > 0
    (row,) = [row for row in ended.told["transactions"] if row[1] == "tams.ingest_flow"]
    assert int(row[2]) == flow["started"]


def test_killed_in_the_middle(tams, servers):
    """Users that are killed while they record leave nothing."""
    servers.front.requests = []
    started = tams("-u", "20", "--operation", "tams.ingest", "--operation", "tams.flow_put", seconds=60)
    _until_asked(servers, 20, lambda method, _: method == "PUT")
    ended = started.stop()
    assert not ended.failures
    assert ended.series["tams.ingest"]["started"] > 0
    assert _left(servers) == NOTHING


def test_read_only(tams):
    """A target that is read-only is browsed."""
    ended = tams("-u", "10", STEADYLINE_TAMS_ALLOW_WRITES="false").wait()
    assert ended.series.keys() == {"tams.flow_browse", "tams.source_browse", "tams.service_read"}
    assert not ended.failures
    assert "is read-only" in ended.log


def test_host_is_not_theirs(tams):
    """`--host` is for TraceUser; these users ask what the settings say."""
    ended = tams("-u", "2", "--host", "http://nowhere.invalid", "--operation", "tams.flow_browse").wait()
    assert not ended.failures
    assert ended.series["tams.flow_browse"]["target"] == "tams-main"
