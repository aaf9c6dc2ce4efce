"""Storage: where clients put media, and which ids they may choose."""

import uuid
from urllib.parse import urlsplit

import pytest


def storage(api, document, **said):
    """What is answered to a request for storage."""
    return api.post(f"/flows/{document['id']}/storage", json=said)


def test_keys(tams, api, made):
    """An object lies under its flow and the day it was made room for, and takes the flow's content type."""
    document = made()
    (room,) = storage(api, document).json()["media_objects"]
    place = urlsplit(room["put_url"]["url"])
    assert place.path == f"/{tams.media.place.bucket}/{document['id']}/{tams.day.at:%Y/%m/%d}/{room['object_id']}"
    assert f"{place.scheme}://{place.netloc}" == tams.settings.s3.public_url
    assert room["put_url"]["content-type"] == "video/mp2t"


def test_without_body(api, made):
    """A request without body is for one object."""
    answer = api.post(f"/flows/{made()['id']}/storage")
    assert (answer.status_code, len(answer.json()["media_objects"])) == (201, 1)


def test_several(api, made):
    """As many objects are made room for as are asked for, each with an id of its own."""
    rooms = storage(api, made(), limit=7).json()["media_objects"]
    assert len({room["object_id"] for room in rooms}) == 7


def test_chosen_ids(api, made, elsewhere):
    """A client may choose ids, once, with whatever an S3 key may hold."""
    document = made()
    ids = [f"day/{uuid.uuid4()} 1+ü?.ts", str(uuid.uuid4())]
    answer = storage(api, document, object_ids=ids, content_type="video/mp4")
    rooms = answer.json()["media_objects"]
    assert [room["object_id"] for room in rooms] == ids
    put = rooms[0]["put_url"]
    assert elsewhere.put(put["url"], content=b"x", headers={"content-type": "video/mp4"}).status_code == 200
    again = storage(api, document, object_ids=[ids[1]])
    assert (again.status_code, again.json()["summary"]) == (400, f"object_ids: there is an object {ids[1]} already")
    said = {"object_id": ids[0], "timerange": "[0:0_1:0)"}
    assert api.post(f"/flows/{document['id']}/segments", json=said).status_code == 201
    (told,) = api.get(f"/flows/{document['id']}/segments").json()
    assert elsewhere.get(told["get_urls"][0]["url"]).content == b"x"


REFUSED = {
    "both": ({"limit": 1, "object_ids": ["a"]}, "not both"),
    "no ids": ({"object_ids": []}, "object_ids"),
    "an id twice": ({"object_ids": ["a", "a"]}, "must not repeat itself"),
    "an empty id": ({"object_ids": [""]}, "object_ids.0"),
    "an id that climbs": ({"object_ids": ["a/../../b"]}, "dotted parts"),
    "an id of bytes": ({"object_ids": ["a\x00b"]}, "printable"),
    "a long id": ({"object_ids": ["ü" * 451]}, "at most 900 bytes"),
    "an instance's path": ({"object_ids": ["a/instances"]}, "not end in /instances"),
    "none": ({"limit": 0}, "limit"),
    "another storage": ({"storage_id": "2aa143ac-0ab7-4d75-bc32-5c00c13d186f"}, "there is no storage backend"),
    "no content type": ({"content_type": "video"}, "content_type"),
    "unknown field": ({"limits": 1}, "limits"),
}


@pytest.mark.parametrize(("said", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(api, made, said, words):
    """What cannot be made room for is refused with 400 and a sentence."""
    answer = storage(api, made(), **said)
    assert (answer.status_code, answer.json()["type"]) == (400, "BadRequest")
    assert words in answer.json()["summary"]


def test_of_nothing(api):
    """There is no storage for a flow that is not there."""
    assert storage(api, {"id": str(uuid.uuid4())}).status_code == 404


def test_another_flow(api, made):
    """An object that was made room for in one flow cannot be first registered in another."""
    (room,) = storage(api, made()).json()["media_objects"]
    said = {"object_id": room["object_id"], "timerange": "[0:0_1:0)"}
    answer = api.post(f"/flows/{made()['id']}/segments", json=said)
    assert answer.status_code == 400
    assert "made for another flow" in answer.json()["summary"]
