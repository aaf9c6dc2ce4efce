"""Our HTTP session in a program of its own, and servers that answer as a test says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_server import ScriptedServer, scripted

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "tests" / "support" / "quick_program.py"


class Program:
    """The running program; each test has sessions of its own in it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.session = 0

    def _call(self, do: str, base: str, kind: str = "quick", waits: tuple[float, float] = (5, 5), **facts: Any) -> Any:
        call = {"do": do, "kind": kind, "session": f"{self.session} {base}", "base": base, "waits": waits, **facts}
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(call), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def exchange(
        self, base: str, url: str, method: str = "GET", body: str | None = None, headers: dict | None = None, **facts: Any
    ) -> Any:
        """What `exchange` answers, or the error that it raises."""
        return self._call("exchange", base, url=url, method=method, body=body, headers=headers or {}, **facts)

    def killed(self, base: str, url: str, after: float) -> Any:
        """A greenlet is killed that many seconds after it asked."""
        return self._call("killed", base, url=url, method="GET", body=None, headers={}, after=after)

    def together(self, base: str, urls: list[str]) -> Any:
        """All at once, in one session."""
        return self._call("together", base, urls=urls, method="GET", body=None, headers={})["answers"]

    def storm(self, base: str, greenlets: int, each: int, seed: int) -> Any:
        """Many greenlets ask many things in one session; every second one is killed."""
        return self._call("storm", base, greenlets=greenlets, each=each, seed=seed)

    def request(self, base: str, url: str, method: str = "GET", kind: str = "quick", **facts: Any) -> Any:
        """What `request` answers and fires; options of the request by name; judged=… in a with-block, within=… seconds."""
        own = {key: facts.pop(key) for key in ("judged", "waits", "within") if key in facts}
        return self._call("request", base, kind, url=url, method=method, options=facts, **own)

    def close(self) -> None:
        """End it."""
        with self._process as process:
            assert process.stdin
            process.stdin.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    """One program for a file's tests."""
    program = Program()
    yield program
    program.close()


@pytest.fixture
def program(running: Program) -> Program:
    """The program with no session."""
    running.session += 1
    return running


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server for one test."""
    with scripted() as found:
        yield found


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that signs itself, and its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    alternative = ["-addext", "subjectAltName=IP:127.0.0.1"]
    key = file.with_suffix(".key")
    subprocess.run([*made, *alternative, "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + key.read_bytes())
    return file
