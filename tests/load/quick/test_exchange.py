"""One exchange with servers that answer in every way a server can, and in many that it must not."""

import socket
import zlib
from pathlib import Path
from random import Random

import pytest
from scripted_server import CLOSE, HOLD, LISTEN, RESET, Script, ScriptedServer, answer, scripted

GOOD = answer(b"good")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP = zlib.compressobj(wbits=31)
ZIPPED = GZIP.compress(b"plain " * 100) + GZIP.flush()
DEFLATE = zlib.compressobj(wbits=-15)
BARE = DEFLATE.compress(b"plain") + DEFLATE.flush()
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

ANSWERS: dict[str, tuple[Script, int, str, bool]] = {
    # name: what is sent, the status, the body, whether the connection is used again
    "with a length": ([GOOD], 200, "good", True),
    "empty": ([answer()], 200, "", True),
    "chunked": ([CHUNKED, b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\n\r\n"], 200, "abcde", True),
    "chunked with a trailer": ([CHUNKED, b"1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"], 200, "a", True),
    "in several packets": ([GOOD[:5], GOOD[5:30], GOOD[30:]], 200, "good", True),
    "after an interim answer": ([b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD], 200, "good", True),
    "after two interim answers": ([HINTS, HINTS, GOOD], 200, "good", True),
    "no content": ([b"HTTP/1.1 204 No Content\r\n\r\n"], 204, "", True),
    "not modified, with the length it would have": (
        [b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"],
        304,
        "",
        True,
    ),
    "connection closes": ([answer(b"last", headers={"Connection": "close"}), CLOSE], 200, "last", False),
    "without a length, to the end": ([b"HTTP/1.1 200 OK\r\n\r\nto the ", b"end", CLOSE], 200, "to the end", False),
    "HTTP/1.0": ([b"HTTP/1.0 200 OK\r\n\r\nold", CLOSE], 200, "old", False),
    "HTTP/1.0 that stays": ([b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold"], 200, "old", True),
    "more than its length says": ([GOOD + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"], 200, "good", False),
    "garbage behind it": ([GOOD + b"garbage"], 200, "good", False),
    "an error": ([answer(b"broken", "500 Internal Server Error")], 500, "broken", True),
    "a status nobody knows": ([answer(b"?", "299 Whatever")], 299, "?", True),
    "without a reason": ([b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n1"], 200, "1", True),
    "a large body": ([answer(b"x" * 300_000)], 200, "x" * 300_000, True),
    "a redirect": ([answer(b"", "302 Found", {"Location": "/else"})], 302, "", True),
    "gzip": ([answer(ZIPPED, headers={"content-encoding": "gzip"})], 200, "plain " * 100, True),
    "deflate": ([answer(zlib.compress(b"plain"), headers={"Content-Encoding": "deflate"})], 200, "plain", True),
    "deflate without zlib's head": ([answer(BARE, headers={"Content-Encoding": "Deflate"})], 200, "plain", True),
    "an S3 upload's framing, named": ([answer(b"raw", headers={"Content-Encoding": "aws-chunked"})], 200, "raw", True),
}

ERRORS: dict[str, tuple[Script, str, str]] = {
    # name: what is sent, the error's kind, its text
    "closed at once": ([CLOSE], "UnansweredError", "before any byte"),
    "broken at once": ([RESET], "UnansweredError", "before any byte"),
    "closed in the head": ([b"HTTP/1.1 200 OK\r\nContent-", CLOSE], "CutAnswerError", "in the middle"),
    "closed in the body": ([GOOD[:-1], CLOSE], "CutAnswerError", "in the middle"),
    "closed in a chunk": ([CHUNKED + b"5\r\nab", CLOSE], "CutAnswerError", "in the middle"),
    "closed before the last chunk": ([CHUNKED + b"2\r\nab\r\n", CLOSE], "CutAnswerError", "in the middle"),
    "closed after an interim answer": ([HINTS, CLOSE], "CutAnswerError", "in the middle"),
    "stops in the body": ([GOOD[:-1], HOLD], "TimeoutError", "timed out"),
    "no HTTP": ([b"SSH-2.0-OpenSSH\r\n"], "MalformedAnswerError", "malformed answer"),
    "HTTP/2's": ([b"\0\0\x06\x04\0\0\0\0\0\0\0"], "MalformedAnswerError", "malformed answer"),
    "a status that is no number": ([b"HTTP/1.1 abc OK\r\n\r\n"], "MalformedAnswerError", "malformed answer"),
    "a header without a colon": ([b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n"], "MalformedAnswerError", "malformed answer"),
    "two lengths": ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"], "MalformedAnswerError", ""),
    "a length and chunks": ([CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n"], "MalformedAnswerError", ""),
    "a length that is no number": ([b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"], "MalformedAnswerError", ""),
    "a chunk's size that is no number": ([CHUNKED + b"zz\r\n"], "MalformedAnswerError", ""),
    "a head too large": ([b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 70_000, HOLD], "MalformedAnswerError", "larger than 65536"),
    "interim answers without end": ([HINTS * 3000, HOLD], "MalformedAnswerError", "larger than 65536"),
    "other protocol": ([b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], "MalformedAnswerError", ""),
    "silence": ([HOLD], "TimeoutError", "timed out"),
    "not the gzip it says": ([answer(b"plain", headers={"Content-Encoding": "gzip"})], "MalformedAnswerError", "not gzip"),
    "gzip that is cut": ([answer(ZIPPED[:-9], headers={"Content-Encoding": "gzip"})], "MalformedAnswerError", "cut"),
    "an encoding not read": ([answer(b"x", headers={"Content-Encoding": "br"})], "MalformedAnswerError", "'br'"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_as_it_was_meant(program, server: ScriptedServer, name: str):
    """Status and body are the server's, and the connection is used again exactly where it may be."""
    script, status, body, kept = ANSWERS[name]
    server.on("/first", script)
    server.on("/next", [GOOD])
    found = program.exchange(server.url, "/first")
    assert (found["status"], found["content"]) == (status, body)
    after = program.exchange(server.url, "/next")
    assert (after["status"], after["content"]) == (200, "good")
    assert after["connected"] is not kept
    assert server.of("/next")[0].connection == (1 if kept else 2)


@pytest.mark.parametrize("name", ERRORS)
def test_an_answer_that_cannot_be_used_is_an_error(program, server: ScriptedServer, name: str):
    """It is an OSError of its kind, sent for once, and the connection is never used again."""
    script, kind, text = ERRORS[name]
    server.on("/first", script)
    server.on("/next", [GOOD])
    error = program.exchange(server.url, "/first", waits=(5, 0.3))["error"]
    assert error["kinds"][0] == kind, error
    assert "OSError" in error["kinds"]
    assert text in error["text"]
    assert len(server.of("/first")) == 1
    assert program.exchange(server.url, "/next", waits=(5, 0.3))["connected"]
    assert server.of("/next")[0].connection == 2


@pytest.mark.parametrize("length", [0, 7])
def test_the_answer_to_head_has_no_body(program, server: ScriptedServer, length: int):
    """Its length is what a GET would bring; nothing is waited for, and the connection stays."""
    server.on("/", [f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()])
    for _ in range(2):
        found = program.exchange(server.url, "/", "HEAD")
        assert (found["status"], found["content"], found["headers"]["Content-Length"]) == (200, "", str(length))
    assert {request.connection for request in server.asked} == {1}


def test_a_body_sent_for_head_ends_the_connection(program, server: ScriptedServer):
    """Its bytes are not taken for the next answer."""
    server.on("/", [answer(b"should not be here")])
    for _ in range(2):
        assert program.exchange(server.url, "/", "HEAD")["content"] == ""
    assert [request.connection for request in server.asked] == [1, 2]


def test_bytes_that_nobody_asked_for_end_the_connection(program, server: ScriptedServer):
    """What a server says between two requests is no answer to the second."""
    server.on("/first", [GOOD, answer(b"late", "408 Request Timeout")])
    server.on("/second", [GOOD])
    program.exchange(server.url, "/first")
    server.wait_until_played()
    found = program.exchange(server.url, "/second", "POST")
    assert (found["content"], found["connected"]) == ("good", True)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "POST", "PATCH"])
def test_a_kept_connection_that_was_closed_meanwhile_is_replaced(program, server: ScriptedServer, method: str):
    """The far end closed while nobody asked: whatever the method, the request is sent once, on a new connection."""
    server.on("/first", [GOOD, CLOSE])
    server.on("/second", [answer()])
    program.exchange(server.url, "/first")
    server.wait_until_closed(1)
    assert program.exchange(server.url, "/second", method)["status"] == 200
    assert [request.connection for request in server.of("/second")] == [2]


@pytest.mark.parametrize(
    ("method", "asked"), [("GET", [1, 2]), ("PUT", [1, 2]), ("DELETE", [1, 2]), ("POST", [1]), ("PATCH", [1])]
)
def test_a_kept_connection_that_ends_unanswered(program, server: ScriptedServer, method: str, asked: list[int]):
    """The far end took the request and closed without a byte: only what may be repeated is sent once more."""
    server.on("/first", [GOOD])
    server.on("/second", [CLOSE], [GOOD])
    program.exchange(server.url, "/first")
    found = program.exchange(server.url, "/second", method)
    assert [request.connection for request in server.of("/second")] == asked
    if len(asked) == 2:
        assert found["content"] == "good"
    else:
        assert found["error"]["kinds"][0] == "UnansweredError"


def test_nothing_is_sent_twice_after_a_byte_of_an_answer(program, server: ScriptedServer):
    """Not even a GET on a kept connection."""
    server.on("/first", [GOOD])
    server.on("/second", [b"H", CLOSE], [GOOD])
    program.exchange(server.url, "/first")
    assert program.exchange(server.url, "/second")["error"]["kinds"][0] == "CutAnswerError"
    assert len(server.of("/second")) == 1


def test_a_request_is_sent_again_once_only(program, server: ScriptedServer):
    """A server that closes every time is an error, after the second."""
    server.on("/first", [GOOD])
    server.on("/second", [CLOSE])
    program.exchange(server.url, "/first")
    assert program.exchange(server.url, "/second")["error"]["kinds"][0] == "UnansweredError"
    assert len(server.of("/second")) == 2


def test_a_killed_greenlet_leaves_no_half_answer(program, server: ScriptedServer):
    """Its connection is closed; the next request has one of its own, and its own answer."""
    server.on("/first", [GOOD[:-1], LISTEN])
    server.on("/next", [GOOD])
    assert program.killed(server.url, "/first", after=0.2)["killed"]
    found = program.exchange(server.url, "/next")
    assert (found["content"], found["connected"]) == ("good", True)
    server.wait_until_closed(1)


def test_greenlets_that_share_a_session_do_not_share_a_connection(program, server: ScriptedServer):
    """Each gets its own answer."""
    paths = [server.on(f"/{number}", [answer(str(number).encode())]) for number in range(8)]
    assert [found["content"] for found in program.together(server.url, paths)] == [str(number) for number in range(8)]


@pytest.mark.parametrize("seed", range(3))
def test_nobody_gets_anothers_answer(program, server: ScriptedServer, seed: int):
    """Whatever the server does and whoever is killed: what is answered, is answered to who asked.

    But where a whole answer that nobody asked for comes just after a request was sent: in HTTP/1.1 nothing tells it apart.
    """
    dice = Random(seed)

    def any_answer(path: str) -> Script:
        good = answer(path.encode())
        where = dice.randrange(1, len(good))
        chunked = CHUNKED + f"{len(path):x}\r\n{path}\r\n0\r\n\r\n".encode()
        scripts: list[Script] = [
            [good], [good], [good], [good[:where], good[where:]], [chunked], [HINTS, good],
            [good, CLOSE], [good[:where], CLOSE], [CLOSE], [RESET], [good + answer(b"another's")],
        ]  # fmt: skip
        return dice.choice(scripts)

    server.otherwise = any_answer
    said = program.storm(server.url, greenlets=16, each=60, seed=seed)
    assert said["wrong"] == []
    assert said["counts"]["answered"] > 300
    assert said["counts"].keys() <= {"answered", "CutAnswerError", "UnansweredError", "ConnectionResetError"}


def test_a_request_is_one_piece_of_http(program, server: ScriptedServer):
    """Host, length and the headers given once each; the body as it is."""
    server.on("/a%20b?c=%C3%A4", [GOOD])
    headers = {"X-One": "1", "user-agent": "mine", "Content-Length": "99"}
    program.exchange(f"http://u:p%40w@127.0.0.1:{server.port}", "/a b?c=ä#fragment", "POST", "body", headers)
    (request,) = server.asked
    assert (request.method, request.path, request.body) == ("POST", "/a%20b?c=%C3%A4", b"body")
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "mine",
        "x-one": "1",
        "content-length": "4",
        "authorization": "Basic dTpwQHc=",
    }


def test_a_large_body_is_sent_whole(program, server: ScriptedServer):
    """Larger than what the system takes at once."""
    server.on("/", [GOOD])
    assert program.exchange(server.url, "/", "PUT", "y" * 8_000_000)["content"] == "good"
    assert len(server.asked[0].body) == 8_000_000


def test_an_absolute_url_goes_to_its_own_host(program, server: ScriptedServer):
    """On a connection of its own, which is kept too, and without the base URL's credentials."""
    with scripted() as other:
        other.on("/signed?x=1", [GOOD])
        server.on("/", [GOOD])
        base = f"http://user:secret@127.0.0.1:{server.port}"
        for connected in (True, False):
            assert program.exchange(base, f"{other.url}/signed?x=1", "PUT", "data")["connected"] is connected
            assert program.exchange(base, "/")["connected"] is connected
        assert "authorization" not in other.asked[0].headers
        assert other.asked[0].body == b"data"
        assert "authorization" in server.asked[0].headers


def test_nobody_listens(program):
    """ConnectionRefusedError."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert program.exchange(f"http://127.0.0.1:{port}", "/")["error"]["kinds"][0] == "ConnectionRefusedError"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 63 + ".invalid"])
def test_a_name_nobody_knows(program, host: str):
    """socket.gaierror."""
    assert program.exchange(f"http://{host}", "/")["error"]["kinds"][0] == "gaierror"


def test_connecting_is_bounded(program):
    """A listener that takes no connection is a TimeoutError that says who."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(("127.0.0.1", port))
            error = program.exchange(f"http://127.0.0.1:{port}", "/", waits=(0.3, 5))["error"]
    assert (error["kinds"][0], error["text"]) == ("TimeoutError", f"timed out connecting to 127.0.0.1:{port}")


@pytest.mark.parametrize("body", ["", "small", "z" * 2_000_000])
def test_tls(program, certificate: Path, body: str):
    """The same over TLS, on one connection; records of any size."""
    with scripted(certificate) as server:
        server.on("/", [answer(body.encode())])
        for connected in (True, False, False):
            found = program.exchange(server.url, "/", "POST", body)
            assert (found["content"] == body, found["connected"]) == (True, connected)
        assert [len(request.body) for request in server.asked] == [len(body)] * 3


def test_tls_that_closes_meanwhile(program, certificate: Path):
    """A kept connection over TLS is replaced, too."""
    with scripted(certificate) as server:
        server.on("/first", [GOOD, CLOSE])
        server.on("/second", [GOOD])
        program.exchange(server.url, "/first")
        server.wait_until_closed(1)
        assert program.exchange(server.url, "/second", "POST")["content"] == "good"


def test_tls_cut_where_only_its_end_ends_an_answer(program, certificate: Path):
    """Without TLS's own goodbye nobody knows whether it was all."""
    with scripted(certificate) as server:
        server.on("/", [b"HTTP/1.1 200 OK\r\n\r\npart", CLOSE])
        assert program.exchange(server.url, "/")["error"]["kinds"][0] == "CutAnswerError"


def test_tls_trust(program, certificate: Path):
    """A certificate is believed where its signer is trusted."""
    with scripted(certificate) as server:
        server.on("/", [GOOD])
        assert program.exchange(server.url, "/", trusted=str(certificate))["content"] == "good"


def test_tls_not_trusted(program, certificate: Path):
    """ssl.SSLError, before anything is asked."""
    with scripted(certificate) as server:
        assert "SSLError" in program.exchange(server.url, "/", verified=True)["error"]["kinds"]
        assert server.asked == []


def test_no_tls_where_it_is_asked_for(program, server: ScriptedServer):
    """A server that speaks plain HTTP is an ssl.SSLError."""
    server.on("/", [GOOD])
    assert "SSLError" in program.exchange(server.url.replace("http:", "https:"), "/")["error"]["kinds"]
