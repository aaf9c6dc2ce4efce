"""Events on their way to webhooks: in a thread of its own, so that no request waits for a listener.

A listener that does not answer after some attempts is given up: its webhook's status becomes `error` until the client
puts it back. What is not delivered when the server ends is lost.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from targets.tams.answers import Fault, shown
from targets.tams.database import FAILURES, Database, equals
from targets.tams.events import WEBHOOKS_CHANGED, Event, is_wanted
from targets.tams.moments import moment_text
from targets.tams.tables import ROW_ID, Row, packed

MOST_WAITING = 1000
"""Events that may wait; of more, the newest are dropped and told in the log."""
ATTEMPTS = 3
PAUSE_SECONDS = 1.0
"""Between two attempts."""
TIMEOUT_SECONDS = 5.0
STARTED, ERROR = "started", "error"

log = logging.getLogger(__name__)


def _new_queue() -> "queue.Queue[Event | None]":
    return queue.Queue(MOST_WAITING)


@dataclass(slots=True)
class Notifications:
    """Sends events to webhooks; `run` is a thread's.

    Attributes:
        database: where the webhooks are.
        moment: the present in UTC, without a zone.
        pause_seconds: between two attempts.
        webhooks: those that there are, as they were when last looked up; None before the first time.
    """

    database: Database
    moment: Callable[[], datetime]
    pause_seconds: float = PAUSE_SECONDS
    webhooks: list[Row] | None = None
    _changes: int = 0
    _waiting: "queue.Queue[Event | None]" = field(default_factory=_new_queue)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def publish(self, events: Iterable[Event]) -> None:
        """Take events of a committed transaction; nothing is done for those that nobody asked for."""
        for event in events:
            if event.type == WEBHOOKS_CHANGED:
                self._changes += 1
                self.webhooks = None
            elif self.webhooks is None or any(is_wanted(webhook, event) for webhook in self.webhooks):
                self._put(event)

    def _put(self, event: Event) -> None:
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            log.warning("webhooks: an event is dropped, %d wait already: %s", MOST_WAITING, event.type)

    def run(self) -> None:
        """Send what comes, until `end`."""
        while (event := self._waiting.get()) is not None and not self._is_over.is_set():
            self._send(event)

    def end(self) -> None:
        """Stop after what is under way."""
        self._is_over.set()
        with suppress(queue.Full):  # a thread that has so much to do looks up soon enough
            self._waiting.put_nowait(None)

    def send_waiting(self) -> None:
        """Send what waits, and return."""
        while True:
            try:
                event = self._waiting.get_nowait()
            except queue.Empty:
                return
            if event is not None:
                self._send(event)

    def _send(self, event: Event) -> None:
        try:
            for webhook in self._known():
                if is_wanted(webhook, event):
                    self._tell(webhook, event)
        except FAILURES as error:
            log.warning("webhooks: %s is not told to all, for VAST DB: %s", event.type, type(error).__name__)

    def _known(self) -> list[Row]:
        known = self.webhooks
        if known is not None:
            return known
        changes = self._changes
        with self.database.transaction() as tx:
            found = tx.select("webhooks")
        if changes == self._changes:  # else they may have changed after this transaction began
            self.webhooks = found
        return found

    def _tell(self, webhook: Row, event: Event) -> None:
        said = {"event_timestamp": moment_text(event.at), "event_type": event.type, "event": event.tell()}
        fault = self._posted(webhook, said)
        status = STARTED if fault is None else ERROR
        if status != webhook["status"]:
            self._mark(webhook, status, fault)

    def _posted(self, webhook: Row, said: object) -> str | None:
        """Post it until the listener takes it; what came of the last attempt where it did not."""
        key = {webhook["api_key_name"]: webhook["api_key_value"] or ""} if webhook["api_key_name"] else {}
        fault: str | None = None
        for attempt in range(ATTEMPTS):
            if attempt and self._is_over.wait(self.pause_seconds):
                break
            try:
                answer = httpx.post(webhook["url"], json=said, headers=key, timeout=TIMEOUT_SECONDS, trust_env=False)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                fault = f"no answer: {type(error).__name__}"
            else:
                fault = None if answer.is_success else f"it answered {answer.status_code}"
            if fault is None:
                break
        return fault

    def _mark(self, webhook: Row, status: str, fault: str | None) -> None:
        """Keep a webhook's new status; when a client changes it at the same time, the client's word counts."""
        told = None if fault is None else shown(Fault(type="WebhookError", summary=fault, time=moment_text(self.moment())))
        if fault is not None:
            log.warning("webhook %s is given up after %d attempts: %s", webhook["id"], ATTEMPTS, fault)
        with self.database.transaction() as tx:
            row = tx.one("webhooks", equals("id", webhook["id"]), ["status"])
            if row is not None and row["status"] == webhook["status"]:
                tx.update("webhooks", [{ROW_ID: row[ROW_ID], "status": status, "error": packed(told)}])
        self.webhooks = None
