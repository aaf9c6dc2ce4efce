"""Bad input is answered with a client error and the specification's error body: never with a 5xx."""

import re

import pytest

from targets.tams.endpoint import LARGEST_BODY_BYTES

FLOW = "/flows/{id}"


def body(text):
    """A raw JSON body."""
    return {"content": text.encode() if isinstance(text, str) else text}


def segment(**fields):
    """The body of a segment with something wrong in it."""
    return {"json": {"object_id": "x", "timerange": "[0:0_1:0)", "get_urls": [{"url": "http://a.invalid/b"}], **fields}}


CASES = {
    "not JSON": ("PUT", FLOW, body("{"), 400, "Invalid JSON"),
    "not UTF-8": ("PUT", FLOW, body(b'{"id": "\xff"}'), 400, "Invalid JSON"),
    "no object": ("PUT", FLOW, body("[]"), 400, "should be an object"),
    "no body": ("PUT", FLOW, {}, 400, "Invalid JSON"),
    "lone surrogate": ("PUT", f"{FLOW}/label", body('"\\ud800"'), 400, "Invalid JSON"),
    "NUL in a label": ("PUT", f"{FLOW}/label", {"json": "a\0"}, 400, "must not contain the character NUL"),
    "a tag that is no text": ("PUT", f"{FLOW}/tags/a", {"json": 5}, 400, "Input should be a valid string; Input"),
    "endless number": ("PUT", f"{FLOW}/max_bit_rate", body("9" * 5000), 400, ""),
    "deep nesting": ("PUT", FLOW, body('{"a":' * 5000 + "1" + "}" * 5000), 400, "Invalid JSON"),
    "infinite number": ("PUT", FLOW, body('{"format": "urn:x-nmos:format:multi", "a": 1e999}'), 400, "Field required"),
    "large body": ("PUT", FLOW, body(b" " * (LARGEST_BODY_BYTES + 1)), 413, "larger than"),
    "unknown parameter": ("GET", "/flows?stauts=x", {}, 400, "stauts: Extra inputs"),
    "our own names for tags": ("GET", "/flows?tag_values=x", {}, 400, "tag_values: Extra inputs"),
    "limit no number": ("GET", "/flows?limit=x", {}, 400, "limit: "),
    "limit zero": ("GET", "/sources?limit=0", {}, 400, "limit: "),
    "limit negative": ("GET", f"{FLOW}/segments?limit=-1", {}, 400, "limit: "),
    "page no key": ("GET", f"{FLOW}/segments?page=x", {}, 400, "page: must be a key"),
    "page beyond all": ("GET", f"{FLOW}/segments?page={'9' * 99}", {}, 400, "page: must be a key"),
    "source no id": ("GET", "/flows?source_id=x", {}, 400, "source_id: "),
    "format unknown": ("GET", "/sources?format=x", {}, 400, "format: "),
    "codec none": ("GET", "/flows?codec=x", {}, 400, "codec: "),
    "width no number": ("GET", "/flows?frame_width=x", {}, 400, "frame_width: "),
    "presence no truth": ("GET", "/flows?tag_exists.a=x", {}, 400, "tag_presence.a: "),
    "timerange none": ("GET", "/flows?timerange=[0:0", {}, 200, ""),
    "timerange no bracket": ("GET", "/flows?timerange=x", {}, 400, "timerange: must be a timerange"),
    "timerange empty text": ("GET", f"{FLOW}?timerange=", {}, 400, "timerange: must be a timerange"),
    "ids none": ("GET", "/flows?collected_by_ids=x", {}, 400, "collected_by_ids: must be"),
    "NUL in query": ("GET", "/flows?label=%00", {}, 400, "label: must not contain"),
    "segment without object": ("POST", f"{FLOW}/segments", {"json": {"timerange": "_"}}, 400, "object_id: Field required"),
    "segment without end": ("POST", f"{FLOW}/segments", segment(timerange="[0:0_"), 400, "must have a start and an end"),
    "segment of nothing": ("POST", f"{FLOW}/segments", segment(timerange="()"), 400, "not be empty"),
    "segment of long ago": ("POST", f"{FLOW}/segments", segment(timerange="[-9999999999:0_0:0)"), 400, "within 292 years"),
    "segment far off its object": ("POST", f"{FLOW}/segments", segment(ts_offset="9999999999:0"), 400, "within 292 years"),
    "timerange a number": ("POST", f"{FLOW}/segments", segment(timerange=5), 400, "timerange: must be a string"),
    "offset a word": ("POST", f"{FLOW}/segments", segment(ts_offset="x"), 400, "ts_offset: must be a timestamp"),
    "duration negative": ("POST", f"{FLOW}/segments", segment(last_duration="-1:0"), 400, "must not be negative"),
    "count a word": ("POST", f"{FLOW}/segments", segment(sample_count="1"), 400, "sample_count: "),
    "URL of a file": ("POST", f"{FLOW}/segments", segment(get_urls=[{"url": "file:///x"}]), 400, "get_urls.0.url: "),
    "no segments": ("POST", f"{FLOW}/segments", {"json": []}, 400, "at least 1 item"),
    "too many segments": ("POST", f"{FLOW}/segments", {"json": [segment()["json"]] * 1001}, 400, "at most 1000 items"),
    "no such flow": (
        "POST",
        "/flows/2aa143ac-0ab7-4d75-bc32-5c00c13d186f/segments",
        segment(),
        404,
        "there is no flow 2aa143ac",
    ),
    "bytes in path": ("GET", "/flows/%ff", {}, 404, "there is no flow"),
    "NUL in path": ("GET", "/flows/{id}/tags/a%00b", {}, 404, "there is no"),
    "upper case id": ("GET", "/flows/2AA143AC-0AB7-4D75-BC32-5C00C13D186F", {}, 404, "there is no flow"),
    "unknown path": ("GET", "/nothing", {}, 404, "Not Found"),
    "wrong method": ("PATCH", FLOW, {}, 405, "Method Not Allowed"),
    "webhook without events": ("POST", "/service/webhooks", {"json": {"url": "http://a.invalid/"}}, 400, "events: "),
    "webhook of unknown events": (
        "POST",
        "/service/webhooks",
        {"json": {"url": "http://a.invalid/", "events": ["x"]}},
        400,
        "events.0: ",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_input(api, made, case):
    """Each mistake gets its own status and one sentence that names it."""
    method, path, sent, status, words = case
    answer = api.request(method, path.replace("{id}", made()["id"]), **sent)
    assert answer.status_code == status, answer.text
    if status >= 400:
        told = answer.json()
        assert set(told) == {"type", "summary", "time"}
        assert words in told["summary"]
        assert "[" not in told["summary"].partition(": ")[0]
        assert re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", told["time"])


def test_methods_of_a_path(api, made):
    """A method that a path lacks is answered with those that it has."""
    answer = api.patch(f"/flows/{made()['id']}")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "PUT", "DELETE"}
