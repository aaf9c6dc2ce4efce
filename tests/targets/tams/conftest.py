"""The TAMS API over both backends, and a client that asks it."""

import httpx
import pytest
from tams_target import flow, tams_api


@pytest.fixture(scope="session")
def tams():
    """An API for all tests of this folder; each makes flows of its own."""
    with tams_api() as served:
        yield served


@pytest.fixture
def api(tams):
    """A client of it."""
    with httpx.Client(base_url=tams.url, trust_env=False, timeout=30) as http:
        yield http


@pytest.fixture
def elsewhere():
    """A client that knows nothing of the API, for presigned URLs."""
    with httpx.Client(trust_env=False, timeout=30) as http:
        yield http


@pytest.fixture
def made(api):
    """`made(**fields)`: a flow that is there; its document."""

    def put(**fields):
        document = flow(**fields)
        answer = api.put(f"/flows/{document['id']}", json=document)
        assert answer.status_code == 201, answer.text
        return document

    return put


@pytest.fixture
def segment(api):
    """`segment(flow, timerange)`: a segment that is registered with a new object; the object's id."""

    def register(document, timerange, **fields):
        room = api.post(f"/flows/{document['id']}/storage", json={}).json()["media_objects"][0]
        wish = {"object_id": room["object_id"], "timerange": timerange, **fields}
        answer = api.post(f"/flows/{document['id']}/segments", json=wish)
        assert answer.status_code == 201, answer.text
        return room["object_id"]

    return register
