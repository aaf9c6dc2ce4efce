"""Webhooks: registered, changed and deleted, and told of what they asked for and of nothing else."""

import uuid
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from trace_target import serving

ALL = [f"flows/{what}" for what in ("created", "updated", "deleted", "segments_added", "segments_deleted")]
ALL += [f"sources/{what}" for what in ("created", "updated", "deleted")]


class Listener:
    """What a webhook posts to.

    Attributes:
        heard: headers and JSON of each post.
        statuses: what to answer, in turn; then always 204.
    """

    def __init__(self):
        """Hear nothing yet."""
        self.heard = []
        self.statuses = []
        self.app = Starlette(routes=[Route("/{rest:path}", self._hear, methods=["POST"])])

    async def _hear(self, request):
        self.heard.append((dict(request.headers), await request.json()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)

    @property
    def types(self):
        """The types of the events, in order."""
        return [said["event_type"] for _, said in self.heard]


@pytest.fixture
def listener():
    """A listener that takes everything."""
    return Listener()


@pytest.fixture
def register(api, listener, tams):
    """`register(answers=…, **fields)`: a webhook of the listener, which answers so first; it is deleted after the test."""
    with ExitStack() as stack:
        url = stack.enter_context(serving(listener.app))
        tams.janitor.notifications.pause_seconds = 0

        def post(answers=(), **fields):
            listener.statuses = list(answers)
            answer = api.post("/service/webhooks", json={"url": f"{url}/hook", "events": ALL, **fields})
            assert answer.status_code == 201, answer.text
            stack.callback(api.delete, f"/service/webhooks/{answer.json()['id']}")
            return answer.json()

        yield post
    tams.janitor.notifications.send_waiting()


@pytest.fixture
def told(tams, listener):
    """`told()`: let what happened be told; the listener."""

    def send():
        tams.janitor.notifications.send_waiting()
        return listener

    return send


def test_registered(api, register):
    """A webhook is listed and read without its key's value, until it is deleted."""
    webhook = register(api_key_name="Authorization", api_key_value="s3cret", tags={"of": "mine"}, events=["flows/created"])
    assert (webhook["status"], webhook["events"]) == ("created", ["flows/created"])
    assert "s3cret" not in str(webhook)
    path = f"/service/webhooks/{webhook['id']}"
    assert api.get(path).json() == webhook
    assert api.get("/service/webhooks", params={"tag.of": "mine"}).json() == [webhook]
    assert api.get("/service/webhooks", params={"tag.of": "theirs"}).json() == []
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_told(api, register, told, made, segment):
    """Each change of a flow, its segments and its source is told with the key, in order."""
    register(api_key_name="X-Key", api_key_value="s3cret")
    document = made(label="one")
    segment(document, "[0:0_10:0)")
    segment(document, "[10:0_20:0)")
    api.put(f"/flows/{document['id']}/label", json="two")
    api.put(f"/sources/{document['source_id']}/label", json="three")
    api.delete(f"/flows/{document['id']}/segments", params={"timerange": "[5:0_"})
    api.delete(f"/flows/{document['id']}")
    listener = told()
    expected = ["sources/created", "flows/created", "flows/segments_added", "flows/segments_added", "flows/updated"]
    expected += ["sources/updated", "flows/segments_deleted", "flows/deleted", "sources/deleted"]
    assert listener.types == expected
    assert {headers["x-key"] for headers, _ in listener.heard} == {"s3cret"}
    said = {one["event_type"]: one["event"] for _, one in listener.heard}
    assert said["flows/created"]["flow"]["id"] == document["id"]
    assert said["flows/updated"]["flow"]["label"] == "two"
    assert said["sources/updated"]["source"]["label"] == "three"
    assert said["flows/segments_added"]["segments"][0]["timerange"] == "[10:0_20:0)"
    assert said["flows/segments_deleted"] == {"flow_id": document["id"], "timerange": "[10:0_20:0)"}
    assert said["flows/deleted"] == {"flow_id": document["id"]}
    assert said["sources/deleted"] == {"source_id": document["source_id"]}


def test_limits(api, register, told, made):
    """A webhook is told of its types, flows and sources only; a request that failed is told to nobody."""
    first, second = made(), made()
    register(events=["flows/updated"], flow_ids=[first["id"]])
    register(events=["flows/deleted"], source_ids=[second["source_id"]])
    for document in (first, second):
        api.put(f"/flows/{document['id']}/label", json="x")
        assert api.put(f"/flows/{document['id']}/flow_collection", json=[{"id": str(uuid.uuid4()), "role": "x"}]).is_error
        api.delete(f"/flows/{document['id']}")
    events = [(said["event_type"], said["event"]) for _, said in told().heard]
    assert [kind for kind, _ in events] == ["flows/updated", "flows/deleted"]
    assert events[0][1]["flow"]["id"] == first["id"]
    assert events[1][1]["flow_id"] == second["id"]


def test_started(api, register, told, made):
    """A webhook that was told once is `started`."""
    webhook = register()
    made()
    told()
    assert api.get(f"/service/webhooks/{webhook['id']}").json()["status"] == "started"


def test_tried_again(register, told, made):
    """A listener that fails for a moment is told again, the same."""
    register(answers=[503, 503], events=["flows/created"])
    made()
    heard = told().heard
    assert len(heard) == 3
    assert len({str(said) for _, said in heard}) == 1


def test_given_up(api, register, told, made, caplog):
    """A listener that keeps failing is given up with its reason, and told again once its webhook is put back."""
    webhook = register(answers=[500] * 3, events=["flows/created"])
    path = f"/service/webhooks/{webhook['id']}"
    made()
    made()
    assert len(told().heard) == 3
    given_up = api.get(path).json()
    assert (given_up["status"], given_up["error"]["summary"]) == ("error", "it answered 500")
    assert [record.name for record in caplog.records if "given up" in record.getMessage()] == ["targets.tams.notifications"]
    again = {name: webhook[name] for name in ("id", "url", "events")}
    assert api.put(path, json={**again, "status": "disabled"}).status_code == 400
    put = api.put(path, json={**again, "status": "created"})
    assert put.status_code == 201
    assert "error" not in put.json()
    made()
    assert len(told().heard) == 4


def test_disabled(api, register, told, made):
    """A webhook that is disabled is not told, and keeps its key for later."""
    webhook = register(events=["flows/created"], api_key_name="X-Key", api_key_value="s3cret")
    path = f"/service/webhooks/{webhook['id']}"
    again = {name: webhook[name] for name in ("id", "url", "events", "api_key_name")}
    api.put(path, json={**again, "status": "disabled"})
    made()
    assert told().heard == []
    api.put(path, json={**again, "status": "created"})
    made()
    assert [headers["x-key"] for headers, _ in told().heard] == ["s3cret"]


def test_nobody_there(api, register, told, made):
    """A URL where nobody answers is given up too."""
    webhook = register(events=["flows/created"], url="http://127.0.0.1:1/hook")
    made()
    told()
    assert api.get(f"/service/webhooks/{webhook['id']}").json()["error"]["summary"] == "no answer: ConnectError"


@pytest.mark.parametrize("said", [{"url": "file:///x"}, {"events": []}, {"presigned": True}, {"api_key_name": "a b"}])
def test_refused(api, said):
    """What cannot be registered, or filters that are not supported, are refused with 400."""
    answer = api.post("/service/webhooks", json={"url": "http://a.invalid/", "events": ALL, **said})
    assert (answer.status_code, answer.json()["type"]) == (400, "BadRequest")


def test_of_another_id(api, register):
    """A webhook cannot be put under another's path."""
    webhook = register()
    said = {"id": str(uuid.uuid4()), "url": webhook["url"], "events": ALL, "status": "created"}
    assert api.put(f"/service/webhooks/{webhook['id']}", json=said).status_code == 400
    assert api.put(f"/service/webhooks/{said['id']}", json=said).status_code == 404
