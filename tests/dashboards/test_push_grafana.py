"""Pushes into the stand-in of the other tests, and into a real Grafana where one is named: both answer alike."""

import os
import uuid
from pathlib import Path

import pytest
from grafana_server import grafana

from dashboards.change import Change
from dashboards.push import push
from dashboards.shipped import shipped
from dashboards.source import UID, Wish
from steadyline.boards import TAG
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana, RefusedError
from steadyline.secret_file import first_line

URL = os.environ.get("GRAFANA_URL", "")
TOKEN_FILE = os.environ.get("GRAFANA_TOKEN_FILE")
WISH = Wish(None, os.environ.get("GRAFANA_PROMETHEUS_URL", "http://127.0.0.1:9090"))
UNNAMED = pytest.mark.skipif(not URL, reason="GRAFANA_URL names no Grafana (with GRAFANA_TOKEN_FILE, or a user in the URL)")


def _real():
    return Grafana(URL, first_line(Path(TOKEN_FILE), "GRAFANA_TOKEN_FILE", "the token") if TOKEN_FILE else None)


@pytest.fixture(params=["stand-in", pytest.param("real", marks=UNNAMED)])
def place(request):
    """A Grafana, and a folder's title of this test's own; the folder and a source that was made are gone afterwards."""
    with grafana(login="Bearer glsa_1") as server:
        there = _real() if request.param == "real" else Grafana(server.url, "glsa_1")
        title = f"Steadyline test {uuid.uuid4().hex[:8]}"
        sources = {one["uid"] for one in there.api.datasource.list_datasources()}
        yield there, title
        for row in there.api.search.search_dashboards(type_="dash-folder"):
            if row["title"] == title:
                there.api.folder.delete_folder(row["uid"])
        if UID not in sources and any(one["uid"] == UID for one in there.api.datasource.list_datasources()):
            there.api.datasource.delete_datasource_by_uid(UID)


@pytest.fixture
def boards():
    """The shipped boards under uids and titles of this test's own, so that those of the Grafana's users stay."""
    mark = uuid.uuid4().hex[:6]
    found = {}
    for board in shipped().values():
        uid = f"{TAG}-{mark}-{len(found)}"
        found[uid] = board | {"uid": uid, "title": f"{board['title']} {mark}"}
    return found


def _changes(place, boards):
    there, title = place
    return {done.what: done.change for done in push(there, boards, title, WISH)}


def test_created_unchanged_updated_removed(place, boards):
    """All four, in that order, and each only where it is due."""
    titles = [board["title"] for board in boards.values()]
    first = _changes(place, boards)
    assert {first[title] for title in titles} == {Change.CREATED}
    again = _changes(place, boards)
    assert {again[title] for title in titles} == {Change.UNCHANGED}
    changed, *_ = boards.values()
    changed["refresh"] = "1m"
    boards.popitem()
    last = _changes(place, boards)
    assert [last[title] for title in titles] == [Change.UPDATED, *[Change.UNCHANGED] * (len(titles) - 2), Change.REMOVED]
    again = _changes(place, boards)
    assert titles[-1] not in again
    assert {again[title] for title in titles[:-1]} == {Change.UNCHANGED}


def test_who_saved_meanwhile_is_not_overwritten(place, boards):
    """Grafana itself refuses the version that was read before."""
    there, title = place
    _changes(place, boards)
    for board in boards.values():
        board["refresh"] = "1m"
    pushing = push(there, boards, title, WISH)
    next(pushing)
    (uid, *_) = boards
    held = there.api.dashboard.get_dashboard(uid)
    saved = {"dashboard": {**held["dashboard"], "refresh": "5m"}, "folderUid": held["meta"]["folderUid"]}
    there.api.dashboard.update_dashboard(saved)
    with pytest.raises(ConfigurationError, match=r"push once more$"):
        list(pushing)


def test_a_token_that_nobody_knows_is_refused(place):
    """With what to do about it."""
    there, title = place
    with pytest.raises((ConfigurationError, RefusedError), match=r"give the service account a new token"):
        list(push(Grafana(there.url, "glsa_nobody"), shipped(), title, WISH))
