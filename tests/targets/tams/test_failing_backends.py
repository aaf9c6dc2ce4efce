"""A backend that fails is said to fail, in one line of the log: no list is empty because of it, and nothing is half done."""

import logging
from contextlib import ExitStack

import httpx
import pytest
from s3_target import embedded_s3
from tams_target import flow, tams_over
from vast_system import vast_db

from targets.tams.janitor import Janitor

ASKED = (
    "/flows",
    "/sources",
    "/flows/{id}",
    "/flows/{id}/segments",
    "/objects/x",
    "/service",
    "/flow-delete-requests",
    "/-/ready",
)


@pytest.fixture
def alone():
    """An API with backends of its own, and what stops each of them."""
    with ExitStack() as vast_stack, ExitStack() as s3_stack, ExitStack() as stack:
        vast = vast_stack.enter_context(vast_db())
        s3_url = s3_stack.enter_context(embedded_s3())
        tams = stack.enter_context(tams_over(vast, s3_url))
        http = stack.enter_context(httpx.Client(base_url=tams.url, trust_env=False, timeout=30))
        yield tams, http, {"VAST DB": vast_stack.close, "S3": s3_stack.close}


def made(http):
    """A flow that is there; its path."""
    document = flow()
    assert http.put(f"/flows/{document['id']}", json=document).status_code == 201
    return f"/flows/{document['id']}"


def lines(caplog):
    """What our own modules logged."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("targets.tams")]


def test_vast_gone(alone, caplog):
    """Without VAST DB every question is a 503, told in one line each, while the process stays healthy."""
    _, http, stop = alone
    path = made(http)
    stop["VAST DB"]()
    for asked in ASKED:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "targets.tams"):
            answer = http.get(asked.replace("/flows/{id}", path))
        assert (answer.status_code, answer.json()["type"]) == (503, "ServiceUnavailable")
        assert answer.json()["summary"] == "VAST DB does not answer as it should; try again later"
        (line,) = lines(caplog)
        assert line.startswith("VAST DB: ")
    assert http.get("/-/healthy").status_code == 200


def test_vast_without_its_bucket(alone):
    """A bucket that vanished is a 503, and when it is back with its tables the API works again."""
    tams, http, _ = alone
    before = tams.vast.transactions.newest
    path = made(http)
    tams.vast.drop_bucket()
    assert http.get(path).status_code == 503
    tams.vast.transactions.newest = before
    made(http)


def test_s3_gone(alone, caplog):
    """Without S3 the API is not ready and deletes no media, but answers what it knows."""
    tams, http, stop = alone
    path = made(http)
    (room,) = http.post(f"{path}/storage", json={}).json()["media_objects"]
    stop["S3"]()
    with caplog.at_level(logging.WARNING, "targets.tams"):
        answer = http.get("/-/ready")
    assert (answer.status_code, answer.json()["summary"]) == (503, "S3 does not answer as it should; try again later")
    (line,) = lines(caplog)
    assert line.startswith("S3: ")
    assert http.delete(path).status_code == 503
    assert http.get(path).status_code == 200
    assert [row["id"] for row in tams.rows("objects")] == [room["object_id"]]


def test_s3_without_its_bucket(alone):
    """A deletion that S3 fails leaves everything as it was, and can be repeated."""
    tams, http, _ = alone
    path = made(http)
    (room,) = http.post(f"{path}/storage", json={}).json()["media_objects"]
    http.post(f"{path}/segments", json={"object_id": room["object_id"], "timerange": "[0:0_1:0)"})
    before = tams.left()
    tams.media.own.delete_bucket(Bucket=tams.media.place.bucket)
    assert http.delete(path).status_code == 503
    tams.media.own.create_bucket(Bucket=tams.media.place.bucket)
    assert tams.left() == before
    assert http.delete(path).status_code == 204
    assert set(tams.left().values()) == {0}


def test_janitor_waits(alone, caplog):
    """The janitor tells in one line that it has to wait, and does its work when the backend is back."""
    tams, http, _ = alone
    before = tams.vast.transactions.newest
    tams.vast.drop_bucket()
    with caplog.at_level(logging.WARNING, "targets.tams"):
        tams.janitor.tidy()
    (line,) = lines(caplog)
    assert line.startswith("what is left to delete has to wait: ")
    tams.vast.transactions.newest = before
    caplog.clear()
    tams.janitor.tidy()
    assert lines(caplog) == []
    made(http)


def test_janitor_outlives_a_fault(caplog):
    """A fault that nobody foresaw is told with where it was, and the next round comes."""

    class Faulty:
        """Backends that raise what none should."""

        asked = 0

        def transaction(self):
            """The first question of a round; after two of them it is over."""
            self.asked += 1
            if self.asked > 1:
                janitor.end()
            janitor.wake()
            raise ZeroDivisionError

    faulty = Faulty()
    janitor = Janitor(faulty, None, None, None)
    janitor.run()
    assert faulty.asked == 2
    assert "ZeroDivisionError" in caplog.text
