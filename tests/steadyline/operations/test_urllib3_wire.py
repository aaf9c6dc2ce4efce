"""What urllib3's connections show of the wire while a body is timed, whoever uses them."""

import socket
import threading
import time
from contextlib import closing, contextmanager

import pytest
import requests
import urllib3

from steadyline.operations.urllib3_wire import POOL_CLASSES
from steadyline.outcome import OPERATION_HEADER, Call, current_call

BODY = b"x" * 300_000
WAIT_SECONDS = 0.05


def plain(body):
    """An answer of a length that is told."""
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def in_chunks(body):
    """An answer in two chunks."""
    half = len(body) // 2
    parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"


class Server:
    """Answers each request alike, after a while.

    Attributes:
        url: where.
        heads: of the requests that came.
    """

    def __init__(self, listener, answer):
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        self.heads = []
        self._listener = listener
        self._answer = answer

    def serve(self):
        """Until its listener is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                while self._one(connection):
                    pass

    def _one(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65536)
            if not part:
                return False
            head += part
        head, _, body = head.partition(b"\r\n\r\n")
        self.heads.append(head.decode().lower())
        length = [line for line in self.heads[-1].splitlines() if line.startswith("content-length:")]
        left = int(length[0].partition(":")[2]) - len(body) if length else 0
        while left > 0:
            left -= len(connection.recv(65536))
        time.sleep(WAIT_SECONDS)
        connection.sendall(self._answer)
        return True


@contextmanager
def server(answer):
    """A server, ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Server(listener, answer)
        thread = threading.Thread(target=made.serve)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@contextmanager
def timed():
    """A body that is timed."""
    call = Call("s3.asking")
    token = current_call.set(call)
    yield call
    current_call.reset(token)


def over_urllib3(url):
    """A pool of ours; asks once and reads the answer."""
    with urllib3.PoolManager(retries=False) as manager:
        manager.pool_classes_by_scheme = POOL_CLASSES

        def ask():
            return manager.request("PUT", url, body=BODY).data

        yield ask


def over_requests(url):
    """A session of requests over a pool of ours, as the vastdb SDK has one."""
    with closing(requests.Session()) as session:
        session.trust_env = False
        for adapter in session.adapters.values():
            adapter.poolmanager.pool_classes_by_scheme = POOL_CLASSES
        yield lambda: session.put(url, data=BODY).content


CLIENTS = {"urllib3": contextmanager(over_urllib3), "requests": contextmanager(over_requests)}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("answer", [plain, in_chunks])
def test_metered(client, answer):
    """Payload both ways, and time by phase within the whole; the first request connects, and alone is marked."""
    with server(answer(BODY)) as there, client(there.url) as ask:
        start = time.perf_counter()
        with timed() as first:
            assert ask() == BODY
        whole = time.perf_counter() - start
        with timed() as second:
            assert ask() + ask() == BODY * 2
    assert first.bytes_sent == len(BODY)
    assert len(BODY) <= first.bytes_received <= len(BODY) + 10  # a chunk's line end
    assert set(first.phases) == {"connect", "first_byte", "transfer"}
    assert first.phases["first_byte"] >= WAIT_SECONDS
    assert sum(first.phases.values()) <= whole
    assert (second.bytes_sent, set(second.phases)) == (2 * len(BODY), {"first_byte", "transfer"})
    marked = [OPERATION_HEADER.lower() in head for head in there.heads]
    assert marked == [True, True, False]


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_not_timed(client):
    """Outside a timed body nothing is marked."""
    with server(plain(BODY)) as there, client(there.url) as ask:
        assert ask() == BODY
    assert OPERATION_HEADER.lower() not in there.heads[0]
