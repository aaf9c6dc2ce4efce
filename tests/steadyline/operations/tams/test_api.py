"""How lists are paged and deletions followed, over the embedded API and over far ends that answer what a test says."""

import json

import httpx
import pytest
from tams_client import api_of, fault_document

from steadyline.operation import OPERATION_BUDGET_SECONDS
from steadyline.operations.tams import api as api_module
from steadyline.operations.tams.flow import Segment, new_flow
from steadyline.outcome import IntegrityError


def test_pages(system, monkeypatch):
    """A list of more pages than one is read whole and in order, whatever a page holds."""
    client = system.client()
    whole = client.api.segments(client.listed.id)
    monkeypatch.setattr(api_module, "PAGE", 7)
    seen = system.servers.front.requests = []
    paged = client.api.segments(client.listed.id)
    system.servers.front.requests = None
    assert [segment["timerange"] for segment in paged] == [f"[{n}:0_{n + 1}:0)" for n in range(100)]
    assert [segment["object_id"] for segment in paged] == [segment["object_id"] for segment in whole]
    assert len(seen) == 15


def test_page_that_leads_to_itself(far_end):
    """A far end whose next page is ever the same one is not asked for ever."""
    there = far_end(body=b"[{}]", headers={"X-Paging-NextKey": "again"})
    with api_of(there.url) as api:
        assert len(list(api.pages("flows", {}))) == 2


def test_leaked_flows_of_many_pages(system, monkeypatch):
    """Run-scoped flows are counted and swept over all pages."""
    crashed = system.client()
    flows = [crashed.new_flow() for _ in range(5)]
    for flow in flows:
        crashed.api.put_flow(flow)
    monkeypatch.setattr(api_module, "PAGE", 2)
    system.pass_time(8000)
    janitor = system.client()
    assert janitor.leaked() == janitor.sweep() == 10  # each with its source
    assert system.artefacts() == system.nothing


def test_ingest_that_broke_off(system):
    """What a crash left half-way, an object that no segment refers to, goes with the flow that is swept."""
    crashed = system.client()
    flow = crashed.new_flow()
    crashed.api.put_flow(flow)
    (room,) = crashed.api.request_storage(flow)
    crashed.api.upload(room, b"media")
    assert system.artefacts() == {"flows": 1, "sources": 1, "segments": 0, "objects": 1}
    system.pass_time(8000)
    assert system.client().sweep() == 2  # no list shows the object
    assert system.artefacts() == system.nothing


@pytest.mark.parametrize("told", [{"id": "request"}, {}], ids=["by its id", "by its location"])
def test_deletion_that_goes_on(far_end, told):
    """A deletion that is accepted is followed, by its id or by its location, until it is done."""
    body = json.dumps({**told, "status": "done"}).encode()
    there = far_end(status=202, body=body, headers={"Location": "/tams/flow-delete-requests/request"})
    with api_of(there.url) as api:
        assert api.delete_flow("a-flow")
    asked = [(request.method, request.url.path) for request in there.requests]
    assert asked == [("DELETE", "/flows/a-flow"), ("GET", "/flow-delete-requests/request")]


def test_deletion_that_fails(far_end):
    """A deletion that ends in an error is a wrong answer, and the reason is told."""
    told = {"id": "request", "status": "error", "error": json.loads(fault_document("the disk is full"))}
    there = far_end(status=202, body=json.dumps(told).encode())
    with api_of(there.url) as api, pytest.raises(IntegrityError, match="the disk is full"):
        api.delete_flow("a-flow")


def test_deletion_that_does_not_end(far_end):
    """A deletion that goes on for longer than an operation may take is a timeout, asked for ever more rarely."""
    pauses = []
    there = far_end(status=202, body=b'{"id": "request", "status": "started"}')
    with api_of(there.url, pauses.append) as api, pytest.raises(httpx.ReadTimeout):
        api.delete_flow("a-flow")
    assert OPERATION_BUDGET_SECONDS <= sum(pauses) <= OPERATION_BUDGET_SECONDS + 1
    assert pauses == sorted(pauses)
    assert len(there.requests) < 40


def test_deletion_that_cannot_be_followed(far_end):
    """A deletion that goes on nobody knows where is a wrong answer."""
    with api_of(far_end(status=202, body=b"{}").url) as api, pytest.raises(IntegrityError, match="where to follow it"):
        api.delete_flow("a-flow")


def test_deletion_of_nothing(far_end):
    """Deleting what is gone already is no failure, and is told apart."""
    with api_of(far_end(status=404, body=fault_document("no")).url) as api:
        assert not api.delete_flow("a-flow")


def test_long_deletion(system):
    """A flow of more segments than the embedded API deletes at once is gone, media and all, when the deletion has ended."""
    client = system.client()
    with client.making() as flow:
        client.api.put_flow(flow)
        (room,) = client.api.request_storage(flow)
        client.api.upload(room, b"media")
        for start in (0, 600):
            client.api.register(flow, *(Segment(room.object_id, n, n) for n in range(start, start + 600)))
    assert len(client.api.segments(flow.id)) == 1200
    assert client.delete(flow)
    assert system.artefacts() == system.nothing
    assert client.api.is_freed(room.object_id)


def test_object_that_stays(far_end):
    """An object that is still shown when an operation's time is over is not freed."""
    pauses = []
    with api_of(far_end(body=b"{}").url, pauses.append) as api:
        assert not api.is_freed("an object/with a slash")
    assert sum(pauses) >= OPERATION_BUDGET_SECONDS


def test_flow_that_is_there(system):
    """A flow that is put again is no new one, and the answer says so."""
    client = system.client()
    flow = client.new_flow()
    assert flow.is_shown_by(client.api.put_flow(flow))
    assert client.api.put_flow(flow) is None
    assert flow.is_shown_by(client.api.get_flow(flow))
    assert not new_flow("run", "kind", 0.0).is_shown_by(client.api.get_flow(flow))
