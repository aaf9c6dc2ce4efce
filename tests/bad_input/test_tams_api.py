"""What the TAMS API is asked: each refusal's status and whole message, beside those of tests/targets/tams."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx
import pytest
from tams_target import Tams, flow, tams_api

NOBODY = "7188883b-24fe-4a0b-a63f-97c91d687ac6"
FLOW, SEGMENTS, STORAGE = "/flows/{id}", "/flows/{id}/segments", "/flows/{id}/storage"
AUDIO = "urn:x-nmos:format:audio"
TEXT, NUMBER = "Input should be a valid string", "Input should be a valid integer"
TIMERANGE = "timerange: must be a timerange such as [0:0_10:0), [5:0] or _"
WEBHOOKS = "/service/webhooks"
ANY = object()


class Case(NamedTuple):
    """One request, and what is answered; `{id}` and `{source}` stand for the ids of a flow that is there."""

    status: int
    says: str
    method: str
    path: str
    body: Any = ANY


def put(says: str, **fields: Any) -> Case:
    """The flow with something wrong in it."""
    return Case(400, says, "PUT", FLOW, fields)


def of_flow(name: str, value: Any, says: str) -> Case:
    """One property of the flow."""
    return Case(400, says, "PUT", f"{FLOW}/{name}", value)


def post(path: str, body: Any, says: str, status: int = 400) -> Case:
    """Something to make."""
    return Case(status, says, "POST", path, body)


def read(path: str, says: str, status: int = 404) -> Case:
    """A question."""
    return Case(status, says, "GET", path)


CASES = {
    "flow of another path": put(f"id: is {NOBODY}, but the path says {{id}}", id=NOBODY),
    "flow of no format": put(
        "Input tag 'x' found using 'format' does not match any of the expected tags: 'urn:x-nmos:format:video', "
        "'urn:x-nmos:format:audio', 'urn:x-tam:format:image', 'urn:x-nmos:format:data', 'urn:x-nmos:format:multi'",
        format="x",
    ),
    "flow of a number's source": put(f"{AUDIO}.source_id: {TEXT}", source_id=5),
    "flow of listed essence": put(f"{AUDIO}.essence_parameters: Input should be an object", essence_parameters=[]),
    "flow of silence": put(
        f"{AUDIO}.essence_parameters.sample_rate: Input should be greater than or equal to 1",
        essence_parameters={"sample_rate": 0, "channels": 2},
    ),
    "flow of a number's tag": put(f"{AUDIO}.tags.a: {TEXT}; {AUDIO}.tags.a: Input should be a valid array", tags={"a": 5}),
    "flow of a number's label": put(f"{AUDIO}.label: {TEXT}", label=5),
    "flow of no id": Case(404, "there is no flow of that id", "PUT", "/flows/none", {}),
    "description a number": of_flow("description", 5, TEXT),
    "read-only perhaps": of_flow("read_only", "yes", "Input should be a valid boolean"),
    "bit rate negative": of_flow("max_bit_rate", -1, "Input should be greater than or equal to 0"),
    "bit rate of a half": of_flow("avg_bit_rate", 1.5, NUMBER),
    "collection an object": of_flow("flow_collection", {}, "Input should be a valid array"),
    "property unknown": Case(404, "Not Found", "PUT", f"{FLOW}/nope", 5),
    "flow unknown": read(f"/flows/{NOBODY}", f"there is no flow {NOBODY}"),
    "flow of no id, deleted": Case(404, "there is no flow of that id", "DELETE", "/flows/none"),
    "flows posted": post("/flows", {}, "Method Not Allowed", 405),
    "flows without a limit": read("/flows?limit=", f"limit: {NUMBER}, unable to parse string as an integer", 400),
    "source unknown": read(f"/sources/{NOBODY}", f"there is no source {NOBODY}"),
    "source unknown, labelled": Case(404, f"there is no source {NOBODY}", "PUT", f"/sources/{NOBODY}/label", "x"),
    "source labelled with a list": Case(400, TEXT, "PUT", "/sources/{source}/label", []),
    "source deleted": Case(405, "Method Not Allowed", "DELETE", "/sources/{source}"),
    "storage a list": post(STORAGE, [], "Input should be an object"),
    "storage of nothing": post(STORAGE, {"limit": 0}, "limit: Input should be greater than or equal to 1"),
    "storage of a word": post(STORAGE, {"limit": "x"}, f"limit: {NUMBER}"),
    "storage of no objects": post(
        STORAGE, {"object_ids": []}, "object_ids: List should have at least 1 item after validation, not 0"
    ),
    "storage of one object twice": post(STORAGE, {"object_ids": ["a", "a"]}, "object_ids: must not repeat itself"),
    "storage of nobody": post(f"/flows/{NOBODY}/storage", {}, f"there is no flow {NOBODY}", 404),
    "segment a number": post(SEGMENTS, 5, "segment: Input should be an object"),
    "segment of no object": post(
        SEGMENTS,
        {"object_id": "x", "timerange": "[0:0_1:0)"},
        "object_id: there is no object x; ask for storage first, or give its get_urls",
    ),
    "segment of an empty object": post(
        SEGMENTS,
        {"object_id": "", "timerange": "[0:0_1:0)"},
        "segment.object_id: String should have at least 1 character",
    ),
    "segments of no timerange": read(f"{SEGMENTS}?timerange=x", TIMERANGE, 400),
    "segments of no timerange, deleted": Case(400, TIMERANGE, "DELETE", f"{SEGMENTS}?timerange=x"),
    "segments in no order": read(
        f"{SEGMENTS}?reverse_order=x", "reverse_order: Input should be a valid boolean, unable to interpret input", 400
    ),
    "segments of nobody, deleted": Case(404, f"there is no flow {NOBODY}", "DELETE", f"/flows/{NOBODY}/segments"),
    "object unknown": read("/objects/none", "there is no object none that a segment refers to"),
    "deletion unknown": read("/flow-delete-requests/none", "there is no request of that id"),
    "service a list": post("/service", [], "Input should be an object"),
    "service of a number's name": post("/service", {"name": 5}, f"name: {TEXT}"),
    "webhook without an address": post(WEBHOOKS, {"events": ["flows/created"]}, "url: Field required"),
    "webhook of nothing": post(
        WEBHOOKS, {"url": "http://a.invalid", "events": []}, "events: List should have at least 1 item after validation, not 0"
    ),
    "webhook unknown": read(f"{WEBHOOKS}/none", "there is no webhook of that id"),
}


@pytest.fixture(scope="module")
def tams() -> Iterator[Tams]:
    """Over both backends, in this process."""
    with tams_api() as served:
        yield served


@pytest.fixture(scope="module")
def http(tams: Tams) -> Iterator[httpx.Client]:
    """Asks it."""
    with httpx.Client(base_url=tams.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def made(tams: Tams, http: httpx.Client) -> Iterator[dict[str, Any]]:
    """A flow that is there; after all cases everything is as it was before them."""
    document = flow()
    assert http.put(f"/flows/{document['id']}", json=document).status_code == HTTPStatus.CREATED
    before = tams.left(), tams.rows("flows")
    yield document
    assert (tams.left(), tams.rows("flows")) == before


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(http: httpx.Client, made: dict[str, Any], case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """What is wrong is named, and the log has no traceback."""

    def filled(text: str) -> str:
        return text.replace("{id}", made["id"]).replace("{source}", made["source_id"])

    body = {**made, **case.body} if (case.method, case.path) == ("PUT", FLOW) else case.body
    answer = http.request(case.method, filled(case.path), **({} if body is ANY else {"json": body}))
    assert (answer.status_code, answer.json()["summary"]) == (case.status, filled(case.says))
    told = [one for one in caplog.records if not one.name.startswith("vastdb")]  # whose log the server leaves out
    assert not [one for one in told if one.exc_info]
