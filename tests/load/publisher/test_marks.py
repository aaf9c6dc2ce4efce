"""A run's marks, written to a server that takes annotations as Grafana's HTTP API does."""

import pytest
from grafana_server import grafana
from publisher_process import begin

from load.publisher.kinds import KIND, Kind
from load.publisher.marks import Marks
from load.publisher.page import Run
from steadyline.errors import UnreachableError

TOKEN = "glsa_hunter2"
RUN = Run("r1", "low", "ramp", "abc", 1_700_000_000.0)
TAGS = ["steadyline", "r1", "low"]


def test_a_run_is_a_region_with_its_steady_point():
    """Start and steady are points while it runs; in the end the first one is a region from start to end."""
    with grafana() as server:
        marks = Marks(f"http://{server.address}", None, RUN)
        marks.start()
        assert server.annotations[1]["time"] == 1_700_000_000_000
        marks.steady(1_700_000_010.5)
        marks.end(1_700_000_060.25)
    region, steady = server.annotations[1], server.annotations[2]
    assert (region["time"], region["timeEnd"]) == (1_700_000_000_000, 1_700_000_060_250)
    assert (steady["time"], steady["timeEnd"]) == (1_700_000_010_500, None)
    assert region["tags"] == steady["tags"] == TAGS
    assert region["text"] == "load run r1 ran: profile low, shape ramp"
    assert len(server.annotations) == 2


def test_an_end_whose_start_was_not_taken_is_a_region_too():
    """A Grafana that came up during the run has the whole run."""
    with grafana() as server:
        Marks(f"http://{server.address}", None, RUN).end(1_700_000_060.0)
    assert (server.annotations[1]["time"], server.annotations[1]["timeEnd"]) == (1_700_000_000_000, 1_700_000_060_000)


def test_a_load_of_the_users_own_has_no_profile():
    """Neither the text nor the tags name one."""
    with grafana() as server:
        Marks(f"http://{server.address}", None, Run("r1", "", "constant", "abc", 1.0)).start()
    assert server.annotations[1]["text"] == "load run r1 begins: shape constant"
    assert server.annotations[1]["tags"] == ["steadyline", "r1"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_path_before_the_api(slash):
    """A Grafana behind a path is asked behind that path."""
    with grafana(prefix="/grafana") as server:
        Marks(f"http://{server.address}/grafana{slash}", None, RUN).start()
    assert server.annotations


@pytest.mark.parametrize(
    ("user", "token", "login"),
    [("", TOKEN, f"Bearer {TOKEN}"), ("me:p%40ss@", None, "Basic bWU6cEBzcw=="), ("me:p%40ss@", TOKEN, f"Bearer {TOKEN}")],
    ids=["token", "URL", "token before URL"],
)
def test_who_asks(user, token, login):
    """The token is used where there is one, else who stands in the URL, decoded."""
    with grafana(login=login) as server:
        Marks(f"http://{user}{server.address}", token, RUN).start()
    assert server.annotations


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"login": "Bearer other"}, "refuses a mark: Unauthorized"),
        ({"answers": (500, {"message": f"no {TOKEN} here"})}, "refuses a mark: Server Error 500: no *** here"),
        ({"answers": (200, b"<html>")}, "answers otherwise than Grafana's API; is it one?"),
        ({"answers": (200, {"status": "ok"})}, "answers otherwise than Grafana's API; is it one?"),
        ({"answers": (200, [])}, "answers otherwise than Grafana's API; is it one?"),
        ({"prefix": "/elsewhere"}, "refuses a mark: Client Error 404: Not found"),
    ],
    ids=["login", "secret", "page", "another API", "list", "path"],
)
def test_refusals_are_told_without_the_secret(facts, said):
    """One sentence says where and why."""
    with grafana(**facts) as server, pytest.raises(UnreachableError) as raised:
        Marks(f"http://{server.address}", TOKEN, RUN).start()
    assert str(raised.value) == f"Grafana at http://{server.address} {said}"


def test_nobody_there(free_port):
    """Where nothing listens that is said, and no password."""
    port = free_port()
    with pytest.raises(UnreachableError, match=rf"^Grafana at http://127.0.0.1:{port} does not answer \(ConnectionError\)$"):
        Marks(f"http://me:hunter2@127.0.0.1:{port}", None, RUN).start()


def _ran(start, **facts):
    """The notes of a whole run."""
    running = start(**facts)
    running.send(begin(), {KIND: Kind.STEADY, "at": 1_700_000_010.0})
    running.end(1_700_000_060.0)
    running.leave()
    return [frame["text"] for frame in running.answers() if frame[KIND] == Kind.NOTE]


def test_a_whole_run_with_a_token_file(start, tmp_path):
    """The publisher marks what the load run tells, with the token of the file, in order."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    with grafana(login=f"Bearer {TOKEN}") as server:
        notes = _ran(start, grafana=f"http://{server.address}", grafana_token_file=str(file))
    assert [annotation["text"].split(":")[0] for annotation in server.annotations.values()] == [
        "load run r1 ran",
        "load run r1 is steady",
    ]
    assert server.annotations[1]["timeEnd"] == 1_700_000_060_000
    assert len(notes) == 1  # of the scrape that nobody made


def test_a_failure_is_told_once_and_fails_nothing(start):
    """Three marks that are refused are one line; the run's end is what it is."""
    with grafana(login="Bearer other") as server:
        notes = _ran(start, grafana=f"http://{server.address}")
        server.wait_for(3)
    (told,) = [note for note in notes if "Grafana" in note]
    assert told == f"Grafana at http://{server.address} refuses a mark: Unauthorized; the run goes on without"


def test_a_token_file_that_cannot_be_read(start, tmp_path):
    """The key and the file are named; nothing is asked."""
    with grafana() as server:
        notes = _ran(start, grafana=f"http://{server.address}", grafana_token_file=str(tmp_path / "gone"))
    assert any(note.startswith(f"grafana_token_file {tmp_path / 'gone'}: cannot be read") for note in notes)
    assert server.asked == []
