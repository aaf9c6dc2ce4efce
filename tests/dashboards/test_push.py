"""Boards into a Grafana: what is created, updated, left alone, removed and refused."""

import copy

import pytest
from grafana_server import grafana

from dashboards.change import Change
from dashboards.push import push
from dashboards.shipped import GENERATED, shipped
from dashboards.source import Wish
from steadyline.boards import GENERATED as GENERATED_TAG
from steadyline.boards import TAG
from steadyline.errors import ConfigurationError
from steadyline.grafana import Grafana

WISH = Wish(None, "http://127.0.0.1:9090")
TAGS = (TAG, GENERATED_TAG)
VARIABLE = {"name": "datasource", "type": "datasource", "query": "prometheus"}
BOARDS = {
    uid: {"uid": uid, "title": title, "tags": list(TAGS), "templating": {"list": [VARIABLE]}, "panels": []}
    for uid, title in (("steadyline-one", "Steadyline: One"), ("steadyline-two", "Steadyline: Two"))
}
TITLES = [board["title"] for board in BOARDS.values()]


def _push(server, boards=BOARDS, folder="Steadyline", wish=WISH, token=None, **facts):
    """Each thing's change by its name, and the notes of those that have one."""
    found = list(push(Grafana(server.url, token), boards, folder, wish, **facts))
    return {done.what: done.change for done in found}, {done.what: done.note for done in found if done.note}


def _folder_of(server, uid):
    return server.folders[server.boards[uid]["folder"]]["title"]


def test_an_empty_grafana_gets_the_folder_the_source_and_every_shipped_board():
    """All that is shipped lies in the folder, as it is shipped but for the data source."""
    with grafana() as server:
        changes, _ = _push(server, shipped())
        assert set(changes.values()) == {Change.CREATED}
        assert list(changes)[:2] == ["data source Steadyline", "folder Steadyline"]
        assert server.boards.keys() == shipped().keys()
        assert len(server.boards) == len(list(GENERATED.glob("*.json")))
        for uid, board in shipped().items():
            assert _folder_of(server, uid) == "Steadyline"
            held = server.boards[uid]["board"]
            assert held["panels"] == board["panels"]
            (variable,) = [one for one in held["templating"]["list"] if one["type"] == "datasource"]
            assert variable["current"] == {"selected": True, "text": "Steadyline", "value": "steadyline"}


def test_every_shipped_board_can_be_told_from_a_users():
    """By its uid and its tags, which removing it later needs."""
    for uid, board in shipped().items():
        assert uid.startswith(f"{TAG}-")
        assert set(TAGS) <= set(board["tags"])


def test_a_second_push_changes_nothing():
    """Not one request but questions; every board is unchanged."""
    boards = shipped()
    with grafana() as server:
        _push(server, boards)
        server.asked.clear()
        changes, _ = _push(server, boards)
        assert server.changes == []
    assert {change for what, change in changes.items() if not what.startswith("data source")} == {Change.UNCHANGED}
    assert changes["data source Steadyline"] is Change.FOUND


def test_what_changed_is_updated_and_the_rest_is_not():
    """An edit in the browser, and one in what is shipped."""
    with grafana() as server:
        _push(server)
        server.boards["steadyline-one"]["board"]["panels"] = [{"id": 1}]
        changes, notes = _push(server)
        assert [changes[title] for title in TITLES] == [Change.UPDATED, Change.UNCHANGED]
        assert server.boards["steadyline-one"]["board"]["panels"] == []
        newer = copy.deepcopy(BOARDS)
        newer["steadyline-two"]["panels"] = [{"id": 2}]
        changes, notes = _push(server, newer)
        assert [changes[title] for title in TITLES] == [Change.UNCHANGED, Change.UPDATED]
        assert server.boards["steadyline-two"]["board"] | {"version": 2} == server.boards["steadyline-two"]["board"]
    assert TITLES[1] not in notes


def test_what_is_shipped_no_longer_is_removed_and_nobody_elses_board_is():
    """Ours in that folder go; a user's board, a copy of ours and ours in another folder stay."""
    with grafana() as server:
        server.add_folder("Others", "others")
        _push(server)
        ours = next(iter(server.folders[one["folder"]]["uid"] for one in server.boards.values()))
        server.add_board("steadyline-old", "Steadyline: Old", ours, tags=TAGS)
        server.add_board("users", "My own", ours)
        server.add_board("tagged", "My own, tagged", ours, tags=(TAG,))
        server.add_board("steadyline-mine", "My own, named so", ours, tags=(TAG,))
        server.add_board("b7c1", "Steadyline: One Copy", ours, tags=TAGS)
        server.add_board("steadyline-elsewhere", "Steadyline: Elsewhere", "others", tags=TAGS)
        server.add_board("steadyline-top", "Steadyline: Top", tags=TAGS)
        changes, _ = _push(server)
        assert {what for what, change in changes.items() if change is Change.REMOVED} == {"Steadyline: Old"}
        kept = {"users", "tagged", "steadyline-mine", "b7c1", "steadyline-elsewhere", "steadyline-top"}
        assert server.boards.keys() == BOARDS.keys() | kept


