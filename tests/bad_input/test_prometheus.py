"""What a Prometheus, or what stands in its place, answers to the commands: each answer that is none, with all that is said."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from bad_input import HERE, Case, Place, check
from scripted_server import CLOSE, RESET, Script, ScriptedServer, answer, scripted

URL = "{url}"
RECORD = ("baseline", "record", "--from-prometheus", "1h")
LOAD = ("baseline", "record", "--driver", "load", "--from-prometheus", "1h")
LIVE, WATCH = ("compare", "--against", "live"), ("watch", "--once")
NO_API = "and no answer of Prometheus' API; is it one?"
WHO = "say who asks, as in prometheus_url http://user:password@host"
NO_SCHEDULE = f"Prometheus at {URL} has scraped no schedule of an exporter; run steadyline up, and wait 5 s"
NO_LOAD = (
    f"Prometheus at {URL} holds no steady load run of any profile in the last 1 h; steadyline load --profile low makes one"
)
NO_WINDOW = (
    f"Prometheus at {URL} holds load runs of the profile low, and no whole window of an operation that is known here; run one "
    "that is steady for longer (--duration)"
)
PROBE = {"operation": "sql.item_read", "target": "embedded", "driver": "probe", "backend": "sql"}


def data(content: Any) -> bytes:
    """A success."""
    return answer(json.dumps({"status": "success", "data": content}).encode())


def vector(*found: Any) -> bytes:
    """What an instant query finds."""
    return data({"resultType": "vector", "result": found})


def matrix(*found: Any) -> bytes:
    """What a range query finds."""
    return data({"resultType": "matrix", "result": found})


def one(value: Any, **labels: str) -> dict[str, Any]:
    """A series at one moment."""
    return {"metric": labels, "value": [1_700_000_000, value]}


def error(says: str, status: str = "422 Unprocessable Entity") -> bytes:
    """A question that is refused."""
    return answer(json.dumps({"status": "error", "errorType": "execution", "error": says}).encode(), status)


@pytest.fixture(scope="module")
def far_end() -> Iterator[ScriptedServer]:
    """Answers whatever it is told to."""
    with scripted() as server:
        yield server


def api(far_end: ScriptedServer, **answers: bytes) -> None:
    """One that finds nothing and has no rules, but for what is given by its path's last word."""
    usual = {
        "query": vector(),
        "query_range": matrix(),
        "alerts": data({"alerts": []}),
        "rules": data({"groups": []}),
        "buildinfo": data({"version": "2.42.0"}),
    }
    far_end.otherwise = lambda path: ((usual | answers).get(path.rpartition("/")[2], answer(status="404 Not Found")),)


def asked(far_end: ScriptedServer, case: Case) -> Case:
    """The case, of that Prometheus."""
    return replace(case, says=case.says.replace(URL, far_end.url), environ={"STEADYLINE_PROMETHEUS_URL": far_end.url})


def refused(why: str) -> str:
    """What is said where the question is refused."""
    return f"Prometheus at {URL} refused the question: {why}"


def nobody(why: str) -> str:
    """What is said where nobody answers in full."""
    return f"no Prometheus answers at {URL} ({why}): run steadyline up, or set prometheus_url to another"


def unfit(where: str) -> str:
    """What is said of an answer of another form."""
    return f"Prometheus at {URL} answers as none does ({where}); is it one?"


