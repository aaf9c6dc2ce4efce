"""Media objects: who refers to one, and its instances elsewhere."""

import uuid

import pytest


def test_read(api, made, segment):
    """An object says which flows refer to it, which did first, and how long it is."""
    first, second = made(), made()
    object_id = segment(first, "[10:0_20:0)", ts_offset="10:0", key_frame_count=3)
    said = {"object_id": object_id, "timerange": "[0:0_5:0)"}
    assert api.post(f"/flows/{second['id']}/segments", json=said).status_code == 201
    told = api.get(f"/objects/{object_id}").json()
    assert told["referenced_by_flows"] == sorted([first["id"], second["id"]])
    assert (told["id"], told["first_referenced_by_flow"]) == (object_id, first["id"])
    assert (told["timerange"], told["key_frame_count"], len(told["get_urls"])) == ("[0:0_10:0)", 3, 1)
    assert api.head(f"/objects/{object_id}").status_code == 200


def test_pages(api, made, segment):
    """The flows that refer to an object come in pages, and by their tags."""
    flows = [made(tags={"kind": kind}) for kind in ("a", "b", "a")]
    object_id = segment(flows[0], "[0:0_10:0)")
    for document in flows[1:]:
        api.post(f"/flows/{document['id']}/segments", json={"object_id": object_id, "timerange": "[0:0_10:0)"})
    url, seen = f"/objects/{object_id}?limit=2", []
    while url:
        answer = api.get(url)
        seen.append(answer.json()["referenced_by_flows"])
        url = answer.links.get("next", {}).get("url")
    ids = sorted(document["id"] for document in flows)
    assert seen == [ids[:2], ids[2:]]
    tagged = api.get(f"/objects/{object_id}", params={"flow_tag.kind": "b"}).json()["referenced_by_flows"]
    assert tagged == [flows[1]["id"]]
    untagged = api.get(f"/objects/{object_id}", params={"flow_tag_exists.kind": "false"}).json()["referenced_by_flows"]
    assert untagged == []


def test_not_registered(api, made):
    """An object is not there before a segment refers to it."""
    room = api.post(f"/flows/{made()['id']}/storage", json={}).json()["media_objects"][0]
    for object_id in (room["object_id"], "none", str(uuid.uuid4())):
        assert api.get(f"/objects/{object_id}").status_code == 404
        assert api.post(f"/objects/{object_id}/instances", json={"url": "http://a.invalid/b"}).status_code == 404


def test_instances(api, made, segment):
    """An instance elsewhere can be added and forgotten by its label."""
    object_id = segment(made(), "[0:0_1:0)")
    path = f"/objects/{object_id}/instances"
    assert api.post(path, json={"url": "http://there.invalid/a", "label": "there"}).status_code == 201
    labels = [url.get("label") for url in api.get(f"/objects/{object_id}").json()["get_urls"]]
    assert labels == ["primary", "there"]
    assert api.delete(path, params={"label": "there"}).status_code == 204
    assert len(api.get(f"/objects/{object_id}").json()["get_urls"]) == 1
    assert api.delete(path, params={"label": "there"}).status_code == 404


REFUSED = {
    "the storage's label": ("POST", {"url": "http://a.invalid/b", "label": "primary"}, "primary is that of a storage"),
    "a label that is taken": ("POST", {"url": "http://a.invalid/b", "label": "there"}, "an instance there already"),
    "a copy on the same storage": ("POST", {"storage_id": "{storage}"}, "an instance there already"),
    "a copy on another storage": ("POST", {"storage_id": str(uuid.uuid4())}, "there is no storage backend"),
    "no URL": ("POST", {"url": "file:///etc/passwd"}, "url"),
    "nothing": ("POST", {}, "url: Field required"),
    "no choice": ("DELETE", {}, "give storage_id or label"),
    "both": ("DELETE", {"label": "there", "storage_id": str(uuid.uuid4())}, "not both"),
    "the storage's own": ("DELETE", {"storage_id": "{storage}"}, "goes with the last segment"),
    "the storage's own by label": ("DELETE", {"label": "primary"}, "goes with the last segment"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(api, made, segment, case):
    """Instances that cannot be, or must not go, are refused with 400 and a sentence."""
    method, said, words = case
    object_id = segment(made(), "[0:0_1:0)")
    path = f"/objects/{object_id}/instances"
    api.post(path, json={"url": "http://there.invalid/a", "label": "there"})
    storage = api.get("/service/storage-backends").json()[0]["id"]
    said = {name: value.replace("{storage}", storage) for name, value in said.items()}
    answer = api.request(method, path, **({"params": said} if method == "DELETE" else {"json": said}))
    assert (answer.status_code, answer.json()["type"]) == (400, "BadRequest")
    assert words in answer.json()["summary"]


def test_last_instance(api, made):
    """The last instance of an object elsewhere cannot be forgotten."""
    document, object_id = made(), f"outside/{uuid.uuid4()}"
    said = {"object_id": object_id, "timerange": "[0:0_1:0)", "get_urls": [{"url": "http://a.invalid/b", "label": "there"}]}
    assert api.post(f"/flows/{document['id']}/segments", json=said).status_code == 201
    answer = api.delete(f"/objects/{object_id}/instances", params={"label": "there"})
    assert answer.status_code == 400
    assert "the object's last instance" in answer.json()["summary"]
