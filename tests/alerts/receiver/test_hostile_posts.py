"""Whatever is posted, the receiver shows nothing that a terminal or a browser obeys, and lives on."""

import json

import pytest

from alerts.receiver.app import LARGEST_BODY_BYTES
from alerts.receiver.notification import LONGEST_TEXT

HOSTILE = {
    "escape codes": "\x1b[2J\x1b]0;owned\x07",
    "newlines": "first\nCRITICAL firing  second\r\nthird",
    "line separators": "a\u2028b\u2029c\x85d",
    "direction marks": "\u202egnp.exe\u2066",
    "too long": "x" * (LONGEST_TEXT * 3),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_made_harmless(receiver, text: str) -> None:
    """Whatever a label or annotation holds, one alert is one printable line of bounded length."""
    before = len(receiver.shown())
    labels = {"alertname": text, "severity": text, "operation": text, "target": text}
    assert receiver.tell({"labels": labels, "annotations": {"summary": text}}).status_code == 200
    added = receiver.shown()[before:]
    assert len(added) == 1
    assert added[0].isprintable()
    assert len(receiver.kept()[0]["summary"]) <= LONGEST_TEXT


def test_the_page_escapes_what_it_is_told(receiver) -> None:
    """HTML in a label is text, and a link that is no web address is none."""
    attack = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    labels = {"alertname": attack, "severity": attack, "operation": attack}
    links = {"runbook_url": "javascript:alert(1)", "dashboard_url": "https://x/\"onclick='alert(1)'"}
    receiver.tell({"labels": labels, "annotations": {"summary": attack, "description": attack} | links})
    page = receiver.client.get("/").text
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert '"onclick' not in page
    assert "&lt;script&gt;" in page


def _posted(**changed: object) -> bytes:
    alert = {"status": "firing", "labels": {}, "startsAt": "2026-01-05T12:00:00Z"} | changed
    return json.dumps({"version": "4", "alerts": [alert]}).encode()


MALFORMED = {
    "empty": b"",
    "not json": b"hello",
    "nested beyond reason": b"[" * 100_000,
    "another version": json.dumps({"version": "3", "alerts": []}).encode(),
    "alerts of the wrong kind": json.dumps({"version": "4", "alerts": [1]}).encode(),
    "no start": _posted(startsAt=None),
    "time without a zone": _posted(startsAt="2026-01-05T12:00:00"),
    "half a character": _posted(labels={"alertname": "\ud800"}),
    "label of the wrong kind": _posted(labels={"alertname": ["a"]}),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_post_is_refused_in_one_sentence(receiver, body: bytes) -> None:
    """400 and one line, nothing kept, and the receiver lives on."""
    before = len(receiver.shown())
    answer = receiver.post(body)
    assert answer.status_code == 400
    assert answer.text.count("\n") == 1
    assert len(receiver.shown()) == before + 1
    assert not receiver.state.notifications.exists()
    assert receiver.tell({}).status_code == 200


def test_a_body_that_is_too_large_is_refused(receiver) -> None:
    """413 once the limit is passed, and the receiver lives on."""
    assert receiver.post(b" " * (LARGEST_BODY_BYTES + 1)).status_code == 413
    assert receiver.tell({}).status_code == 200


def test_a_web_page_elsewhere_can_neither_post_nor_read(receiver) -> None:
    """A form's content type and a foreign host name are refused."""
    assert receiver.post(_posted(), **{"content-type": "text/plain"}).status_code == 400
    assert receiver.client.get("/notifications", headers={"host": "evil.example"}).status_code == 400
