"""Limits of a connection, as a client meets them: a real server over real sockets, with small limits."""

import contextlib
import socket
import threading
from functools import partial

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from targets import serving
from targets.connections import Connection
from targets.crowd import Crowd, Limits

DEADLINE_SECONDS = 30
SMALL = Limits(connections=8, head_bytes=2048, head_seconds=0.5, body_seconds=0.7, body_bytes=1000)
PATIENT = Limits(connections=8, head_seconds=DEADLINE_SECONDS)
HEAD = b"GET / HTTP/1.1\r\nhost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nhost: localhost\r\n"


async def _said(request):
    return PlainTextResponse(str(len(await request.body())))


@contextlib.contextmanager
def served(limits, loop="auto"):
    """A server with these limits; its address."""
    application = Starlette(routes=[Route("/", _said, methods=["GET", "POST"])])
    http = partial(Connection, crowd=Crowd(limits))
    server = uvicorn.Server(uvicorn.Config(application, http=http, loop=loop, lifespan="off", log_config=None))
    with serving.listening(0) as listener:
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


def connected(address):
    """A connection that waits no longer than the deadline for anything."""
    return socket.create_connection(address, DEADLINE_SECONDS)


def heard(connection):
    """Everything until the server closes, however it does."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            said += piece
    return said


def asked(connection):
    """Whether a request on it is answered."""
    connection.sendall(HEAD + b"\r\n")
    said = b""
    while not said.endswith(b"\r\n\r\n0"):
        piece = connection.recv(65536)
        if not piece:
            return False
        said += piece
    return said.startswith(b"HTTP/1.1 200")


@pytest.fixture(params=["asyncio", "uvloop"])
def small(request):
    """A server with small limits, on either event loop."""
    with served(SMALL, request.param) as address:
        yield address


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="silent"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(HEAD, id="half a head"),
        pytest.param(POST + b"content-length: 10\r\n\r\n12345", id="half a body"),
        pytest.param(HEAD + b"\r\n" + HEAD, id="half a second head"),
        pytest.param(HEAD + b"\r\n\r\n", id="an answer, and an empty line"),
    ],
)
def test_silent(small, sent):
    """Who does not finish what it began is closed; who is closed had no answer to what was not asked."""
    with connected(small) as connection:
        connection.sendall(sent)
        assert heard(connection).count(b"HTTP/1.1 200") == int(sent.startswith(HEAD + b"\r\n"))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(HEAD + b"x: " + b"y" * 2100 + b"\r\n\r\n", 431, id="a long header"),
        pytest.param(HEAD + b"x: " + b"y" * 2100, 431, id="a long header without an end"),
        pytest.param(HEAD + b"x: y\r\n" * 500 + b"\r\n", 431, id="many headers"),
        pytest.param(b"GET /" + b"y" * 2100 + b" HTTP/1.1\r\n\r\n", 431, id="a long path"),
        pytest.param(POST + b"content-length: 1001\r\n\r\n", 413, id="a body too long, announced"),
        pytest.param(POST + b"transfer-encoding: chunked\r\n\r\n3e9\r\n" + b"y" * 1001, 413, id="a body too long, in chunks"),
        pytest.param(
            POST + b"transfer-encoding: chunked\r\n\r\n1\r\ny\r\n0\r\nx: " + b"y" * 2100, 431, id="a trailer without an end"
        ),
        pytest.param(b"nonsense\r\n\r\n", 400, id="no HTTP"),
    ],
)
def test_too_large(small, sent, status):
    """What is over a limit in size is told so, and closed, before it is whole."""
    with connected(small) as connection:
        connection.sendall(sent)
        assert heard(connection).startswith(b"HTTP/1.1 %d " % status)


def test_largest(small):
    """What is just within the limits is answered, and the connection stays for the next request."""
    with httpx.Client(base_url=f"http://{small[0]}:{small[1]}", trust_env=False, timeout=DEADLINE_SECONDS) as client:
        for _ in range(2):
            assert client.post("/", content=b"y" * 1000, headers={"x": "y" * 1700}).text == "1000"


def test_pipelined(small):
    """Requests that wait behind an unanswered one are bounded in number."""
    with connected(small) as connection:
        connection.sendall((HEAD + b"\r\n") * 1000)
        assert heard(connection).count(b"HTTP/1.1 200") < 1000


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_crowd(loop):
    """A thousand silent connections keep nobody from asking, and who asked before keeps its connection."""
    with served(PATIENT, loop) as address, contextlib.ExitStack() as stack:
        early = stack.enter_context(connected(address))
        for _ in range(2):
            assert asked(early)
            for _ in range(500):
                stack.enter_context(connected(address))
            assert httpx.get(f"http://{address[0]}:{address[1]}/", trust_env=False, timeout=DEADLINE_SECONDS).text == "0"


def test_crowd_of_known():
    """Where all had an answer, the one that is silent longest goes."""
    with served(PATIENT) as address, contextlib.ExitStack() as stack:
        for _ in range(PATIENT.connections + 1):
            one = stack.enter_context(connected(address))
            assert asked(one)
        assert asked(one)


@pytest.mark.parametrize(("address", "anonymous"), [("0.0.0.0", False), ("10.0.0.1", False)])
def test_strangers(address, anonymous):
    """An address beyond this host is refused, with the reason and the way out."""
    with pytest.raises(serving.CannotStart, match=f"--listen-address {address}: whoever reaches it .* --anonymous"):
        serving.check_address(address, anonymous=anonymous)


@pytest.mark.parametrize(("address", "anonymous"), [("127.0.0.1", False), ("127.8.8.8", False), ("0.0.0.0", True)])
def test_stated(address, anonymous):
    """Loopback is free for all, and so is what was said to be."""
    serving.check_address(address, anonymous=anonymous)