ANSWERS: Mapping[str, tuple[Script, str]] = {
    "no JSON": ((answer(b"hello"),), refused(f"HTTP 200 {NO_API}")),
    "nothing in it": ((answer(),), refused(f"HTTP 200 {NO_API}")),
    "HTML": ((answer(b"<html>"),), refused(f"HTTP 200 {NO_API}")),
    "JSON cut off": ((answer(b'{"status": "succ'),), refused(f"HTTP 200 {NO_API}")),
    "body cut off": (
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", CLOSE),
        nobody("peer closed connection without sending complete message body (received 1 bytes, expected 99)"),
    ),
    "not UTF-8": ((answer(b"\xff"),), refused(f"HTTP 200 {NO_API}")),
    "nested too deeply": ((answer(b"[" * 100_000),), refused(f"HTTP 200 {NO_API}")),
    "endless number": ((answer(b"9" * 5000),), refused(f"HTTP 200 {NO_API}")),
    "a list": ((answer(b"[]"),), refused(f"HTTP 200 {NO_API}")),
    "null": ((answer(b"null"),), refused(f"HTTP 200 {NO_API}")),
    "neither success nor error": ((answer(b"{}"),), refused(f"HTTP 200 {NO_API}")),
    "success without data": ((answer(b'{"status": "success"}'),), refused(f"HTTP 200 {NO_API}")),
    "hung up": ((CLOSE,), nobody("Server disconnected without sending a response.")),
    "broken off": ((RESET,), nobody("[Errno 104] Connection reset by peer")),
    "data null": ((data(None),), unfit("data: Input should be an object")),
    "data a text": ((data("x"),), unfit("data: Input should be an object")),
    "no result": ((data({}),), unfit("data.result: Field required")),
    "result an object": ((data({"result": {}}),), unfit("data.result: Input should be an array")),
    "series a text": ((vector("x"),), unfit("data.result.0: Input should be an object")),
    "labels a list": ((vector({"metric": []}),), unfit("data.result.0.metric: Input should be an object")),
    "label a number": ((vector({"metric": {"a": 1}}),), unfit("data.result.0.metric.a: Input should be a valid string")),
    "no value": ((vector({"metric": {}}),), unfit("data.result.0.value: Field required")),
    "value null": ((vector(one(None)),), unfit("data.result.0.value.1: Input should be a valid number")),
    "value a word": (
        (vector(one("x")),),
        unfit("data.result.0.value.1: Input should be a valid number, unable to parse string as a number"),
    ),
    "number a word": (
        (data({"resultType": "scalar", "result": [1, "x"]}),),
        unfit("data.result.1: Input should be a valid number, unable to parse string as a number"),
    ),
    "an error": ((error("query timed out in expression evaluation"),), refused("query timed out in expression evaluation")),
    "an error with status 200": ((error("too many samples", "200 OK"),), refused("too many samples")),
    "an error that a terminal obeys": ((error("a\x1b[2J\nb"),), refused("a\N{REPLACEMENT CHARACTER}[2J b")),
    "an error without end": ((error("long " * 500),), refused(("long " * 100).strip() + "…")),
    "an error without reason": ((answer(b'{"status": "error"}', "400 Bad Request"),), refused(f"HTTP 400 {NO_API}")),
    "sent elsewhere": ((answer(status="302 Found", headers={"Location": "/login"}),), refused(f"HTTP 302 {NO_API}")),
    "401": ((answer(b"Unauthorized", "401 Unauthorized"),), refused(f"HTTP 401: {WHO}")),
    "403": ((answer(b"<html>", "403 Forbidden"),), refused(f"HTTP 403: {WHO}")),
    "404": ((answer(b"404 page not found", "404 Not Found"),), refused(f"HTTP 404 {NO_API}")),
    "500": ((answer(b"boom", "500 Internal Server Error"),), refused(f"HTTP 500 {NO_API}")),
    "503": ((answer(b"Service Unavailable", "503 Service Unavailable"),), refused("HTTP 503: it is not ready; ask again")),
}


@pytest.mark.parametrize(("script", "says"), ANSWERS.values(), ids=ANSWERS)
def test_answers(place: Place, far_end: ScriptedServer, script: Script, says: str) -> None:
    """What came is said, with what to do, and no baseline is changed."""
    far_end.otherwise = lambda _path: script
    check(place, asked(far_end, Case(says, arguments=RECORD, code=4)))


FEW = ("no JSON", "body cut off", "labels a list", "an error", "401")


@pytest.mark.parametrize("command", [WATCH, LIVE, LOAD], ids=" ".join)
@pytest.mark.parametrize("name", FEW)
def test_every_command_tells_it(place: Place, far_end: ScriptedServer, command: tuple[str, ...], name: str) -> None:
    """Whichever asks says the same, and ends with the code of who cannot be reached."""
    script, says = ANSWERS[name]
    far_end.otherwise = lambda _path: script
    check(place, asked(far_end, Case(says, arguments=command, code=4)))


