"""Every failure of the API and of the object store has its reason, found on real far ends."""

import json
import socket
import threading
from dataclasses import replace

import pytest
from starlette.responses import Response
from tams_client import SECRET, api_of, connected, fault_document, outcome_of, target, uploading
from tams_system import BUCKET

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.http.connection import Waits
from steadyline.operations.tams.backend import TamsBackend
from steadyline.operations.tams.flow import Segment, new_flow
from steadyline.outcome import IntegrityError, Reason

STATUSES = {
    400: Reason.CLIENT_ERROR,
    401: Reason.AUTH,
    403: Reason.AUTH,
    404: Reason.CLIENT_ERROR,
    409: Reason.CONFLICT,
    429: Reason.THROTTLED,
    500: Reason.SERVER_ERROR,
    503: Reason.SERVER_ERROR,
}


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
def test_status_of_the_api(far_end, status, reason):
    """An answer that is no success has the reason of its status, is asked for once, and its summary is told."""
    there = far_end(status=status, body=fault_document("because"))
    outcome = outcome_of(target(there.url))
    assert outcome.reason is reason
    assert outcome.detail == f"HTTPStatusError: GET /flows: HTTP {status} because"
    assert len(there.requests) == 1


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
def test_status_of_the_store(far_end, status, reason):
    """An upload that the store refuses has the reason of its status, and what is told of it holds no signature."""
    xml = b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>hm</Message></Error>"
    store = far_end(status=status, body=xml)
    outcome = outcome_of(target(far_end().url), asked=uploading(store.url))
    assert outcome.reason is reason
    assert outcome.detail == f"HTTPStatusError: PUT {store.url}/bucket/key: HTTP {status} SignatureDoesNotMatch"
    assert SECRET not in outcome.detail
    assert len(store.requests) == 1


def test_nothing_listens(far_end, free_port):
    """A refused connection is told as one, of the API and of the store."""
    nothing = f"http://127.0.0.1:{free_port()}"
    assert outcome_of(target(nothing)).reason is Reason.CONNECT
    assert outcome_of(target(far_end().url), asked=uploading(nothing)).reason is Reason.CONNECT


def test_unknown_host(far_end):
    """A host whose name is not known is told apart, of the API and of the store."""
    assert outcome_of(target("http://nohost.invalid")).reason is Reason.DNS
    assert outcome_of(target(far_end().url), asked=uploading("http://nohost.invalid")).reason is Reason.DNS


def test_tls_where_there_is_none(far_end):
    """A signed URL of https at a store that speaks none is a failure of TLS."""
    store = far_end().url.replace("http:", "https:")
    assert outcome_of(target(far_end().url), asked=uploading(store)).reason is Reason.TLS


def _store_that(does):
    """A socket that does something with the first connection; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, listener:
            does(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", thread


def test_upload_cut_short(far_end):
    """A store that hangs up in the middle of an upload has failed it."""
    url, thread = _store_that(lambda connection: connection.recv(1000))
    outcome = outcome_of(target(far_end().url), asked=uploading(url, content=bytes(5_000_000)))
    thread.join()
    assert outcome.reason in (Reason.CONNECT, Reason.SERVER_ERROR), outcome.detail


def test_silent_store(far_end):
    """A store that takes an upload and says nothing is a timeout."""
    done = threading.Event()
    url, thread = _store_that(lambda _connection: done.wait(30))
    outcome = outcome_of(target(far_end().url), TamsBackend(waits=Waits(answer=0.05)), uploading(url))
    done.set()
    thread.join()
    assert outcome.reason is Reason.TIMEOUT


@pytest.mark.parametrize("url", ["", "/bucket", "ftp://127.0.0.1", "http://", "http://[::1", "http://xn--"])
def test_url_that_is_none(far_end, url):
    """A signed URL that cannot be one is a wrong answer."""
    outcome = outcome_of(target(far_end().url), asked=uploading(url))
    assert outcome.reason is Reason.INTEGRITY
    assert "presigned URL" in outcome.detail


URL = {"url": "http://127.0.0.1/x"}
ROOMS = {
    "nothing": {},
    "a list": [],
    "none": {"media_objects": []},
    "two": {"media_objects": [{"object_id": "a", "put_url": URL}, {"object_id": "b", "put_url": URL}]},
    "no id": {"media_objects": [{"put_url": URL}]},
    "no URL": {"media_objects": [{"object_id": "a", "put_url": {}}]},
    "a bare URL": {"media_objects": [{"object_id": "a", "put_url": "http://127.0.0.1/x"}]},
    "text": {"media_objects": ["a"]},
}


@pytest.mark.parametrize("answer", ROOMS.values(), ids=ROOMS)
def test_room_that_is_none(far_end, answer):
    """An answer that gives no room for exactly what was asked for is a wrong one."""
    with api_of(far_end(status=201, body=json.dumps(answer).encode()).url) as api, pytest.raises(IntegrityError):
        api.request_storage(new_flow("run", "kind", 0.0))


def test_segment_that_is_not_registered(far_end):
    """A success that lists segments which failed is a wrong answer, and the first one's reason is told."""
    failed = {"failed_segments": [{"object_id": "a", "error": json.loads(fault_document("it overlaps"))}]}
    with (
        api_of(far_end(body=json.dumps(failed).encode()).url) as api,
        pytest.raises(IntegrityError, match="it overlaps"),
    ):
        api.register(new_flow("run", "kind", 0.0), Segment("a"), Segment("b", 1))


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"null", b'"flows"', b"[1]", b'[{"id":{}}]', b'[{"id":[1]}]'])
def test_list_that_is_none(far_end, body):
    """A success that is no list of flows is no success."""
    to = target(far_end(body=body).url, allow_writes=False)
    assert outcome_of(to, asked=catalogue.named("tams.flow_browse")).reason is Reason.INTEGRITY


