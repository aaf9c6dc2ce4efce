"""Faults make matching requests take their time for real, leave the others alone, and end by themselves."""

import asyncio
import time

import httpx
import pytest
from trace_target import trace_api

from targets.faults import MOST_FAULTS, Fault, FaultRefusedError, Faults, Stretched

HEADER = {"x-steadyline-operation": "trace.item_create"}
FAULT = {"header": "X-Steadyline-Operation", "value": "trace.item_create", "takes_seconds": 0.05, "expires_seconds": 60}


@pytest.fixture
def api(tmp_path):
    """The Trace API with fault control."""
    database = f"sqlite:///{tmp_path / 'trace.db'}"
    with trace_api(database, allow_faults=True) as url, httpx.Client(base_url=url, trust_env=False) as http:
        yield http


class Time:
    """Seconds that a test moves by hand."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        """The present moment."""
        return self.seconds


def timed(api, **facts):
    """How long one request took, as the client sees it."""
    start = time.perf_counter()
    assert api.get("/api/v1/items", **facts).status_code == 200
    return time.perf_counter() - start


@pytest.mark.parametrize("takes", [0.002, 0.02, 0.08])
def test_takes_as_long_as_asked(api, takes):
    """Matching requests take at least the asked time, however little they take by themselves; the others are not matched."""
    assert api.put("/-/faults/slow", json={**FAULT, "takes_seconds": takes}).json()["stretched_requests"] == 0
    slow = [timed(api, headers=HEADER) for _ in range(10)]
    for headers in ({}, {"x-steadyline-operation": "trace.item_read"}, {"x-other": "trace.item_create"}):
        timed(api, headers=headers)
    (effect,) = api.get("/-/faults").json()["faults"]
    assert effect["matched_requests"] == 10
    assert min(slow) >= takes


def served(own_seconds, takes_seconds):
    """What a fault did to one request whose own work moves the clock by so much; the answer's moment."""
    clock, sent = Time(), []
    faults = Faults(clock)
    effect = faults.put("slow", Fault(**{**FAULT, "takes_seconds": takes_seconds}))
    start = clock()

    async def work(_scope, _receive, send):
        clock.seconds += own_seconds
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def send(_message):
        sent.append(clock() - start)

    async def wait():
        app = asyncio.create_task(Stretched(work, faults)(scope, None, send))
        while not app.done():
            await asyncio.sleep(0)
            clock.seconds += 0.00001
        await app

    scope = {"type": "http", "path": "/", "headers": [(b"x-steadyline-operation", b"trace.item_create")]}
    asyncio.run(wait())
    return effect, sent


def test_accurate():
    """An answer is held back to within 0.1 ms of its time, and the effect tells own and whole time apart."""
    effect, sent = served(own_seconds=0.0005, takes_seconds=0.002)
    assert all(0.002 <= moment <= 0.0021 for moment in sent)
    assert (effect.matched, effect.stretched) == (1, 1)
    assert effect.own_seconds == pytest.approx(0.0005)
    assert effect.stretched_seconds == pytest.approx(0.002, abs=0.0001)


def test_own_work_longer_than_asked():
    """A request that takes longer by itself is not held back, and counts as matched, not as stretched."""
    effect, sent = served(own_seconds=0.5, takes_seconds=0.002)
    assert sent == [pytest.approx(0.5), pytest.approx(0.5)]
    assert (effect.matched, effect.stretched) == (1, 0)


def test_ends(api):
    """A deleted fault says what it did and matches nothing more, beside another that goes on; deleting it again is a 404."""
    api.put("/-/faults/slow", json=FAULT)
    api.put("/-/faults/other", json={**FAULT, "takes_seconds": 0.001})
    timed(api, headers=HEADER)
    ended = api.delete("/-/faults/slow").json()
    assert ended["matched_requests"] == 1
    timed(api, headers=HEADER)
    (other,) = api.get("/-/faults").json()["faults"]
    assert (other["name"], other["matched_requests"]) == ("other", 1)
    api.delete("/-/faults/other")
    assert api.delete("/-/faults/slow").status_code == 404