@pytest.mark.parametrize("name", FEW)
def test_status_tells_it(place: Place, far_end: ScriptedServer, name: str) -> None:
    """That nothing runs is an answer, with the reason in it."""
    script, says = ANSWERS[name]
    far_end.otherwise = lambda _path: script
    told = place.run("status", STEADYLINE_PROMETHEUS_URL=far_end.url)
    why = says.replace(URL, far_end.url)
    nothing = f"nothing runs with {HERE}/.steadyline; `steadyline up` starts the stack ({why})\n"
    assert (told.code, told.says, told.out.replace(str(place.folder), HERE)) == (3, "", nothing)


def said(command: tuple[str, ...], says: str, code: int = 4, **answers: bytes) -> tuple[Case, dict[str, bytes]]:
    """A command, what is answered on some paths, and what is said of it."""
    return Case(says, arguments=command, code=code), answers


SCHEDULED = vector(one("2", **PROBE))
STEADY = {"instance": "a", "run": "r", "profile": "low", "revision": ""}
PATHS = {
    "alerts a list": said(WATCH, unfit("data: Input should be an object"), alerts=data([])),
    "alerts none": said(WATCH, unfit("data.alerts: Field required"), alerts=data({})),
    "alert without labels": said(WATCH, unfit("data.alerts.0.labels: Field required"), alerts=data({"alerts": [{}]})),
    "annotations a list": said(
        WATCH,
        unfit("data.alerts.0.annotations: Input should be an object"),
        alerts=data({"alerts": [{"labels": {}, "annotations": []}]}),
    ),
    "range as an instant": said(LOAD, unfit("data.result.0.values: Field required"), query_range=vector(one("1"))),
    "range value a word": said(
        LOAD,
        unfit("data.result.0.values.0.1: Input should be a valid number, unable to parse string as a number"),
        query_range=matrix({"metric": {}, "values": [[1, "x"]]}),
    ),
    "range of a range": said(
        LIVE,
        unfit("data.result.0.values.0: Input should be an array"),
        query=SCHEDULED,
        query_range=matrix({"metric": {}, "values": [1]}),
    ),
    "record: empty": said(RECORD, NO_SCHEDULE, 3),
    "compare: empty": said(LIVE, NO_SCHEDULE, 3),
    "load: empty": said(LOAD, NO_LOAD, 3),
    "record: scheduled every NaN": said(RECORD, NO_SCHEDULE, 3, query=vector(one("NaN", **PROBE))),
    "record: scheduled never": said(RECORD, NO_SCHEDULE, 3, query=vector(one("+Inf", **PROBE))),
    "record: scheduled beyond time": said(RECORD, NO_SCHEDULE, 3, query=vector(one("1e308", **PROBE))),
    "record: scheduled, of nothing": said(RECORD, NO_SCHEDULE, 3, query=vector(one("2"))),
    "compare: scheduled, of nothing": said(LIVE, NO_SCHEDULE, 3, query=vector(one("2", target="embedded"))),
    "record: scheduled, never run": said(
        RECORD,
        "not recorded: sql.item_read on embedded has 0 usable runs of 30 s and a baseline needs 20; wait another 10 min",
        3,
        query=SCHEDULED,
    ),
    "load: steady at NaN users": said(
        LOAD, NO_WINDOW, 3, query_range=matrix({"metric": STEADY, "values": [[1_700_000_000, "NaN"]]})
    ),
}


@pytest.mark.parametrize(("case", "answers"), PATHS.values(), ids=PATHS)
def test_paths(place: Place, far_end: ScriptedServer, case: Case, answers: dict[str, bytes]) -> None:
    """Where it is told, and what is wrong with it; numbers that are none, and nothing found, are no data."""
    api(far_end, **answers)
    check(place, asked(far_end, case))


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "1e308"])
@pytest.mark.parametrize("labels", [PROBE, {}], ids=["labelled", "bare"])
def test_numbers_that_are_none(place: Place, far_end: ScriptedServer, value: str, labels: dict[str, str]) -> None:
    """What is shown leaves them out, and what is written for programs is JSON."""
    names = ("steadyline_schedule_interval_seconds", "steadyline_leaked_artefacts", "steadyline_operation_failing_streak")
    api(far_end, query=vector(*(one(value, **labels, __name__=name) for name in names)))
    for command in (WATCH, ("status", "--json"), ("baseline", "list", "--json")):
        told = place.run(*command, STEADYLINE_PROMETHEUS_URL=far_end.url)
        assert not told.says
        if "--json" in command:
            json.loads(told.out, parse_constant=pytest.fail)
