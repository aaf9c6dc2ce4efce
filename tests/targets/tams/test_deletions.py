"""Deletions: nothing is left of what is gone, nothing is gone that others need, and long ones go on behind the request."""

import uuid
from datetime import timedelta

import pytest

from targets.tams.schema import MOST_AT_ONCE


@pytest.fixture
def uploaded(api, elsewhere, made):
    """`uploaded(*timeranges)`: a flow whose segments have media in the bucket; the flow and the objects."""

    def ingest(*timeranges):
        document, ids = made(), []
        for timerange in timeranges:
            (room,) = api.post(f"/flows/{document['id']}/storage", json={}).json()["media_objects"]
            put = room["put_url"]
            assert elsewhere.put(put["url"], content=b"x", headers={"content-type": put["content-type"]}).status_code == 200
            said = {"object_id": room["object_id"], "timerange": timerange}
            assert api.post(f"/flows/{document['id']}/segments", json=said).status_code == 201
            ids.append(room["object_id"])
        return document, ids

    return ingest


def keys(tams, ids):
    """Those of the objects that are in the bucket."""
    return {key.rpartition("/")[2] for key in tams.stored()} & set(ids)


def test_nothing_is_left(tams, api, uploaded):
    """A whole ingest, deleted, leaves no row and no media: also not of objects that were never registered."""
    before = tams.left()
    document, ids = uploaded("[0:0_10:0)", "[10:0_20:0)")
    api.post(f"/flows/{document['id']}/storage", json={"limit": 3})
    assert keys(tams, ids) == set(ids)
    assert api.delete(f"/flows/{document['id']}").status_code == 204
    assert tams.left() == before
    for path in (f"/flows/{document['id']}", f"/sources/{document['source_id']}", f"/objects/{ids[0]}"):
        assert api.get(path).status_code == 404
    assert api.delete(f"/flows/{document['id']}").status_code == 404


def test_shared_object(tams, api, uploaded, made):
    """An object that another flow refers to stays until the last that does is gone."""
    first, (object_id,) = uploaded("[0:0_10:0)")
    second = made()
    api.post(f"/flows/{second['id']}/segments", json={"object_id": object_id, "timerange": "[5:0_10:0)"})
    assert api.delete(f"/flows/{first['id']}").status_code == 204
    assert keys(tams, [object_id]) == {object_id}
    assert api.get(f"/objects/{object_id}").json()["referenced_by_flows"] == [second["id"]]
    assert api.delete(f"/flows/{second['id']}").status_code == 204
    assert keys(tams, [object_id]) == set()
    assert api.get(f"/objects/{object_id}").status_code == 404


def test_shared_source(api, made):
    """A source stays until the last of its flows is gone."""
    first = made()
    second = made(source_id=first["source_id"])
    api.delete(f"/flows/{first['id']}")
    assert api.get(f"/sources/{first['source_id']}").status_code == 200
    api.delete(f"/flows/{second['id']}")
    assert api.get(f"/sources/{first['source_id']}").status_code == 404


SOME = {
    "covered": ({"timerange": "[0:0_20:0)"}, {2}),
    "covered, bounds included": ({"timerange": "[0:0_30:0]"}, set()),
    "not wholly": ({"timerange": "[5:0_25:0)"}, {0, 2}),
    "from": ({"timerange": "[10:0_"}, {0}),
    "nothing": ({"timerange": "()"}, {0, 1, 2}),
    "all": ({}, set()),
    "an object": ({"object_id": "{1}"}, {0, 2}),
    "an object, elsewhen": ({"object_id": "{1}", "timerange": "[0:0_10:0)"}, {0, 1, 2}),
}


@pytest.mark.parametrize(("query", "left"), SOME.values(), ids=SOME)
def test_some_segments(tams, api, uploaded, query, left):
    """Those segments are deleted that a timerange covers wholly, and their media with them."""
    document, ids = uploaded("[0:0_10:0)", "[10:0_20:0)", "[20:0_30:0)")
    query = {name: value.replace("{1}", ids[1]) for name, value in query.items()}
    assert api.delete(f"/flows/{document['id']}/segments", params=query).status_code == 204
    told = api.get(f"/flows/{document['id']}/segments").json()
    assert [one["object_id"] for one in told] == [ids[number] for number in sorted(left)]
    assert keys(tams, ids) == {ids[number] for number in left}
    assert api.get(f"/flows/{document['id']}").status_code == 200