def test_a_new_folder_takes_nothing_away_from_the_top():
    """Boards that lie in no folder are not taken for those of a folder that is not made yet."""
    with grafana() as server:
        server.add_board("steadyline-top", "Steadyline: Top", tags=TAGS)
        changes, _ = _push(server, dry=True)
        assert Change.REMOVED not in changes.values()


@pytest.mark.parametrize(("folder", "title"), [("others", "Others"), ("", "General")])
def test_a_board_in_another_folder_is_moved_and_that_is_said(folder, title):
    """Links find it by its uid, so there is one of it only."""
    with grafana() as server:
        server.add_folder("Others", "others")
        server.add_board("steadyline-one", "Steadyline: One", folder, tags=TAGS)
        changes, notes = _push(server)
        assert _folder_of(server, "steadyline-one") == "Steadyline"
    assert changes["Steadyline: One"] is Change.UPDATED
    assert notes["Steadyline: One"] == f"moved from the folder {title}"


def test_a_dry_run_says_the_same_and_changes_nothing():
    """Everything is told as it would be done."""
    with grafana() as server:
        server.add_board("steadyline-one", "Steadyline: One", tags=TAGS)
        told = _push(server, dry=True)
        assert server.changes == []
        assert _push(server) == told


def test_a_folder_is_found_by_its_title_and_by_its_uid():
    """The one at the top is meant where others have the title too."""
    with grafana() as server:
        server.add_folder("Team", "team")
        server.add_folder("Load", "nested", parent="team")
        server.add_folder("Load", "top")
        changes, _ = _push(server, folder="Load")
        assert _folder_of(server, "steadyline-one") == "Load"
        assert server.boards["steadyline-one"]["folder"] == "top"
        _push(server, folder="nested")
        assert server.boards["steadyline-one"]["folder"] == "nested"
        assert len(server.folders) == 3
    assert not any(what.startswith("folder") for what in changes)


def test_two_folders_of_one_title_are_not_guessed_between():
    """Their uids are told; nothing is changed."""
    with grafana() as server:
        for uid in ("a", "b"):
            server.add_folder("Load", uid, parent="team")
        with pytest.raises(
            ConfigurationError, match=r"^--folder Load: 2 folders have that title; write the uid of one: a, b$"
        ):
            _push(server, folder="Load")
        assert server.changes == []


def test_another_board_of_that_title_is_not_overwritten():
    """Grafana, told to overwrite, would give that board our text; now it is told what to do."""
    with grafana() as server:
        server.add_folder("Steadyline", "ours")
        server.add_board("users", "Steadyline: One", "ours")
        with pytest.raises(ConfigurationError) as raised:
            _push(server)
        assert server.boards["users"]["board"]["version"] == 1
        assert str(raised.value) == (
            f"Grafana at {server.url} refuses the board Steadyline: One: Client Error 412: "
            "A dashboard with the same name in the folder already exists; "
            "rename the other board of that title in the folder Steadyline, or write another --folder"
        )


def test_a_grafana_that_allows_titles_twice_keeps_both():
    """From 11.2 on."""
    with grafana(unique_titles=False) as server:
        server.add_folder("Steadyline", "ours")
        server.add_board("users", "Steadyline: One", "ours")
        _push(server)
        assert server.boards["users"]["board"]["version"] == 1
        assert "steadyline-one" in server.boards


def test_a_board_that_is_saved_meanwhile_is_not_overwritten():
    """Who saved it is not undone; one pushes once more."""
    with grafana() as server:
        server.add_folder("Steadyline", "ours")
        for uid, title in zip(BOARDS, TITLES, strict=True):
            server.add_board(uid, title, "ours", tags=TAGS)
        pushing = push(Grafana(server.url), BOARDS, "Steadyline", WISH)
        assert next(pushing).change is Change.CREATED  # the data source: all boards are read by now
        server.boards["steadyline-one"]["board"]["version"] += 1
        with pytest.raises(ConfigurationError, match=r"changed by someone else; somebody saved it meanwhile; push once more$"):
            list(pushing)


def test_a_provisioned_board_is_told_before_anything_is_changed():
    """It can be saved by nobody; what to do is said."""
    with grafana() as server:
        server.add_folder("Steadyline", "ours")
        server.add_board("steadyline-two", "Steadyline: Two", "ours", tags=TAGS, provisioned=True)
        with pytest.raises(ConfigurationError, match=r"^the board Steadyline: Two is provisioned from a file, which alone"):
            _push(server)
        assert server.changes == []


