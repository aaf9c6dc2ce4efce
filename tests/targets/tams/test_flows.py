"""Flows: made, replaced, read, and listed by filters and pages."""

import uuid

import pytest
from tams_target import flow


def test_made(api):
    """A flow that is put is answered as it was put, with what the service says of it."""
    document = flow(tags={"quality": "web", "languages": ["en", "de"]}, label="capture", their_own={"a": [1]})
    answer = api.put(f"/flows/{document['id']}", json=document)
    assert answer.status_code == 201
    told = answer.json()
    assert {name: told[name] for name in document} == document
    assert told["created"] == told["metadata_updated"]
    assert api.get(f"/flows/{document['id']}").json() == told


def test_replaced(api, made):
    """A flow that is put again is replaced, keeps when it was created, and has another version."""
    document = made(label="first")
    before = api.get(f"/flows/{document['id']}").json()
    assert api.put(f"/flows/{document['id']}", json={**document, "label": "second"}).status_code == 204
    after = api.get(f"/flows/{document['id']}").json()
    assert (after["label"], after["created"]) == ("second", before["created"])
    assert after["metadata_updated"] > before["metadata_updated"]
    assert after["metadata_version"] != before["metadata_version"]


def test_managed_fields_are_ignored(api):
    """What the service says of a flow cannot be said by a client."""
    document = flow()
    said = {**document, "created": "2001-01-01T00:00:00Z", "timerange": "_", "collected_by": [], "metadata_version": "mine"}
    told = api.put(f"/flows/{document['id']}", json=said).json()
    assert told["created"].startswith("2026-")
    assert told["metadata_version"] != "mine"
    assert "timerange" not in told
    assert "collected_by" not in told


def test_source_arises(api, made):
    """A source arises from its flow, with the flow's format."""
    document = made()
    told = api.get(f"/sources/{document['source_id']}").json()
    assert (told["id"], told["format"]) == (document["source_id"], document["format"])


REFUSED = {
    "another id": ({"id": "2aa143ac-0ab7-4d75-bc32-5c00c13d186f"}, "id: is 2aa143ac"),
    "another source": ({"source_id": "2aa143ac-0ab7-4d75-bc32-5c00c13d186f"}, "source_id: flow"),
    "another format": (
        {"format": "urn:x-nmos:format:data", "essence_parameters": {}},
        "format: flow",
    ),
    "no codec": ({"codec": None}, "codec: Field required"),
    "unknown format": ({"format": "urn:x"}, "format"),
    "no essence": ({"essence_parameters": {}}, "sample_rate: Field required"),
    "half a rate": ({"format": "urn:x-nmos:format:video", "essence_parameters": {"frame_width": 0}}, "frame_width"),
    "collects itself": ({"flow_collection": [{"id": "{id}", "role": "x"}]}, "cannot collect itself"),
    "collects nothing": (
        {"flow_collection": [{"id": "2aa143ac-0ab7-4d75-bc32-5c00c13d186f", "role": "x"}]},
        "there is no flow 2aa143ac",
    ),
    "too large": ({"description": "x" * 9000, "more": ["y" * 9000] * 12}, "larger than 100000 bytes"),
}


