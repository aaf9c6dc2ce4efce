"""A server that answers each path as a script says, byte by byte, and remembers what it was asked."""

import contextlib
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

CLOSE, RESET, HOLD, LISTEN = "close", "reset", "hold", "listen"
"""Steps beside bytes to send: end the connection; break it; say nothing until the test is over, or the client ends it."""
Step = bytes | str
Script = Sequence[Step]
NOTHING_SAID = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Asked(NamedTuple):
    """One request that came."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    """Listens on the loopback address.

    Attributes:
        scripts: what is answered, by path; a list of scripts is used up one by one, its last one stays.
        asked: every request so far.
        otherwise: the script for a path that has none of its own.
    """

    context: ssl.SSLContext | None = None
    scripts: dict[str, list[Script]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    otherwise: Callable[[str], Script] = lambda _path: (NOTHING_SAID,)
    _ended: dict[int, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))
    _played: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _over: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def on(self, path: str, *scripts: Script) -> str:
        """Answer a path so, the first time, the second …; the path."""
        self.scripts[path] = list(scripts)
        return path

    def of(self, path: str) -> list[Asked]:
        """The requests for a path."""
        return [request for request in self.asked if request.path == path]

    def wait_until_closed(self, number: int) -> None:
        """Until a connection, counted from 1, has ended on this side."""
        assert self._ended[number].wait(10)

    def wait_until_played(self) -> None:
        """Until one more script was played to its end."""
        assert self._played.acquire(timeout=10)

    def close(self) -> None:
        """End every connection."""
        self._over.set()
        self._listening.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            number += 1
            threading.Thread(target=self._serve, args=(number, connection), daemon=True).start()

    def _serve(self, number: int, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            reading = connection.makefile("rb")
            while first := reading.readline():
                request = self._read(number, first, reading)
                self.asked.append(request)
                goes_on = self._play(connection, self._script(request.path))
                self._played.release()
                if not goes_on:
                    break
        connection.close()
        self._ended[number].set()

    def _read(self, number: int, first: bytes, reading: "socket.SocketIO") -> Asked:  # type: ignore[name-defined]
        method, path, _ = first.decode().split()
        headers: dict[str, str] = {}
        while (line := reading.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Asked(number, method, path, headers, reading.read(int(headers.get("content-length", 0))))

    def _script(self, path: str) -> Script:
        scripts = self.scripts.get(path)
        if not scripts:
            return self.otherwise(path)
        return scripts.pop(0) if len(scripts) > 1 else scripts[0]

    def _play(self, connection: socket.socket, script: Script) -> bool:
        """Do the steps; whether the connection goes on."""
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif step == HOLD:
                self._over.wait()
            elif step == LISTEN:
                connection.recv(1)
            else:
                if step == RESET:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
                return False
        return True


@contextmanager
def scripted(certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """A server for a block; over TLS with a certificate and its key in one file."""
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = ScriptedServer(context)
    try:
        yield server
    finally:
        server.close()


def answer(body: bytes = b"", status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer with its length."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Content-Length": len(body), **(headers or {})}.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body