def test_a_provisioned_board_that_is_as_it_should_be_is_left_alone():
    """Nothing needs to be saved."""
    with grafana() as server:
        _push(server)
        server.boards["steadyline-two"]["provisioned"] = True
        changes, _ = _push(server)
    assert changes["Steadyline: Two"] is Change.UNCHANGED


def test_a_provisioned_board_that_became_one_meanwhile_is_told_too():
    """In the same words, though it is Grafana that refuses."""
    with grafana() as server:
        server.add_folder("Steadyline", "ours")
        server.add_board("steadyline-one", "Steadyline: One", "ours", tags=TAGS)
        server.add_board("steadyline-old", "Steadyline: Old", "ours", tags=TAGS, provisioned=True)
        pushing = push(Grafana(server.url), BOARDS, "Steadyline", WISH)
        next(pushing)
        server.boards["steadyline-one"]["provisioned"] = True
        with pytest.raises(ConfigurationError, match=r"^the board Steadyline: One is provisioned from a file"):
            list(pushing)
        del server.boards["steadyline-one"]
        with pytest.raises(ConfigurationError, match=r"^the board Steadyline: Old is provisioned from a file"):
            _push(server, {"steadyline-two": BOARDS["steadyline-two"]})


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (
            "glsa_gone",
            "refuses its data sources: Invalid API key; it does not know that token or login, or no longer: give",
        ),
        (
            "glsa_1",
            "refuses the folder Steadyline: You'll need additional permissions .*; who asks needs the right folders:create",
        ),
    ],
    ids=["unknown", "viewer"],
)
def test_a_token_that_may_not_is_told_which_right_it_needs(token, said):
    """And no text holds it."""
    with grafana(roles={"Bearer glsa_1": "Viewer"}) as server:
        server.add_source("a", "A")
        with pytest.raises(ConfigurationError, match=said) as raised:
            _push(server, token=token)
        assert server.boards == {}
    assert token not in str(raised.value)


@pytest.mark.parametrize("folder", ["", "  "])
def test_a_folder_without_a_name_is_refused_before_anything_is_made(folder):
    """Grafana would refuse it, with the data source there already."""
    with grafana() as server:
        with pytest.raises(ConfigurationError, match=r"^--folder '\s*': a folder has a title; write one, or a folder's uid$"):
            _push(server, folder=folder)
        assert server.changes == []
        assert server.sources == {}


def test_without_a_token_one_is_asked_for():
    """Where nobody said who asks, a right is not the point."""
    with (
        grafana(login="Bearer x") as server,
        pytest.raises(ConfigurationError, match=r"Unauthorized; name a file with the token"),
    ):
        _push(server)


def test_an_editor_pushes_with_a_data_source_that_is_there():
    """Which one it is, it sees as anybody does; it is the one that an Admin finds."""
    with grafana(roles={"Bearer glsa_1": "Editor", "Bearer glsa_2": "Admin"}) as server:
        _push(server, token="glsa_2")
        changes, notes = _push(server, token="glsa_1")
    assert [changes[title] for title in TITLES] == [Change.UNCHANGED] * 2
    assert notes["data source Steadyline"] == "it was made for these boards"


def test_a_board_refreshes_itself_no_more_often_than_it_may():
    """Grafana refuses it else; one that is pushed so is unchanged the next time."""
    boards = {uid: board | {"refresh": interval} for (uid, board), interval in zip(BOARDS.items(), ("10s", "5m"), strict=True)}
    with grafana(least_refresh="1m") as server:
        _push(server, boards)
        assert [server.boards[uid]["board"]["refresh"] for uid in boards] == ["1m", "5m"]
        changes, _ = _push(server, boards)
    assert [changes[title] for title in TITLES] == [Change.UNCHANGED] * 2


def test_a_folder_that_the_token_cannot_see_is_told():
    """Grafana has it, and its search does not show it."""
    with grafana() as server:
        pushing = push(Grafana(server.url), BOARDS, "Steadyline", WISH)
        next(pushing)
        server.add_folder("Steadyline", "hidden")
        with pytest.raises(
            ConfigurationError, match=r"current location; let the token's service account see and edit that one, or"
        ):
            list(pushing)


def test_a_server_that_fails_is_no_fault_of_the_configuration():
    """Its own words, and the exit code of a host that does not answer."""
    with grafana() as server:
        pushing = push(Grafana(server.url), BOARDS, "Steadyline", WISH)
        next(pushing)
        next(pushing)
        server.answers = (500, {"message": "Failed to save dashboard"})
        with pytest.raises(Exception, match=r"Server Error 500: Failed to save dashboard$") as raised:
            list(pushing)
    assert raised.value.exit_code == 4
