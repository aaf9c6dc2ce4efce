"""What the exporter is asked over HTTP: each refusal's status and whole message, and nothing is asked of a target."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

import pytest

from exporters.exporter import Exporter
from exporters.server import read_plan, server_of
from steadyline import catalogue
from steadyline.addresses import listening
from steadyline.own_operations import OwnOperations

FILE, RECORDED = "steadyline.toml", ".steadyline/baselines.json"
TARGET = '[targets.main]\nbackend = "sql"\nurl = "sqlite:///main.db"\n'
SETTINGS = f"embedded = false\n{TARGET}"
READ = "operation=sql.item_read"
NAME_IT = "name an operation: /probe?operation=sql.item_read&target=embedded"
THERE = "there are sql.item_create, sql.item_read, sql.item_update … (steadyline operations lists all)"
READ_ONLY = "sql.item_read: writes, and target 'main' is read-only; set allow_writes for it to run this"
KNOWN = "there are operation, target and debug"
TIMEOUT = "x-prometheus-scrape-timeout-seconds"
NO_METHOD, NOT_FOUND, STRANGE = (
    "Method Not Allowed",
    "Not Found",
    "this server has another name; hosts in its settings say which",
)
TOO_LONG, NO_HTTP = "Request Header Fields Too Large", "Invalid HTTP request received."


class Case(NamedTuple):
    """One request, and what is answered."""

    status: int
    says: str
    path: str = "/metrics"
    method: str = "GET"
    head: str = ""
    host: str = "localhost"

    @property
    def sent(self) -> bytes:
        """As it goes over the wire."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n{self.head}\r\n"
        return head.encode("latin-1")


def probe(query: str, says: str) -> Case:
    """A question to /probe."""
    return Case(400, says, f"/probe?{query}")


def timed(seconds: str, path: str = "/metrics") -> Case:
    """With a scrape timeout that is none."""
    return Case(400, f"{TIMEOUT}: a positive number of seconds, not {seconds!r}", path, head=f"{TIMEOUT}: {seconds}\r\n")


def wrong(method: str, path: str) -> Case:
    """A method that the page lacks."""
    return Case(405, NO_METHOD, path, method)


CASES = {
    "probe of nothing": probe("", NAME_IT),
    "probe of an empty name": probe("operation=", NAME_IT),
    "probe of a target alone": probe("target=main", NAME_IT),
    "probe unknown": probe(
        "operation=sql.item_rea",
        "no operation 'sql.item_rea'; there are sql.item_read, sql.item_create, sql.item_browse … "
        "(steadyline operations lists all)",
    ),
    "probe a glob": probe("operation=%2A", f"no operation '*'; {THERE}"),
    "probe what a terminal obeys": probe("operation=%1b[2J", f"no operation '\\x1b[2J'; {THERE}"),
    "probe bytes": probe("operation=%ff", f"no operation '\N{REPLACEMENT CHARACTER}'; {THERE}"),
    "probe NUL": probe("operation=%00", f"no operation '\\x00'; {THERE}"),
    "probe an address": probe("operation=http://169.254.169.254", f"no operation 'http://169.254.169.254'; {THERE}"),
    "probe a name without end": probe(f"operation={'x' * 4000}", f"no operation '{'x' * 4000}'; {THERE}"),
    "probe elsewhere": probe(f"{READ}&target=x", "sql.item_read: no target 'x' in the settings; there are main"),
    "probe an address of a target": probe(
        f"{READ}&target=127.0.0.1:22", "sql.item_read: no target '127.0.0.1:22' in the settings; there are main"
    ),
    "probe that writes": probe(READ, READ_ONLY),
    "probe any target": probe(f"{READ}&target=", READ_ONLY),
    "probe twice": probe(f"{READ}&{READ}", "give operation once"),
    "probe of two targets": probe(f"{READ}&target=main&target=main", "give target once"),
    "probe with two accounts": probe(f"{READ}&debug=true&debug=true", "give debug once"),
    "debug a word": probe(f"{READ}&debug=yes", "debug: true or false"),
    "debug empty": probe(f"{READ}&debug=", "debug: true or false"),
    "debug of another case": probe(f"{READ}&debug=TRUE", "debug: true or false"),
    "parameter of blackbox_exporter": probe(f"{READ}&module=http", f"unknown parameter 'module'; {KNOWN}"),
    "parameter of another case": probe("Operation=sql.item_read", f"unknown parameter 'Operation'; {KNOWN}"),
    "parameter without a name": probe("=", f"unknown parameter ''; {KNOWN}"),
    "two thousand parameters": probe("&".join(f"a{n}=1" for n in range(2000)), f"unknown parameter 'a0'; {KNOWN}"),
    "timeout empty": timed(""),
    "timeout a word": timed("soon"),
    "timeout zero": timed("0"),
    "timeout negative": timed("-1"),
    "timeout no number": timed("nan"),
    "timeout without end": timed("1e400"),
    "timeout twice": timed("1,2"),
    "timeout of a probe": timed("x", f"/probe?{READ}"),
    "metrics posted": wrong("POST", "/metrics"),
    "metrics put": wrong("PUT", "/metrics"),
    "metrics deleted": wrong("DELETE", "/metrics"),
    "metrics traced": wrong("TRACE", "/metrics"),
    "probe posted": wrong("POST", f"/probe?{READ}"),
    "health posted": wrong("POST", "/-/healthy"),
    "reload read": wrong("GET", "/-/reload"),
    "reload put": wrong("PUT", "/-/reload"),
    "reload deleted": wrong("DELETE", "/-/reload"),
    "index posted": wrong("POST", "/"),
    "unknown page": Case(404, NOT_FOUND, "/nothing"),
    "page of another case": Case(404, NOT_FOUND, "/METRICS"),
    "page of another program": Case(404, NOT_FOUND, "/-/quit", "POST"),
    "page of a file": Case(404, NOT_FOUND, "/../../etc/passwd"),
    "page of a zero byte": Case(404, NOT_FOUND, "/metrics%00"),
    "page of bytes": Case(404, NOT_FOUND, "/%ff"),
    "another name": Case(400, STRANGE, host="evil.example"),
    "another name reloads": Case(400, STRANGE, "/-/reload", "POST", host="evil.example"),
    "two names": Case(400, STRANGE, head="Host: evil.example\r\n", host="other.example"),
    "method of nobody": Case(400, NO_HTTP, method="NOPE"),
    "length a word": Case(400, NO_HTTP, "/-/reload", "POST", head="Content-Length: x\r\n"),
    "query without end": Case(431, TOO_LONG, f"/probe?{'x' * 20_000}"),
    "header without end": Case(431, TOO_LONG, head=f"X: {'y' * 20_000}\r\n"),
    "headers without end": Case(431, TOO_LONG, head="X: y\r\n" * 4000),
    "body too large": Case(413, "Request Entity Too Large", "/-/reload", "POST", head="Content-Length: 100000\r\n"),
}
NOT_JSON = "restore it, or remove it and record anew"
DATABASES = "write sqlite:////path/trace.db or postgresql://user@host:5432/name"
RELOADS = {
    "key unknown": (f"a = 1\n{SETTINGS}", f"{FILE}: a: unknown key; remove it"),
    "two faults": (
        f"state_dir = 5\na = 1\n{SETTINGS}",
        f"{FILE}: state_dir: write a path, in quotes\n{FILE}: a: unknown key; remove it",
    ),
    "no TOML": ("=", f"{FILE}: not TOML: Invalid statement (at line 1, column 1)"),
    "bytes": (b"\xff", f"{FILE}: not UTF-8 (byte 0); save it as UTF-8"),
    "target without an address": (f"{SETTINGS}[targets.b]\nbackend = 'sql'", f"{FILE}: targets.b.url: is missing; say it"),
    "target without connections": (f"{SETTINGS}concurrency = 0", f"{FILE}: targets.main.concurrency: write 1 or more"),
    "database of nobody": (
        SETTINGS.replace("sqlite", "oracle"),
        f"{FILE}: targets.main.url: {DATABASES}; no other database is known",
    ),
    "password of nowhere": (
        f"{SETTINGS}password_file = 'nowhere'",
        "sql target main: password_file nowhere: cannot be read: No such file or directory",
    ),
    "another port": (
        f"{SETTINGS}[ports]\nexporter = 1234",
        "ports.exporter: changed; restart the exporter to listen elsewhere",
    ),
}
BASELINES = {
    "cut off": ("{", f"not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)); {NOT_JSON}"),
    "a list": ("[]", f"the whole file: Input should be an object; {NOT_JSON}"),
    "newer": (json.dumps({"format": 9, "baselines": []}), "format 9 is newer than 2; use a newer steadyline"),
}


