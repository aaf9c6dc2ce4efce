"""Bad input is answered with a client error and one message, over both databases: never with a 500."""

import json

import pytest

from targets.trace.endpoint import LARGEST_BODY_BYTES


def body(text):
    """A raw JSON body."""
    return {"content": text.encode() if isinstance(text, str) else text}


def item(**fields):
    """The body of an item with something wrong in it."""
    return {"json": {"project_id": "{project}", "title": "t", **fields}}


CASES = {
    "not JSON": ("POST", "items", body("{"), 422, "Invalid JSON"),
    "not UTF-8": ("POST", "items", body(b'{"title": "\xff"}'), 422, "Invalid JSON"),
    "no object": ("POST", "items", body("[]"), 422, "object"),
    "no body": ("POST", "items", {}, 422, "Invalid JSON"),
    "all faults at once": ("POST", "items", body("{}"), 422, "title: Field required; project_id: Field required"),
    "unknown field": ("POST", "items", item(nope=1), 422, "nope: "),
    "empty title": ("POST", "items", item(title=""), 422, "title: "),
    "long title": ("POST", "items", item(title="x" * 501), 422, "title: "),
    "NUL": ("POST", "items", item(title="a\0"), 422, "title: must not contain the character NUL"),
    "NUL in metadata": ("POST", "items", item(metadata={"a": ["\0"]}), 422, "metadata: "),
    "infinite number": (
        "POST",
        "items",
        body('{"project_id": "p", "title": "t", "metadata": {"a": 1e999}}'),
        422,
        "metadata: ",
    ),
    "no number": ("POST", "items", body('{"project_id": "p", "title": "t", "metadata": {"a": NaN}}'), 422, "metadata: "),
    "lone surrogate": ("POST", "items", body('{"project_id": "p", "title": "\\ud800"}'), 422, "Invalid JSON"),
    "deep nesting": ("POST", "items", body('{"metadata": ' + '{"a":' * 5000 + "1" + "}" * 5001), 422, "Invalid JSON"),
    "endless number": ("POST", "items", body('{"metadata": {"a": ' + "9" * 5000 + "}}"), 422, "Invalid JSON"),
    "large number": ("POST", "items", item(priority=2**31), 422, "priority: "),
    "unknown project": ("POST", "items", {"json": {"project_id": "none", "title": "t"}}, 404, "no project none"),
    "unknown parent": ("POST", "items", item(parent_id="none"), 404, "no item none"),
    "too many items": (
        "POST",
        "items/bulk-create",
        {"json": {"project_id": "p", "items": [{"title": "t"}] * 1001}},
        422,
        "items: ",
    ),
    "no items": ("POST", "items/bulk-create", {"json": {"project_id": "p", "items": []}}, 422, "items: "),
    "large body": ("POST", "items", body(b" " * (LARGEST_BODY_BYTES + 1)), 413, "larger than"),
    "null status": ("PUT", "items/{item}", {"json": {"version": 1, "status": None}}, 422, "status: must not be null"),
    "no version": ("PUT", "items/{item}", {"json": {"status": "done"}}, 422, "version: Field required"),
    "own parent": ("PUT", "items/{item}", {"json": {"version": 1, "parent_id": "{item}"}}, 422, "own parent"),
    "own parent in bulk": (
        "POST",
        "items/bulk-update",
        {"json": {"ids": ["{item}"], "change": {"parent_id": "{item}"}}},
        422,
        "own",
    ),
    "empty change": ("POST", "items/bulk-update", {"json": {"ids": ["{item}"], "change": {}}}, 422, "change: name at least"),
    "unknown item": ("GET", "items/none", {}, 404, "no item none"),
    "NUL in path": ("GET", "items/a%00b", {}, 404, "no such id"),
    "bytes in path": ("GET", "items/%ff", {}, 404, "no item"),
    "unknown link": ("DELETE", "links/none", {}, 404, "no link none"),
    "link without fields": ("POST", "links", body("{}"), 422, "link_type: "),
    "limit no number": ("GET", "items?limit=x", {}, 422, "limit: "),
    "limit too large": ("GET", "items?limit=1001", {}, 422, "limit: "),
    "limit zero": ("GET", "items?limit=0", {}, 422, "limit: "),
    "negative skip": ("GET", "items?skip=-1", {}, 422, "skip: "),
    "huge skip": ("GET", "items?skip=99999999999999999999", {}, 422, "skip: "),
    "unknown parameter": ("GET", "items?stauts=todo", {}, 422, "stauts: "),
    "NUL in query": ("GET", "items?status=%00", {}, 422, "status: "),
    "list of unknown project": ("GET", "items?project_id=none", {}, 404, "no project none"),
    "links of unknown project": ("GET", "links?project_id=none", {}, 404, "no project none"),
    "summary of nothing": ("GET", "items/summary", {}, 422, "project_id: Field required"),
    "summary of unknown": ("GET", "items/summary?project_id=none", {}, 404, "no project none"),
    "groups of unknown": ("GET", "links/grouped?project_id=none", {}, 404, "no project none"),
    "unknown path": ("GET", "nothing", {}, 404, "Not Found"),
    "wrong method": ("PATCH", "items", {}, 405, "Method Not Allowed"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_input(api, project, case):
    """Each mistake gets its own status and a message that names it."""
    method, path, sent, status, message = case
    made = api.post("items", json={"project_id": project, "title": "t"}).json()["id"]

    def filled(thing):
        return json.loads(json.dumps(thing).replace("{item}", made).replace("{project}", project))

    sent = {"json": filled(sent["json"])} if "json" in sent else sent
    answer = api.request(method, path.replace("{item}", made), **sent)
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text
    assert message in answer.json()["error"]
