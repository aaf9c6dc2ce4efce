"""Segments: registered one by one and several at once, and listed by time, object and page."""

import uuid

import pytest
from tams_target import flow


def path_of(document):
    """Where a flow's segments are."""
    return f"/flows/{document['id']}/segments"


def ranges(answer):
    """The timeranges of an answer."""
    assert answer.status_code == 200, answer.text
    return [told["timerange"] for told in answer.json()]


@pytest.fixture
def row_of_five(made, segment):
    """A flow with five segments of ten seconds, registered out of order, and their objects by start."""
    document = made()
    objects = {start: segment(document, f"[{start}:0_{start + 10}:0)") for start in (20, 0, 40, 10, 30)}
    return document, objects


def test_registered(api, made, elsewhere):
    """What was uploaded and registered is found by its segment's URL."""
    document = made()
    room = api.post(f"/flows/{document['id']}/storage", json={"limit": 1}).json()["media_objects"][0]
    put = room["put_url"]
    assert elsewhere.put(put["url"], content=b"media", headers={"content-type": put["content-type"]}).status_code == 200
    said = {"object_id": room["object_id"], "timerange": "[0:0_10:0)", "key_frame_count": 1, "sample_count": 250}
    assert api.post(path_of(document), json={**said, "last_duration": "0:40000000"}).status_code == 201
    (told,) = api.get(path_of(document)).json()
    (url,) = told.pop("get_urls")
    assert told == {**said, "last_duration": "0:40000000"}
    assert (url["presigned"], url["label"]) == (True, "primary")
    assert elsewhere.get(url["url"]).content == b"media"
    assert "segments_updated" in api.get(f"/flows/{document['id']}").json()


TIMES = {
    "all": ("_", [0, 10, 20, 30, 40]),
    "one wholly": ("[10:0_20:0)", [10]),
    "end included": ("[10:0_20:0]", [10, 20]),
    "start excluded": ("(9:999999999_20:0)", [10]),
    "a part": ("[15:0_16:0)", [10]),
    "an instant": ("[30:0]", [30]),
    "from": ("[35:0_", [30, 40]),
    "until": ("_10:0)", [0]),
    "before all": ("[-10:0_0:0)", []),
    "after all": ("[50:0_", []),
    "nothing": ("()", []),
    "far beyond what a column holds": ("[-99999999999999:0_99999999999999:0)", [0, 10, 20, 30, 40]),
}


@pytest.mark.parametrize(("timerange", "starts"), TIMES.values(), ids=TIMES)
def test_by_time(api, row_of_five, timerange, starts):
    """Those segments are listed that overlap a timerange, in its order or the reverse, and the headers say so."""
    document, _ = row_of_five
    expected = [f"[{start}:0_{start + 10}:0)" for start in starts]
    answer = api.get(path_of(document), params={"timerange": timerange})
    assert ranges(answer) == expected
    reach = f"[{starts[0]}:0_{starts[-1] + 10}:0)" if starts else "()"
    assert answer.headers["X-Paging-Timerange"] == reach
    assert answer.headers["X-Paging-Count"] == str(len(starts))
    reverse = api.get(path_of(document), params={"timerange": timerange, "reverse_order": "true"})
    assert ranges(reverse) == expected[::-1]
    assert reverse.headers["X-Paging-Reverse-Order"] == "true"


@pytest.mark.parametrize("reverse", [False, True])
def test_pages(api, row_of_five, reverse):
    """Pages of two hold each segment once, in the order asked for."""
    document, _ = row_of_five
    url, seen = f"{path_of(document)}?limit=2&timerange=[5:0_&reverse_order={reverse}", []
    while url:
        answer = api.get(url)
        seen += ranges(answer)
        url = answer.links.get("next", {}).get("url")
    expected = [f"[{start}:0_{start + 10}:0)" for start in (0, 10, 20, 30, 40)]
    assert seen == (expected[::-1] if reverse else expected)


def test_by_object(api, row_of_five):
    """Those of one object can be asked for."""
    document, objects = row_of_five
    assert ranges(api.get(path_of(document), params={"object_id": objects[20]})) == ["[20:0_30:0)"]
    assert ranges(api.get(path_of(document), params={"object_id": "none"})) == []


def test_of_nothing(api):
    """A flow that is not there has no segments; an id that is none is 404."""
    assert ranges(api.get(f"/flows/{uuid.uuid4()}/segments")) == []
    assert api.get("/flows/none/segments").status_code == 404


OVERLAPS = {
    "the same": "[10:0_20:0)",
    "within": "[12:0_13:0)",
    "around": "[9:0_21:0)",
    "its last moment": "[19:999999999_25:0)",
    "end included": "[5:0_10:0]",
    "an instant": "[10:0]",
}


@pytest.mark.parametrize("timerange", OVERLAPS.values(), ids=OVERLAPS)
def test_overlap(api, made, segment, timerange):
    """A segment that overlaps another of its flow is refused, and is not there."""
    document = made()
    segment(document, "[10:0_20:0)")
    room = api.post(f"/flows/{document['id']}/storage", json={}).json()["media_objects"][0]
    answer = api.post(path_of(document), json={"object_id": room["object_id"], "timerange": timerange})
    assert answer.status_code == 400
    assert "overlaps the segment at [10:0_20:0)" in answer.json()["summary"]
    assert ranges(api.get(path_of(document))) == ["[10:0_20:0)"]