class Served(NamedTuple):
    """An exporter that is open, and whose schedule does not run."""

    folder: Path
    port: int

    def ask(self, case: Case) -> tuple[int, str]:
        """The status and the text, in full."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(case.sent)
            answer = HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.read().decode().removesuffix("\n")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Of one database that is not there, read-only."""
    folder = tmp_path_factory.mktemp("exporter")
    (folder / FILE).write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(catalogue, "_OWN", OwnOperations(catalogue.shipped))
        exporter = Exporter(lambda: read_plan({}))
        exporter.open()
        with listening(0, "ports.exporter") as listener:
            server = server_of(exporter)
            thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
            thread.start()
            yield Served(folder, listener.getsockname()[1])
            server.should_exit = True
            thread.join()
        exporter.close()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(served: Served, case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """One line says what is wrong, and the log has no traceback."""
    assert served.ask(case) == (case.status, case.says)
    assert not [one for one in caplog.records if one.exc_info]


def reload_refused(served: Served, *faults: str) -> None:
    """All faults are told, and what held still holds."""
    asked = Case(422, "\n".join(["refused, the earlier settings hold:", *faults]), "/-/reload", "POST")
    assert served.ask(asked) == (asked.status, asked.says)
    assert served.ask(Case(400, READ_ONLY, f"/probe?{READ}")) == (400, READ_ONLY)


@pytest.mark.parametrize(("settings", "says"), RELOADS.values(), ids=RELOADS)
def test_reload_of_broken_settings(served: Served, settings: str | bytes, says: str) -> None:
    """File, key and target are named."""
    (served.folder / FILE).write_bytes(settings if isinstance(settings, bytes) else settings.encode())
    try:
        reload_refused(served, says)
    finally:
        (served.folder / FILE).write_text(SETTINGS)


@pytest.mark.parametrize(("baselines", "says"), BASELINES.values(), ids=BASELINES)
def test_reload_of_broken_baselines(served: Served, baselines: str, says: str) -> None:
    """The file is named, and left as it is."""
    file = served.folder / RECORDED
    file.parent.mkdir(exist_ok=True)
    file.write_text(baselines)
    try:
        reload_refused(served, f"{file}: {says}")
        assert file.read_text() == baselines
    finally:
        file.unlink()