def test_an_object_used_twice(tams, api, uploaded):
    """An object with two segments in one flow stays while one is left."""
    document, (object_id,) = uploaded("[0:0_10:0)")
    path = f"/flows/{document['id']}/segments"
    said = {"object_id": object_id, "timerange": "[100:0_110:0)", "ts_offset": "100:0"}
    assert api.post(path, json=said).status_code == 201
    assert api.delete(path, params={"timerange": "[0:0_50:0)"}).status_code == 204
    assert keys(tams, [object_id]) == {object_id}
    assert api.delete(path).status_code == 204
    assert keys(tams, [object_id]) == set()


@pytest.fixture
def long_flow(api, made):
    """A flow with one segment more than a request deletes, a second each."""
    document = made()
    for first, count in ((0, MOST_AT_ONCE), (MOST_AT_ONCE, 1)):
        rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": count}).json()["media_objects"]
        starts = range(first, first + count)
        wishes = [
            {"object_id": room["object_id"], "timerange": f"[{start}:0_{start + 1}:0)"}
            for room, start in zip(rooms, starts, strict=True)
        ]
        assert api.post(f"/flows/{document['id']}/segments", json=wishes).status_code == 201
    return document


def test_long_deletion(tams, api, long_flow):
    """A long deletion is a 202 whose request can be asked about; the janitor does it, and forgets it an hour later."""
    path = f"/flows/{long_flow['id']}"
    answer = api.delete(path)
    assert (answer.status_code, answer.json()["status"]) == (202, "created")
    place = answer.headers["Location"]
    assert api.get(place).json() == answer.json()
    again = api.delete(path)
    assert (again.status_code, again.headers["Location"]) == (202, place)
    tams.janitor.tidy()
    done = api.get(place).json()
    assert (done["status"], done["delete_flow"], done["timerange_remaining"]) == ("done", True, "()")
    assert done["id"] in {one["id"] for one in api.get("/flow-delete-requests").json()}
    assert api.get(path).status_code == 404
    assert api.get(f"/sources/{long_flow['source_id']}").status_code == 404
    assert all(long_flow["id"] not in (row.get("flow_id"), row["id"]) for row in tams.rows("objects"))
    assert all(row["flow_id"] != long_flow["id"] for row in tams.rows("segments"))
    tams.day.at += timedelta(hours=1)
    tams.janitor.tidy()
    assert api.get(place).status_code == 404


def test_flow_made_anew_during_its_deletion(tams, api, long_flow, segment):
    """A flow that was deleted in parts, and made anew before the request was worked off, is not what was asked to go."""
    path = f"/flows/{long_flow['id']}"
    place = api.delete(path).headers["Location"]
    tams.day.at += timedelta(seconds=1)
    for timerange in ("_700:0)", "[700:0_"):
        assert api.delete(f"{path}/segments", params={"timerange": timerange}).status_code == 204
    assert api.delete(path).status_code == 204
    assert api.put(path, json=long_flow).status_code == 201
    kept = segment(long_flow, "[0:0_1:0)")
    tams.janitor.tidy()
    assert api.get(place).json()["status"] == "done"
    assert [one["object_id"] for one in api.get(f"{path}/segments").json()] == [kept]


def test_long_deletion_of_segments(tams, api, long_flow, segment):
    """A long deletion of segments leaves the flow, and what is outside its timerange."""
    path = f"/flows/{long_flow['id']}/segments"
    kept = segment(long_flow, "[5000:0_5001:0)")
    answer = api.delete(path, params={"timerange": "_5000:0)"})
    assert (answer.status_code, answer.json()["timerange_to_delete"]) == (202, "_5000:0)")
    tams.janitor.tidy()
    assert [one["object_id"] for one in api.get(path).json()] == [kept]
    assert api.get(answer.headers["Location"]).json()["status"] == "done"


def test_unknown_request(api):
    """A deletion request that is not there is 404."""
    for request_id in (uuid.uuid4(), "none"):
        assert api.get(f"/flow-delete-requests/{request_id}").status_code == 404


def test_unused_objects(tams, api, made, elsewhere):
    """Media that nobody registers in time goes, and the room that was made for it; what is registered stays."""
    document = made()
    rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": 2}).json()["media_objects"]
    for room in rooms:
        put = room["put_url"]
        elsewhere.put(put["url"], content=b"x", headers={"content-type": put["content-type"]})
    unused, used = (room["object_id"] for room in rooms)
    api.post(f"/flows/{document['id']}/segments", json={"object_id": used, "timerange": "[0:0_1:0)"})
    tams.day.at += timedelta(minutes=59)
    tams.janitor.tidy()
    assert keys(tams, [unused, used]) == {unused, used}
    tams.day.at += timedelta(minutes=17)
    tams.janitor.tidy()
    assert keys(tams, [unused, used]) == {used}
    said = {"object_id": unused, "timerange": "[1:0_2:0)"}
    assert api.post(f"/flows/{document['id']}/segments", json=said).status_code == 400
