"""The local receiver's web application: Alertmanager posts, people and programs read."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from alerts.receiver import journal
from alerts.receiver.heartbeat import Heartbeat
from alerts.receiver.notification import MalformedError, Notification, parse
from alerts.receiver.page import page
from alerts.receiver.shown import line
from steadyline.settings import RUNBOOK_PATH

LARGEST_BODY_BYTES = 4 * 1024 * 1024
"""Alertmanager's groups here hold one operation each; a few kilobytes."""
SHOWN_ON_PAGE = 100
LISTEN_SECONDS = 1.0
ANSWERED = 1000
"""Most notifications in one answer of /notifications."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Receiver:
    """Shows each notification and keeps it.

    Attributes:
        path: the file of JSON lines.
        out: where notifications are shown.
        now: the clock, with a time zone.
        heartbeat: whether Alertmanager's watchdog is heard of.
    """

    path: Path
    out: TextIO = field(default_factory=lambda: sys.stdout)
    now: Callable[[], datetime] = _now
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    _unkept: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, body: bytes) -> None:
        """Show and keep what a post tells.

        Raises:
            MalformedError: it is not Alertmanager's webhook.
            OSError: it was shown, and could not be kept; the same post again is kept without being shown twice.
        """
        found = parse(body, self.now())
        for one in found:
            if one.key not in self._unkept:
                self._show(one)
        try:
            journal.append(self.path, found)
        except OSError:
            self._unkept |= {one.key for one in found}
            raise
        self._unkept -= {one.key for one in found}

    def say(self, text: str) -> None:
        """Print a line; a terminal that has gone must not cost the notification."""
        try:
            print(text, file=self.out, flush=True)
        except (OSError, ValueError):
            self.out = sys.__stderr__ or self.out

    async def listen(self) -> None:
        """Say when the watchdog stays away, and when it is back; for ever."""
        while True:
            if news := self.heartbeat.news():
                self.say(f"receiver: {news}")
            await asyncio.sleep(LISTEN_SECONDS)

    def _show(self, notification: Notification) -> None:
        self.say(line(notification, colour=self.out.isatty()))

    async def alerts(self, request: Request) -> Response:
        """POST /alerts: 200 kept, 400 or 413 refused for good, 500 shown and to be sent again."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            return self._refused("send application/json", 400)
        body = await _limited(request)
        if body is None:
            return self._refused(f"more than {LARGEST_BODY_BYTES} bytes", 413)
        try:
            self.take(body)
        except MalformedError as error:
            return self._refused(str(error), 400)
        except OSError as error:
            told = f"{self.path}: not kept: {error.strerror}; free the disk or mend its permissions"
            self.say(f"receiver: {told} (Alertmanager will send it again)")
            return PlainTextResponse(f"{told}\n", 500)
        return PlainTextResponse("kept\n")

    def _refused(self, why: str, status: int) -> Response:
        self.say(f"receiver: a post to /alerts was refused: {why}")
        return PlainTextResponse(f"{why}\n", status)

    async def watchdog(self, request: Request) -> Response:
        """POST: Alertmanager is alive, noted silently; GET: when it last was."""
        if request.method == "POST":
            self.heartbeat.beat()
        last = self.heartbeat.last
        return JSONResponse({"last_heartbeat": last.isoformat() if last else None})

    async def index(self, _: Request) -> Response:
        """The page for people."""
        return HTMLResponse(page(journal.latest(self.path, SHOWN_ON_PAGE), self.heartbeat))

    async def runbook(self, _: Request) -> Response:
        """What to do about each alert."""
        from alerts.receiver import runbook  # noqa: PLC0415 - a Markdown parser that most runs never need

        return HTMLResponse(runbook.page())

    async def notifications(self, request: Request) -> Response:
        """The list for programs, newest first; `since` is Unix or ISO 8601 time."""
        try:
            since = _moment(request.query_params.get("since"))
        except (ValueError, OverflowError, OSError):
            return PlainTextResponse("since: give Unix seconds, or ISO 8601 time with its zone\n", 400)
        return JSONResponse([asdict(found) for found in journal.latest(self.path, ANSWERED, since)])

    async def healthy(self, _: Request) -> Response:
        """It answers, so it lives."""
        return PlainTextResponse("healthy\n")

    async def ready(self, _: Request) -> Response:
        """Whether a notification can be kept."""
        if journal.writable(self.path):
            return PlainTextResponse("ready\n")
        return PlainTextResponse(f"{self.path} cannot be written\n", 503)


async def _limited(request: Request) -> bytes | None:
    """The body, or None as soon as it is larger than we take."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            return None
    return bytes(body)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped + of the zone arrives as a space
        if moment.tzinfo is None:
            raise ValueError("no time zone") from None
        return moment


def application(receiver: Receiver) -> Starlette:
    """The application over one receiver."""
    return Starlette(
        routes=[
            Route("/alerts", receiver.alerts, methods=["POST"]),
            Route("/watchdog", receiver.watchdog, methods=["GET", "POST"]),
            Route("/", receiver.index),
            Route(RUNBOOK_PATH, receiver.runbook),
            Route("/notifications", receiver.notifications),
            Route("/-/healthy", receiver.healthy),
            Route("/-/ready", receiver.ready),
        ]
    )
