"""Connections: the short way answers as uvicorn's does, and neither confuses one request with the next."""

import socket
from collections.abc import Iterator

import pytest
from vast_endpoint import Served

UNSIGNED = b"GET /?transaction HTTP/1.1\r\nhost: h\r\n%s\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden"


@pytest.fixture
def client(endpoint: Served) -> Iterator[socket.socket]:
    """A bare connection."""
    host, port = endpoint.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        yield client


def answers(client: socket.socket, count: int) -> bytes:
    """What comes until so many answers are whole."""
    received = b""
    while received.count(b"</Error>") < count and received.count(b"ok\n") < count:
        piece = client.recv(65536)
        if not piece:
            break
        received += piece
    return received


def test_connection_is_kept(client: socket.socket) -> None:
    """One connection serves many requests, however they are cut into pieces."""
    for _ in range(3):
        for byte in UNSIGNED % b"":
            client.send(bytes([byte]))
        assert answers(client, 1).startswith(FORBIDDEN)


def test_connection_is_closed_when_asked(client: socket.socket) -> None:
    """A client that wants no more is told so, and the connection ends."""
    client.sendall(UNSIGNED % b"connection: close\r\n")
    answer = answers(client, 1)
    assert b"connection: close" in answer
    assert client.recv(1) == b""


def test_pipelined_requests_are_answered_in_order(client: socket.socket) -> None:
    """Requests sent without waiting are answered one after the other, whichever way each takes."""
    client.sendall(UNSIGNED % b"" + UNSIGNED % b"")
    assert answers(client, 2).count(FORBIDDEN) == 2
    client.sendall(b"GET /-/ready HTTP/1.1\r\nhost: h\r\n\r\n")
    assert answers(client, 1).endswith(b"ok\n")
    client.sendall(UNSIGNED % b"")
    assert answers(client, 1).startswith(FORBIDDEN)


@pytest.mark.parametrize("line", [b"transfer-encoding: chunked\r\n", b"expect: 100-continue\r\ncontent-length: 5\r\n"])
def test_unusual_bodies(client: socket.socket, line: bytes) -> None:
    """A chunked body, or one that the client asks leave for, is read to its end before the answer."""
    client.sendall(UNSIGNED % line)
    if b"expect" in line:
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"12345")
    else:
        client.sendall(b"5\r\n12345\r\n0\r\n\r\n")
    assert answers(client, 1).startswith(FORBIDDEN)
    client.sendall(UNSIGNED % b"")
    assert answers(client, 1).startswith(FORBIDDEN)


def test_oversize_body_is_refused_early(client: socket.socket) -> None:
    """A body over the limit is refused by its stated length, before it is sent."""
    client.sendall(UNSIGNED % b"content-length: 99999999\r\n" + b"x" * (6 << 20))
    assert b"EntityTooLarge" in answers(client, 1)


def test_garbage(client: socket.socket, endpoint: Served) -> None:
    """What is no HTTP ends the connection, not the endpoint."""
    client.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    assert client.recv(1000).startswith(b"HTTP/1.1 400")
    assert endpoint.process.poll() is None
