"""What flows use of the session, beside what FastHttpUser's makes of the same answers."""

import json
from pathlib import Path

import pytest
from scripted_server import CLOSE, HOLD, Script, ScriptedServer, answer, scripted

GOOD = answer(b"good", headers={"Content-Type": "text/plain; charset=utf-8"})
JSON = answer(b'{"a": 1}', headers={"Content-Type": "application/json"})
SAME = ("status", "ok", "content", "text", "headers", "url", "events", "event", "event_keys", "timed", "fired_status")
"""What both must say alike of an answer."""

ALIKE: dict[str, tuple[Script, dict]] = {
    "good": ([GOOD], {}),
    "JSON": ([JSON], {"name": "named"}),
    "latin-1": ([answer("ä".encode("latin-1"), headers={"Content-Type": "text/plain; charset=latin-1"})], {}),
    "no such thing": ([answer(b"none", "404 Not Found", {"Content-Type": "text/plain"})], {}),
    "broken": ([answer(b"", "503 Service Unavailable")], {"context": {"own": 1, "of": "the call"}}),
    "a redirect not followed": ([answer(b"", "302 Found", {"Location": "/else"})], {"allow_redirects": False}),
    "posted JSON": ([GOOD], {"method": "POST", "json": {"ä": [1, None]}}),
    "a form": ([GOOD], {"method": "POST", "data": {"a b": "c&d"}}),
    "text": ([GOOD], {"method": "PUT", "data": "ä"}),
    "authorized": ([GOOD], {"auth": ["user", "päss"]}),
    "own headers": ([GOOD], {"method": "PATCH", "json": {}, "headers": {"content-type": "application/x", "X-A": "b"}}),
    "options": ([answer(b"", "204 No Content")], {"method": "OPTIONS"}),
    "delete": ([GOOD], {"method": "DELETE"}),
    "judged good": ([answer(b"", "404 Not Found")], {"judged": "success"}),
    "judged bad": ([GOOD], {"judged": "not what was wanted"}),
    "judged by nobody": ([answer(b"", "500 Oh")], {"judged": ""}),
    "query": ([GOOD], {"params": {"q": "a b", "n": "1"}}),
}


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_as_fasthttpuser(program, server: ScriptedServer, name: str):
    """The same request on the wire, the same response, the same event."""
    script, facts = ALIKE[name]
    for path in ("/x", "/x?q=a+b&n=1", "/else"):
        server.on(path, script)
    ours = program.request(server.url, "/x", **facts)
    theirs = program.request(server.url, "/x", kind="fast", **facts)
    assert {key: ours[key] for key in SAME} == {key: theirs[key] for key in SAME}
    for error in ("error", "exception"):
        assert (ours[error] and ours[error]["kinds"]) == (theirs[error] and theirs[error]["kinds"])
        assert (ours[error] and ours[error]["text"]) == (theirs[error] and theirs[error]["text"])
    mine, other = server.asked
    assert (mine.method, mine.path, mine.body) == (other.method, other.path, other.body)
    for request in server.asked:
        for own in ("user-agent", "accept-encoding"):
            request.headers.pop(own, None)
    assert mine.headers == other.headers


@pytest.mark.parametrize(
    ("script", "kind"), [([CLOSE], "UnansweredError"), ([HOLD], "TimeoutError"), ([b"?"], "MalformedAnswerError")]
)
def test_no_answer_is_a_failed_request(program, server: ScriptedServer, script: Script, kind: str):
    """An event with the error, a response without an answer; nothing is raised."""
    server.on("/", script)
    found = program.request(server.url, "/", waits=(5, 0.3))
    assert found["exception"]["kinds"][0] == kind
    assert found["error"] == found["exception"]
    assert (found["status"], found["ok"], found["content"], found["text"], found["headers"]) == (0, False, None, None, None)
    assert (found["events"], found["event"]["response_length"], found["timed"]) == (1, 0, True)


def test_a_flows_own_timeout_is_a_failed_request(program, server: ScriptedServer):
    """As in FastHttpUser; and the late answer is nobody's."""
    server.on("/held", [HOLD])
    server.on("/next", [GOOD])
    assert program.request(server.url, "/held", within=0.2)["exception"]["kinds"][0] == "Timeout"
    assert program.request(server.url, "/next")["content"] == "good"
    assert [request.connection for request in server.asked] == [1, 2]


