"""nginx answering one small JSON document over HTTP and HTTPS on a core of its own, and counting its answers."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATH = "/items"
BODY = '{"items": [{"id": "0000000000000001", "name": "one"}, {"id": "0000000000000002", "name": "two"}], "total": 2}'
_COUNTED = "/counted"
_START_SECONDS = 10

_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/certificate; ssl_certificate_key {folder}/key;
  server {{
    listen 127.0.0.1:{plain}; listen 127.0.0.1:{secure} ssl;
    location {path} {{ default_type application/json; return 200 '{body}'; }}
    location {counted} {{ stub_status; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is.

    Attributes:
        plain: its URL over HTTP.
        secure: its URL over HTTPS.
    """

    plain: str
    secure: str

    def answered(self) -> int:
        """How many requests it answered, this one included."""
        return int(self._counts()[9])

    def connected(self) -> int:
        """How many connections it has beside this one."""
        return int(self._counts()[2]) - 1

    def _counts(self) -> list[bytes]:
        with urllib.request.urlopen(f"{self.plain}{_COUNTED}") as page:
            return page.read().split()  # type: ignore[no-any-return]


def program() -> str | None:
    """Where nginx is, which no user's path needs to name."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/usr/local/sbin")))


@contextmanager
def serving(nginx: str, folder: Path, core: int) -> Iterator[Server]:
    """Run the program on a core."""
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*key, "-keyout", folder / "key", "-out", folder / "certificate"], check=True, capture_output=True)
    plain, secure = free(), free()
    file = folder / "nginx.conf"
    facts = {"folder": folder, "plain": plain, "secure": secure, "path": PATH, "body": BODY, "counted": _COUNTED}
    file.write_text(_CONFIGURATION.format(**facts), encoding="utf-8")
    process = subprocess.Popen(["taskset", "--cpu-list", str(core), nginx, "-c", file, "-e", folder / "errors"])
    try:
        server = Server(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")
        _wait(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait(server: Server) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.answered()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def free() -> int:
    """A port that nobody has."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