@pytest.mark.parametrize(("fields", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(api, made, fields, words):
    """A flow that cannot be is refused with 400 and a sentence that names the field."""
    document = made()
    said = {**document, **fields}
    said = {name: value for name, value in said.items() if value is not None}
    if "flow_collection" in said and said["flow_collection"][0]["id"] == "{id}":
        said["flow_collection"][0]["id"] = document["id"]
    answer = api.put(f"/flows/{document['id']}", json=said)
    assert (answer.status_code, answer.json()["type"]) == (400, "BadRequest")
    assert words in answer.json()["summary"]


def test_source_of_another_format(api, made):
    """A source has one format, and a flow of another is refused."""
    document = made()
    other = flow(source_id=document["source_id"], format="urn:x-nmos:format:data", essence_parameters={})
    answer = api.put(f"/flows/{other['id']}", json=other)
    assert answer.status_code == 400
    assert f"source {document['source_id']} is of urn:x-nmos:format:audio" in answer.json()["summary"]


def video(**fields):
    """A flow of pictures."""
    essence = {"frame_width": 1280, "frame_height": 720, "frame_rate": {"numerator": 25}}
    return {"format": "urn:x-nmos:format:video", "codec": "video/h264", "essence_parameters": essence, **fields}


@pytest.fixture(scope="module")
def shelf():
    """A word by which a module's own flows are told from others'."""
    return uuid.uuid4().hex


@pytest.fixture
def three(api, shelf, segment):
    """A video flow with a segment, an audio flow and a multi flow that collects them, made once."""
    listed = api.get("/flows", params={"tag.shelf": shelf}).json()
    if not listed:
        pictures = flow(**video(label="pictures", tags={"shelf": shelf, "kind": ["moving", "seen"]}))
        sound = flow(codec="audio/opus", tags={"shelf": shelf, "kind": "heard"})
        both = flow(
            format="urn:x-nmos:format:multi",
            codec=None,
            essence_parameters=None,
            tags={"shelf": shelf},
            flow_collection=[{"id": pictures["id"], "role": "video"}, {"id": sound["id"], "role": "audio"}],
        )
        for document in (pictures, sound, both):
            assert api.put(f"/flows/{document['id']}", json=document).status_code == 201
        segment(pictures, "[0:0_10:0)")
    return {told["format"].rpartition(":")[2]: told for told in api.get("/flows", params={"tag.shelf": shelf}).json()}


FILTERS = {
    "source": ("source_id", "{source}", {"video"}),
    "format": ("format", "urn:x-nmos:format:audio", {"audio"}),
    "codec": ("codec", "video/h264", {"video"}),
    "label": ("label", "pictures", {"video"}),
    "width": ("frame_width", "1280", {"video"}),
    "height": ("frame_height", "1080", set()),
    "a tag's value": ("tag.kind", "heard", {"audio"}),
    "one of a tag's values": ("tag.kind", "tasted,seen,heard", {"audio", "video"}),
    "a part of a value": ("tag.kind", "see", set()),
    "a tag's presence": ("tag_exists.kind", "true", {"audio", "video"}),
    "a tag's absence": ("tag_exists.kind", "false", {"multi"}),
    "collected": ("collected_by_ids", "{multi}", {"audio", "video"}),
    "not collected": ("collected_by_ids", "", {"multi"}),
    "time": ("timerange", "[5:0_6:0)", {"video"}),
    "another time": ("timerange", "[10:0_11:0)", set()),
    "no content": ("timerange", "()", {"audio", "multi"}),
    "always": ("timerange", "_", {"audio", "video", "multi"}),
}


@pytest.mark.parametrize("case", FILTERS.values(), ids=FILTERS)
def test_filters(api, three, shelf, case):
    """Each filter leaves the flows that it should."""
    name, value, expected = case
    value = value.replace("{source}", three["video"]["source_id"]).replace("{multi}", three["multi"]["id"])
    answer = api.get("/flows", params={"tag.shelf": shelf, name: value})
    assert answer.status_code == 200, answer.text
    assert {told["format"].rpartition(":")[2] for told in answer.json()} == expected


def test_collected(api, three):
    """A collected flow says by whom, and so do the sources on both sides."""
    assert three["video"]["collected_by"] == [three["multi"]["id"]]
    assert api.get(f"/flows/{three['audio']['id']}").json()["collected_by"] == [three["multi"]["id"]]
    source = api.get(f"/sources/{three['video']['source_id']}").json()
    assert source["collected_by"] == [three["multi"]["source_id"]]
    collector = api.get(f"/sources/{three['multi']['source_id']}").json()
    assert {item["role"] for item in collector["source_collection"]} == {"video", "audio"}


@pytest.mark.parametrize(("query", "expected"), [("_", "[0:0_10:0)"), ("[3:0_4:0)", "[0:0_10:0)"), ("[20:0_", "()")])
def test_timerange(api, three, query, expected):
    """A flow's timerange reaches from its first to its last segment that overlaps what is asked for."""
    path = f"/flows/{three['video']['id']}"
    told = api.get(path, params={"include_timerange": "true", "timerange": query}).json()
    assert told["timerange"] == expected
    assert "timerange" not in api.get(path).json()


@pytest.mark.parametrize("path", ["/flows", "/sources"])
def test_pages(api, made, path):
    """Pages of two hold each thing once, in one order, and the last has no link."""
    shelf = uuid.uuid4().hex
    ids = set()
    for _ in range(5):
        document = made(tags={"shelf": shelf})
        api.put(f"/sources/{document['source_id']}/tags/shelf", json=shelf)
        ids.add(document["id"] if path == "/flows" else document["source_id"])
    url, seen, sizes = f"{path}?tag.shelf={shelf}&limit=2", [], []
    while url:
        answer = api.get(url)
        assert answer.headers["X-Paging-Limit"] == "2"
        seen += [told["id"] for told in answer.json()]
        sizes.append(len(answer.json()))
        url = answer.links.get("next", {}).get("url")
        assert ("X-Paging-NextKey" in answer.headers) == bool(url)
    assert (seen, sizes) == (sorted(ids), [2, 2, 1])


def test_limit_is_cut(api):
    """A limit over the largest is cut, and the header says to what."""
    assert api.get("/flows", params={"limit": 10**6}).headers["X-Paging-Limit"] == "1000"


@pytest.mark.parametrize("path", ["/", "/service", "/flows", "/sources", "/flows/{id}", "/flows/{id}/segments"])
def test_head(api, made, path):
    """HEAD answers as GET does, without a body."""
    path = path.replace("{id}", made()["id"])
    answer = api.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert api.head(f"/flows/{uuid.uuid4()}").status_code == 404
