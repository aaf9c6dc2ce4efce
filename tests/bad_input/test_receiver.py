"""What is posted to the receiver, and asked of it: each refusal's status and whole message, and nothing is kept."""

import asyncio
import io
import json
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from alerts.receiver.app import LARGEST_BODY_BYTES, Receiver, application

ALERT = {"status": "firing", "labels": {}, "startsAt": "2026-01-05T12:00:00Z"}
NOT = "not Alertmanager's webhook, version 4: "


class Asked(NamedTuple):
    """One request, and what is answered."""

    status: int
    says: str
    body: bytes = b""
    method: str = "POST"
    path: str = "/alerts"
    kind: str = "application/json"


def alert(says: str, **changed: object) -> Asked:
    """A post with one alert that has something wrong in it."""
    return Asked(400, f"{NOT}alerts.0.{says}", json.dumps({"version": "4", "alerts": [ALERT | changed]}).encode())


CASES = {
    "another type": Asked(400, "send application/json", b"{}", kind="text/plain"),
    "too large": Asked(413, f"more than {LARGEST_BODY_BYTES} bytes", b" " * (LARGEST_BODY_BYTES + 1)),
    "a list": Asked(400, f"{NOT}Input should be an object", b"[]"),
    "no version": Asked(400, f"{NOT}version: Field required", b'{"alerts": []}'),
    "another version": Asked(400, f"{NOT}version: Input should be '4'", b'{"version": "3", "alerts": []}'),
    "no alerts": Asked(400, f"{NOT}alerts: Field required", b'{"version": "4"}'),
    "alerts no list": Asked(400, f"{NOT}alerts: Input should be a valid array", b'{"version": "4", "alerts": {}}'),
    "alert a number": Asked(400, f"{NOT}alerts.0: Input should be an object", b'{"version": "4", "alerts": [1]}'),
    "status unknown": alert("status: Input should be 'firing' or 'resolved'", status="x"),
    "labels a list": alert("labels: Input should be an object", labels=[]),
    "label a number": alert("labels.a: Input should be a valid string", labels={"a": 1}),
    "time without zone": alert("startsAt: Input should have timezone info", startsAt="2026-01-05T12:00:00"),
    "fingerprint a list": alert("fingerprint: Input should be a valid string", fingerprint=[]),
    "wrong method": Asked(405, "Method Not Allowed", method="GET"),
    "unknown page": Asked(404, "Not Found", method="GET", path="/nothing"),
    "since a word": Asked(
        400, "since: give Unix seconds, or ISO 8601 time with its zone", method="GET", path="/notifications?since=x"
    ),
    "since no number": Asked(
        400, "since: give Unix seconds, or ISO 8601 time with its zone", method="GET", path="/notifications?since=nan"
    ),
    "since beyond time": Asked(
        400, "since: give Unix seconds, or ISO 8601 time with its zone", method="GET", path="/notifications?since=1e300"
    ),
}


@pytest.mark.parametrize("asked", CASES.values(), ids=CASES)
def test_refused(tmp_path: Path, asked: Asked) -> None:
    """A client's error, one line, and no file."""
    receiver = Receiver(tmp_path / "notifications.jsonl", io.StringIO())

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application(receiver))
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            return await client.request(asked.method, asked.path, content=asked.body, headers={"content-type": asked.kind})

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.text.rstrip("\n")) == (asked.status, asked.says)
    assert not receiver.path.exists()
