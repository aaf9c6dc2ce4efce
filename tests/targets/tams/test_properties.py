"""Single properties of flows and sources, and what a read-only flow refuses."""

import uuid

import pytest

COLLECTED = [{"id": "{other}", "role": "sound", "container_mapping": {"track_index": 1}}]
OF_FLOWS = {
    "label": ("a label", "another"),
    "description": ("a description", ""),
    "flow_collection": (COLLECTED, []),
    "max_bit_rate": (5000, 0),
    "avg_bit_rate": (3246, 2**40),
}
OF_SOURCES = {"label": ("a label", "another"), "description": ("a description", "")}


@pytest.fixture
def place(made):
    """`place(kind)`: the path of a flow or a source that is there, and the id of another flow."""

    def find(kind):
        document = made()
        return f"/{kind}/{document['id' if kind == 'flows' else 'source_id']}", made()["id"]

    return find


CASES = [("flows", name, *values) for name, values in OF_FLOWS.items()]
CASES += [("sources", name, *values) for name, values in OF_SOURCES.items()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_property(api, place, case):
    """A property is not there, is put, read alone and with the whole, replaced, and deleted."""
    kind, name, first, second = case
    whole, other = place(kind)
    if name == "flow_collection":
        first = [{**item, "id": other} for item in first]
    path = f"{whole}/{name}"
    assert api.get(path).status_code == 404
    for value in (first, second):
        assert api.put(path, json=value).status_code == 204
        assert api.get(path).json() == value
        assert api.get(whole).json()[name] == value
        assert api.head(path).status_code == 200
    for _ in range(2):
        assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert name not in api.get(whole).json()


@pytest.mark.parametrize("kind", ["flows", "sources"])
def test_tags(api, place, kind):
    """Tags are put, read and deleted one by one, whatever their names hold; deleting one that is not there is a 404."""
    whole, _ = place(kind)
    assert api.get(f"{whole}/tags").json() == {}
    for name, value in {"quality": "web", "with/slash and ünicode?": ["a", "b"]}.items():
        path = f"{whole}/tags/{name.replace('/', '%2F').replace('?', '%3F')}"
        assert api.put(path, json=value).status_code == 204
        assert api.get(path).json() == value
        assert api.get(f"{whole}/tags").json()[name] == value
        assert api.get(whole).json()["tags"][name] == value
        assert api.delete(path).status_code == 204
        assert (api.get(path).status_code, api.delete(path).status_code) == (404, 404)


@pytest.mark.parametrize("kind", ["flows", "sources"])
def test_tag_names(api, place, kind):
    """A tag that is put by itself has a name as one that is put with its flow: what is shown can be put back."""
    whole, _ = place(kind)
    for name in ("", "x" * 201):
        answer = api.put(f"{whole}/tags/{name}", json="x")
        assert (answer.status_code, answer.json()["summary"]) == (400, "tag: its name must have 1 to 200 characters")
    assert api.put(f"{whole}/tags/{'x' * 200}", json="x").status_code == 204


def test_most_tags(api, place):
    """There may be a hundred tags, and no more."""
    whole, _ = place("sources")
    for number in range(100):
        assert api.put(f"{whole}/tags/{number}", json="x").status_code == 204
    assert api.put(f"{whole}/tags/7", json="y").status_code == 204
    answer = api.put(f"{whole}/tags/more", json="x")
    assert (answer.status_code, answer.json()["summary"]) == (400, "there are 100 tags already; delete one")


WRONG = {
    "label, a number": ("label", 5),
    "label, null": ("label", None),
    "bit rate, negative": ("max_bit_rate", -1),
    "bit rate, text": ("avg_bit_rate", "5"),
    "bit rate, endless": ("avg_bit_rate", 2**64),
    "collection, no list": ("flow_collection", {}),
    "collection, no such flow": ("flow_collection", [{"id": str(uuid.uuid4()), "role": "x"}]),
    "read-only, a word": ("read_only", "true"),
    "read-only, a number": ("read_only", 1),
    "tag, an object": ("tags/x", {"a": 1}),
    "tag, numbers": ("tags/x", [1]),
}


@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG)
def test_wrong(api, place, name, value):
    """A value of the wrong kind is refused with 400."""
    whole, _ = place("flows")
    answer = api.put(f"{whole}/{name}", json=value)
    assert (answer.status_code, answer.json()["type"]) == (400, "BadRequest")


def test_of_nothing(api):
    """Properties of what is not there are 404, read or changed."""
    for kind in ("flows", "sources"):
        for path in (f"/{kind}/{uuid.uuid4()}", f"/{kind}/no-uuid"):
            answers = [
                api.get(path),
                api.get(f"{path}/label"),
                api.put(f"{path}/label", json="x"),
                api.delete(f"{path}/label"),
                api.get(f"{path}/tags"),
                api.put(f"{path}/tags/x", json="x"),
            ]
            assert {answer.status_code for answer in answers} == {404}
            assert all(answer.json()["type"] == "NotFound" for answer in answers)


CHANGES = {
    "put": lambda api, path, document: api.put(path, json=document),
    "delete": lambda api, path, _document: api.delete(path),
    "label": lambda api, path, _document: api.put(f"{path}/label", json="x"),
    "no label": lambda api, path, _document: api.delete(f"{path}/label"),
    "tag": lambda api, path, _document: api.put(f"{path}/tags/x", json="x"),
    "no tag": lambda api, path, _document: api.delete(f"{path}/tags/x"),
    "collection": lambda api, path, _document: api.put(f"{path}/flow_collection", json=[]),
    "bit rate": lambda api, path, _document: api.put(f"{path}/max_bit_rate", json=1),
    "storage": lambda api, path, _document: api.post(f"{path}/storage", json={}),
    "segments": lambda api, path, _document: api.post(
        f"{path}/segments", json={"object_id": "x", "timerange": "[0:0_1:0)", "get_urls": [{"url": "http://a/b"}]}
    ),
    "no segments": lambda api, path, _document: api.delete(f"{path}/segments"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_read_only(api, made, change):
    """A read-only flow refuses every change with 403, until it is made writable again."""
    document = made()
    path = f"/flows/{document['id']}"
    assert api.get(f"{path}/read_only").json() is False
    assert api.put(f"{path}/read_only", json=True).status_code == 204
    before = api.get(path).json()
    assert before["read_only"] is True
    answer = change(api, path, document)
    assert (answer.status_code, answer.json()["type"]) == (403, "Forbidden")
    assert "read-only" in answer.json()["summary"]
    assert api.get(path).json() == before
    assert api.put(f"{path}/read_only", json=False).status_code == 204
    assert api.put(f"{path}/label", json="x").status_code == 204
