"""Requests at the same time: what must happen once happens once, and a conflict is said to be one."""

import logging
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tams_target import flow

from targets.tams.database import Conflict, equals
from targets.tams.tables import ROW_ID


@pytest.fixture
def together(tams):
    """`together(requests)`: the answers to (method, path, JSON) sent at the same time."""

    def ask(requests):
        with httpx.Client(base_url=tams.url, trust_env=False, timeout=60) as http, ThreadPoolExecutor(len(requests)) as pool:
            sent = [pool.submit(http.request, method, path, json=said) for method, path, said in requests]
            return [future.result() for future in sent]

    return ask


def statuses(answers):
    """How often each status came."""
    return {status: [answer.status_code for answer in answers].count(status) for status in {a.status_code for a in answers}}


def test_one_flow(tams, together):
    """Of several puts of a new flow one makes it, and the flow and its source are there once."""
    document = flow()
    answers = together([("PUT", f"/flows/{document['id']}", document)] * 6)
    assert statuses(answers) == {201: 1, 204: 5}
    assert [row["id"] for row in tams.rows("flows")].count(document["id"]) == 1
    assert [row["id"] for row in tams.rows("sources")].count(document["source_id"]) == 1


def test_one_source(tams, together):
    """Flows of one source that are made at the same time make it once."""
    documents = [flow(source_id="41d7f7eb-c48d-4513-9b37-17b418d26d7f") for _ in range(6)]
    answers = together([("PUT", f"/flows/{document['id']}", document) for document in documents])
    assert statuses(answers) == {201: 6}
    assert [row["id"] for row in tams.rows("sources")].count(documents[0]["source_id"]) == 1


def test_last_flows(tams, api, together):
    """When the last flows of a source are deleted at the same time, the source goes too."""
    documents = [flow(source_id="0fde9c11-da9d-434a-a113-d3b20a2cf251") for _ in range(5)]
    for document in documents:
        api.put(f"/flows/{document['id']}", json=document)
    answers = together([("DELETE", f"/flows/{document['id']}", None) for document in documents])
    assert statuses(answers) == {204: 5}
    assert documents[0]["source_id"] not in {row["id"] for row in tams.rows("sources")}


def test_tags_side_by_side(api, together, made):
    """Tags of one flow and of its source that are put at the same time are all there."""
    document = made()
    for whole in (f"/flows/{document['id']}", f"/sources/{document['source_id']}"):
        answers = together([("PUT", f"{whole}/tags/{number}", "x") for number in range(5)])
        assert statuses(answers) == {204: 5}
        assert set(api.get(f"{whole}/tags").json()) == set("01234")


def test_one_segment(api, together, made):
    """Of several segments for the same time one is registered, the others are refused as overlaps."""
    document = made()
    rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": 6}).json()["media_objects"]
    path = f"/flows/{document['id']}/segments"
    wishes = [{"object_id": room["object_id"], "timerange": "[0:0_10:0)"} for room in rooms]
    assert statuses(together([("POST", path, wish) for wish in wishes])) == {201: 1, 400: 5}
    assert len(api.get(path).json()) == 1


def test_segments_side_by_side(api, together, made):
    """Segments for different times are all registered, none meets a conflict."""
    document = made()
    rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": 6}).json()["media_objects"]
    path = f"/flows/{document['id']}/segments"
    wishes = [{"object_id": room["object_id"], "timerange": f"[{n}:0_{n + 1}:0)"} for n, room in enumerate(rooms)]
    assert statuses(together([("POST", path, wish) for wish in wishes])) == {201: 6}
    assert len(api.get(path).json()) == 6


def test_one_owner_of_an_id(together, made):
    """An id that several ask for at the same time is given out once."""
    path = f"/flows/{made()['id']}/storage"
    answers = together([("POST", path, {"object_ids": ["chosen-once"]})] * 4)
    assert statuses(answers) == {201: 1, 400: 3}


def test_conflict(tams, api, made, caplog):
    """A change that another process made first is a 409 that says to repeat it; nothing of the request is kept."""
    document = made(label="before")
    with tams.database.transaction() as other:
        (row,) = other.select("flows", equals("id", document["id"]), ["id"], row_ids=True)
        other.update("flows", [{ROW_ID: row[ROW_ID], "codec": "audio/opus"}])
        answer = api.put(f"/flows/{document['id']}/label", json="after")
    assert (answer.status_code, answer.json()["type"]) == (409, "Conflict")
    assert "repeat it" in answer.json()["summary"]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR and record.name.startswith("targets")] == []
    assert api.get(f"/flows/{document['id']}/label").json() == "before"


def test_two_writers(tams, made):
    """The second of two transactions that change a row raises a conflict."""
    document = made()

    def change(tx, codec):
        (row,) = tx.select("flows", equals("id", document["id"]), ["id"], row_ids=True)
        tx.update("flows", [{ROW_ID: row[ROW_ID], "codec": codec}])

    with tams.database.transaction() as first:
        change(first, "audio/opus")
        with pytest.raises(Conflict), tams.database.transaction() as second:
            change(second, "audio/flac")
