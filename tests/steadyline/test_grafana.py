"""Grafana, asked: what is told when it is not there, not one, or elsewhere."""

import pytest
from grafana_server import grafana

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.grafana import Grafana, RefusedError


@pytest.mark.parametrize("prefix", ["", "/grafana"])
def test_its_version_is_told_to_anybody(prefix):
    """No token is needed for it, and a path before the API is kept."""
    with grafana(prefix=prefix, login="Bearer other") as server:
        assert Grafana(f"{server.url}/").version() == "9.4.17"


def test_a_grafana_that_keeps_its_version_to_itself():
    """It is one all the same."""
    with grafana(health={"database": "ok"}) as server:
        assert Grafana(server.url).version() == ""


@pytest.mark.parametrize(
    "answers",
    [(404, b"404 page not found"), (200, b"<html>"), (200, {"status": "success"}), (200, "text"), (401, {"detail": "no"})],
    ids=["no such path", "page", "another API", "text", "another login"],
)
def test_something_else_is_not_taken_for_one(answers):
    """A Prometheus, a proxy's page: it is asked whether that is a Grafana."""
    with grafana(answers=answers) as server, pytest.raises(UnreachableError) as raised:
        Grafana(server.url).version()
    assert str(raised.value) == f"Grafana at {server.url} answers otherwise than Grafana's API; is it one?"


def test_a_grafana_that_is_not_well_says_so():
    """That is one, and its own words are told."""
    with (
        grafana(answers=(503, {"database": "failing", "message": "no database"})) as server,
        pytest.raises(RefusedError) as raised,
    ):
        Grafana(server.url).version()
    assert str(raised.value) == f"Grafana at {server.url} refuses to say how it is: Server Error 503: no database"


def test_a_redirect_is_told_and_not_followed():
    """What is posted would be lost on the way, and the token would go where nobody sent it."""
    with grafana() as there, grafana(sends_on=f"http://{there.address}") as server:
        with pytest.raises(UnreachableError, match=r"sends on to another address; write the one at which .* ends up$"):
            Grafana(server.url, "glsa_1").version()
        assert there.asked == []


@pytest.mark.parametrize("token", ["glsa 1", "glsa_ü", "glsa\x00"], ids=["blank", "letter", "control"])
def test_what_cannot_be_a_token_is_refused_unseen(token):
    """The message says where it stands, and not what stands there."""
    with pytest.raises(ConfigurationError) as raised:
        Grafana("http://127.0.0.1:1", token)
    assert str(raised.value) == "the first line of Grafana's token file is no token, which has plain letters and no blanks"


def test_who_stands_in_the_url_may_have_any_letters():
    """Name and password are sent as UTF-8."""
    with grafana(login="Basic xIxtw6k6xLE=") as server:
        found = Grafana(f"http://%C4%8Cm%C3%A9:%C4%B1@{server.address}")
        assert found.ask("its sources", found.api.datasource.list_datasources) == []
    assert found.url == server.url


def test_a_refusal_keeps_grafanas_words_apart():
    """Status, reason and kind, for who explains them."""
    with grafana(answers=(412, {"message": "no glsa_1 here", "status": "name-exists"})) as server:
        found = Grafana(server.url, "glsa_1")
        with pytest.raises(RefusedError) as raised:
            found.ask("a board", found.api.datasource.list_datasources)
    assert (raised.value.status, raised.value.reason, raised.value.kind) == (412, "no *** here", "name-exists")