def test_neighbours(api, made, segment):
    """Segments that only touch do not overlap."""
    document = made()
    for timerange in ("[10:0_20:0)", "[20:0_30:0)", "[0:0_10:0)", "[30:0]"):
        segment(document, timerange)
    assert len(ranges(api.get(path_of(document)))) == 4


def test_several(api, made):
    """Of several segments those are registered that can be, and the answer has the others with their reasons."""
    document = made()
    rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": 3}).json()["media_objects"]
    ids = [room["object_id"] for room in rooms]
    wishes = [
        {"object_id": ids[0], "timerange": "[0:0_10:0)"},
        {"object_id": ids[1], "timerange": "[5:0_15:0)"},
        {"object_id": "none", "timerange": "[20:0_30:0)"},
        {"object_id": ids[2], "timerange": "[10:0_20:0)"},
    ]
    answer = api.post(path_of(document), json=wishes)
    assert answer.status_code == 200
    failed = answer.json()["failed_segments"]
    assert [(one["object_id"], one["timerange"]) for one in failed] == [(ids[1], "[5:0_15:0)"), ("none", "[20:0_30:0)")]
    assert all(one["error"]["type"] == "BadRequest" and one["error"]["summary"] for one in failed)
    assert ranges(api.get(path_of(document))) == ["[0:0_10:0)", "[10:0_20:0)"]


def test_all_of_several(api, made):
    """Several segments that can all be registered are a 201."""
    document = made()
    rooms = api.post(f"/flows/{document['id']}/storage", json={"limit": 300}).json()["media_objects"]
    wishes = [{"object_id": room["object_id"], "timerange": f"[{n}:0_{n + 1}:0)"} for n, room in enumerate(rooms)]
    assert api.post(path_of(document), json=wishes).status_code == 201
    assert len(ranges(api.get(path_of(document), params={"limit": 1000}))) == 300


def test_used_again(api, made, segment):
    """An object may be used again by another flow, in part and at another time."""
    first, second = made(), made()
    object_id = segment(first, "[0:0_10:0)")
    said = {"object_id": object_id, "timerange": "[100:0_105:0)", "ts_offset": "98:0"}
    assert api.post(path_of(second), json=said).status_code == 201
    (told,) = api.get(path_of(second), params={"include_object_timerange": "true"}).json()
    assert (told["ts_offset"], told["object_timerange"]) == ("98:0", "[0:0_10:0)")
    (own,) = api.get(path_of(first), params={"include_object_timerange": "true"}).json()
    assert "object_timerange" not in own


URLS = {
    "all": ({}, ["primary", "there", None]),
    "presigned": ({"presigned": "true"}, ["primary"]),
    "not presigned": ({"presigned": "false"}, ["there", None]),
    "labels": ({"accept_get_urls": "there,primary"}, ["primary", "there"]),
    "another label": ({"accept_get_urls": "other"}, []),
    "none": ({"accept_get_urls": ""}, []),
    "this storage": ({"accept_storage_ids": "{storage}"}, ["primary"]),
    "another storage": ({"accept_storage_ids": "2aa143ac-0ab7-4d75-bc32-5c00c13d186f"}, []),
    "any storage": ({"accept_storage_ids": ""}, ["primary", "there", None]),
}


@pytest.mark.parametrize(("query", "labels"), URLS.values(), ids=URLS)
def test_urls(api, made, segment, query, labels):
    """Those URLs are answered that all filters agree on, by the segment and by its object alike."""
    storage = api.get("/service/storage-backends").json()[0]["id"]
    document = made()
    object_id = segment(document, "[0:0_10:0)")
    for url in ({"url": "http://there.invalid/a", "label": "there"}, {"url": "http://nowhere.invalid/b"}):
        assert api.post(f"/objects/{object_id}/instances", json=url).status_code == 201
    query = {name: value.replace("{storage}", storage) for name, value in query.items()}
    (told,) = api.get(path_of(document), params=query).json()
    assert [url.get("label") for url in told["get_urls"]] == labels
    assert [url.get("label") for url in api.get(f"/objects/{object_id}", params=query).json()["get_urls"]] == labels


def test_verbose(api, made, segment):
    """The storage's facts come where they are asked for."""
    document = made()
    segment(document, "[0:0_10:0)")
    (told,) = api.get(path_of(document), params={"verbose_storage": "true"}).json()
    (url,) = told["get_urls"]
    (backend,) = api.get("/service/storage-backends").json()
    assert (url["storage_id"], url["controlled"], url["store_type"]) == (backend["id"], True, "http_object_store")


def test_elsewhere(api, made):
    """An object outside the service is registered by its URLs, and found by them."""
    document = made()
    object_id = f"outside/{uuid.uuid4()}"
    said = {"object_id": object_id, "timerange": "[0:0_1:0)", "get_urls": [{"url": "http://there.invalid/a", "label": "x"}]}
    assert api.post(path_of(document), json=said).status_code == 201
    (told,) = api.get(path_of(document)).json()
    assert told["get_urls"] == [{"url": "http://there.invalid/a", "label": "x", "presigned": False}]


def test_without_container(api):
    """A flow without container has no media of its own: no storage, no segments."""
    document = flow(container=None)
    assert api.put(f"/flows/{document['id']}", json=document).status_code == 201
    for path, said in (("storage", {}), ("segments", {"object_id": "x", "timerange": "[0:0_1:0)"})):
        answer = api.post(f"/flows/{document['id']}/{path}", json=said)
        assert answer.status_code == 400
        assert "has no container" in answer.json()["summary"]