def test_put_again_begins_anew(api):
    """A fault that is put again has the new time and counts from nothing."""
    api.put("/-/faults/slow", json=FAULT)
    timed(api, headers=HEADER)
    again = api.put("/-/faults/slow", json={**FAULT, "takes_seconds": 0.01}).json()
    assert (again["takes_seconds"], again["matched_requests"], again["mean_own_seconds"]) == (0.01, 0, None)


def test_expires():
    """A fault ends by itself at its time, and neither matches nor is listed any more."""
    clock = Time()
    faults = Faults(clock)
    faults.put("slow", Fault(**{**FAULT, "expires_seconds": 10}))
    headers = [(b"x-steadyline-operation", b"trace.item_create")]
    clock.seconds += 9.9
    assert faults.matching(headers) is not None
    clock.seconds += 0.1
    assert faults.matching(headers) is None
    assert faults.under_way() == {}


def test_longest_wins():
    """Of several faults that match a request, the longest decides."""
    faults = Faults(Time())
    for name, takes in (("a", 1), ("b", 3), ("c", 2)):
        faults.put(name, Fault(**{**FAULT, "takes_seconds": takes}))
    assert faults.matching([(b"x-steadyline-operation", b"trace.item_create")]).fault.takes_seconds == 3


def test_bounded():
    """More faults than the bound are refused; one that is there may still be put again."""
    faults = Faults(Time())
    for number in range(MOST_FAULTS):
        faults.put(str(number), Fault(**FAULT))
    faults.put("0", Fault(**FAULT))
    with pytest.raises(FaultRefusedError) as refused:
        faults.put("more", Fault(**FAULT))
    assert refused.value.status == 409


BAD = {
    "no JSON": b"{",
    "no header": {**FAULT, "header": ""},
    "odd header": {**FAULT, "header": "a b"},
    "value with line break": {**FAULT, "value": "a\r\nb"},
    "no time": {**FAULT, "takes_seconds": 0},
    "negative time": {**FAULT, "takes_seconds": -1},
    "endless": {**FAULT, "takes_seconds": 601},
    "text": {**FAULT, "takes_seconds": "soon"},
    "never expires": {**FAULT, "expires_seconds": 86401},
    "no expiry": {name: value for name, value in FAULT.items() if name != "expires_seconds"},
    "unknown key": {**FAULT, "factor": 2},
}


@pytest.mark.parametrize("fault", BAD.values(), ids=BAD)
def test_bad_fault(api, fault):
    """A fault with something wrong in it is refused with a message, and none begins."""
    answer = api.put("/-/faults/slow", **({"content": fault} if isinstance(fault, bytes) else {"json": fault}))
    assert (answer.status_code, list(answer.json())) == (422, ["error"])
    assert api.get("/-/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/-/faults/a"), ("GET", "/-/faults/a"), ("PUT", "/-/faults"), ("DELETE", "/-/faults/a/b")]
)
def test_only_what_there_is(api, method, path):
    """Whatever else is asked of the control is refused with what there is."""
    answer = api.request(method, path, json=FAULT)
    assert (answer.status_code, "/-/faults/{name}" in answer.json()["error"]) == (405, True)


def test_off_unless_allowed(tmp_path):
    """Without --allow-faults there is no fault control, and the answer says how to have it."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        for answer in (
            httpx.get(f"{url}/-/faults", trust_env=False),
            httpx.put(f"{url}/-/faults/a", json=FAULT, trust_env=False),
        ):
            assert (answer.status_code, "--allow-faults" in answer.json()["error"]) == (404, True)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_from_this_host(api, method):
    """A client behind a proxy on this host, which says so, may not control faults."""
    path = "/-/faults" if method == "GET" else "/-/faults/a"
    answer = api.request(method, path, json=FAULT, headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status_code == 403