def test_judged_without_an_answer(program, server: ScriptedServer):
    """The error is the event's, unless the flow says otherwise."""
    server.on("/", [CLOSE])
    assert program.request(server.url, "/", judged="")["exception"]["kinds"][0] == "UnansweredError"
    assert program.request(server.url, "/", judged="success")["exception"] is None


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "PUT", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (302, "HEAD", "HEAD"),
    ],
)
def test_redirects_are_followed(program, server: ScriptedServer, status: int, method: str, then: str):
    """As FastHttpUser: a body goes along with 307 and 308 only; one event, for what was asked first."""
    server.on("/first", [answer(b"", f"{status} There", {"Location": "second?x=1"})])
    server.on("/second?x=1", [answer(b"" if then == "HEAD" else b"here")])
    seen = []
    for kind in ("quick", "fast"):
        server.asked.clear()
        found = program.request(server.url, "/first", method, kind, data="body")
        assert (found["status"], found["events"]) == (200, 1)
        assert found["event"]["name"] == "/first"
        seen.append(
            (found["content"], found["url"], found["event"], [(one.method, one.path, one.body) for one in server.asked])
        )
    assert seen[0] == seen[1]
    assert seen[0][3][1][0] == then


def test_redirects_end(program, server: ScriptedServer):
    """One that leads to itself is a failure, after as many as are followed."""
    server.on("/", [answer(b"", "302 Found", {"Location": "/"})])
    assert program.request(server.url, "/")["exception"]["text"] == "more than 30 redirects"
    assert len(server.asked) == 31


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "http://[", "http://:80/"])
def test_a_redirect_to_no_http(program, server: ScriptedServer, location: str):
    """Is a failure, and asks for nothing."""
    server.on("/", [answer(b"", "302 Found", {"Location": location})])
    assert program.request(server.url, "/")["exception"]["kinds"][0] == "MalformedAnswerError"


def test_a_redirect_to_another_host_takes_no_secrets(program, server: ScriptedServer):
    """Neither credentials nor cookies."""
    with scripted() as other:
        other.on("/", [GOOD])
        server.on("/", [answer(b"", "307 There", {"Location": f"{other.url}/"})])
        program.request(server.url, "/", auth=["user", "secret"], headers={"Cookie": "a=b", "X-A": "1"})
        assert {"authorization", "cookie"} <= server.asked[0].headers.keys()
        assert not {"authorization", "cookie"} & other.asked[0].headers.keys()
        assert other.asked[0].headers["x-a"] == "1"


def test_cookies_are_kept_and_sent(program, server: ScriptedServer):
    """Set by an answer, sent from then on where they belong; a user's are that user's."""
    cookies = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; Path=/in\r\n\r\n"
    server.on("/login", [cookies])
    for path in ("/in/x", "/out"):
        server.on(path, [GOOD])
    for path in ("/out", "/login", "/in/x", "/out"):
        program.request(server.url, path)
    assert [request.headers.get("cookie") for request in server.asked] == [None, None, "b=2; a=1", "a=1"]
    program.session += 1
    program.request(server.url, "/out")
    assert "cookie" not in server.asked[-1].headers


def test_credentials_of_the_base_are_sent_and_never_shown(program, server: ScriptedServer):
    """Not in the event's url, name or error, nor in the response's."""
    server.on("/", [answer(b"", "500 Oh")])
    base = f"http://user:se%40cret@127.0.0.1:{server.port}"
    for url in ("/", f"http://user:se%40cret@127.0.0.1:{server.port}/"):
        found = program.request(base, url)
        assert server.asked[-1].headers["authorization"] == "Basic dXNlcjpzZUBjcmV0"
        assert found["url"] == f"{server.url}/"
        assert "cret" not in json.dumps(found)


@pytest.mark.parametrize(
    "facts",
    [
        {"stream": True},
        {"files": {"a": "b"}},
        {"data": ["a", "b"]},
        {"method": "CONNECT"},
        {"method": "GET /x HTTP/1.1\r\nX: y"},
        {"headers": {"X": "a\r\nInjected: b"}},
        {"headers": {"X y": "a"}},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"Expect": "100-continue"}},
        {"headers": {"X": "€"}},
        {"url": "http://"},
        {"url": "http://[/"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://a..b/"},
        {"proxies": {}},
    ],
    ids=str,
)
def test_what_is_not_done_is_refused(program, server: ScriptedServer, facts: dict):
    """Before anything is sent, as a caller's bug; no event is fired."""
    found = program.request(server.url, facts.pop("url", "/"), **facts)
    assert "TypeError" in found["error"]["kinds"]
    assert "OSError" not in found["error"]["kinds"]
    assert found["events"] == 0
    assert server.asked == []


@pytest.mark.parametrize("base", ["", "127.0.0.1:80", "ftp://a", "http://u:secret@", "u:secret@host", "http://a/?b=c"])
def test_a_base_that_is_no_url(program, base: str):
    """Is refused, without its credentials."""
    error = program.exchange(base, "/")["error"]
    assert error["kinds"][0] == "RefusedError"
    assert "secret" not in error["text"]


def test_the_same_over_tls(program, certificate: Path):
    """A request over TLS fires the same event."""
    with scripted(certificate) as server:
        server.on("/", [JSON])
        found = program.request(server.url, "/")
        assert (found["status"], found["text"], found["event"]["url"]) == (200, '{"a": 1}', f"{server.url}/")