@pytest.mark.parametrize("garbled", [lambda media: media[:-1], lambda media: bytes(len(media))], ids=["cut short", "others"])
@pytest.mark.parametrize("moved", ["tams.segment_upload", "tams.ingest", "tams.concurrent_ingest_10"])
def test_wrong_media(system, moved, garbled):
    """Media that comes back in another length, or as other bytes, is no success."""
    store = system.servers.media.own

    def body(client, prepared):
        result = operation.body(client, prepared)
        for key in system.servers.stored():
            media = store.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            store.put_object(Bucket=BUCKET, Key=key, Body=garbled(media))
        return result

    operation = system.operations()[moved]
    outcome = system.attempt(system.client())(replace(operation, body=body))
    assert outcome.reason is Reason.INTEGRITY
    assert "media that comes back" in outcome.detail


def test_signature_that_is_refused(system):
    """The embedded store refuses an upload of another type than was signed."""
    client = system.client()

    def body(client, placed):
        upload = replace(placed.room.upload, headers={"Content-Type": "text/plain"})
        client.api.upload(replace(placed.room, upload=upload), placed.content)

    outcome = system.attempt(client)(replace(system.operations()["tams.segment_upload"], body=body))
    assert outcome.reason is Reason.AUTH
    assert outcome.detail.endswith("HTTP 403 SignatureDoesNotMatch")
    client.close()
    assert system.artefacts() == system.nothing


@pytest.mark.parametrize(
    ("prepared", "step"), [("segment_upload", "storage"), ("segment_register", "storage"), ("flow_delete", "segments")]
)
def test_failing_preparation(system, prepared, step):
    """What was made before a preparation failed is deleted at once."""
    system.servers.front.instead[f"/{step}"] = Response(fault_document("not now"), 503)
    outcome = system.attempt(system.client())(system.operations()[f"tams.{prepared}"])
    assert outcome.reason is Reason.SERVER_ERROR
    assert outcome.detail.endswith("HTTP 503 not now")
    assert system.artefacts() == system.nothing


def test_bug_is_loud(far_end):
    """An exception that is not the HTTP client's is a bug, and has no reason."""
    with connected(target(far_end().url)):
        assert TamsBackend().classify(ZeroDivisionError()) is None


def test_missing_flow(system):
    """What is asked of a flow that is not there is the client's error, in the API's words."""
    client = system.client()
    flow = new_flow("run", "kind", 0.0)

    def body(client, _prepared):
        return client.api.get_flow(flow)

    outcome = Attempt(system.backend, client)(replace(system.operations()["tams.service_read"], body=body))
    assert outcome.reason is Reason.CLIENT_ERROR
    assert outcome.detail.endswith(f"HTTP 404 there is no flow {flow.id}")
