"""Users of the class in a Locust runner."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from scripted_server import LISTEN, ScriptedServer, answer

ROOT = Path(__file__).parents[3]
USERS = 5


@pytest.fixture
def said(server: ScriptedServer) -> dict:
    """What the program says of its users on the server."""
    server.on("/", [answer(b"here")])
    server.on("/json", [answer(b'{"a": 1}')])
    server.on("/broken", [answer(b"{", "500 Oh")])
    server.on("/held", [LISTEN])
    program = ROOT / "tests" / "support" / "quick_users.py"
    command = [sys.executable, program, server.url]
    found = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    document: dict = json.loads(found.stdout.splitlines()[-1])
    return document


def test_users(said: dict, server: ScriptedServer):
    """Each has one connection and its class's headers; what fails is counted as failed; stopped, all is closed."""
    assert said["failures"] == {"root": False, "/json": False, "/broken": True}
    assert {request.connection for request in server.asked} == set(range(1, USERS + 1))
    assert {request.headers.get("x-user") for request in server.of("/")} == {"working"}
    for number in range(1, USERS + 1):
        server.wait_until_closed(number)


def test_settings(said: dict):
    """What the class cannot do is refused by name when a user is made; what it can is taken."""
    assert said["no_host"].startswith("StopTest: no host to ask")
    assert said["no_url"].startswith("RefusedError: no URL to send a request to: 'no url'")
    assert said["pool"] == "RefusedError: Made: concurrency, proxy_host: not done by this client; use FastHttpUser"
    assert said["fine"] == ""
