"""What goes on behind the requests: long deletions, and the end of what has had its time."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from targets.tams import database, deletions, media
from targets.tams.database import Database, Transaction
from targets.tams.endpoint import Stores
from targets.tams.locks import Locks
from targets.tams.media import Media
from targets.tams.notifications import Notifications
from targets.tams.service import OBJECT_SECONDS
from targets.tams.tables import Row

EVERY_SECONDS = 60.0
UNUSED_FOR = timedelta(seconds=OBJECT_SECONDS + 900)
"""An object without segment is kept longer than promised: its upload URL has a grace period too."""

_FAILURES: tuple[type[Exception], ...] = (*database.FAILURES, *media.FAILURES, media.MediaError)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Janitor:
    """Does what requests left behind, in transactions of its own; `run` is a thread's, and so is its notifications' `run`."""

    database: Database
    media: Media
    locks: Locks
    moment: Callable[[], datetime]
    is_wanted: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)
    notifications: Notifications = field(init=False)

    def __post_init__(self) -> None:
        """What happens by its hand is told like what requests do."""
        self.notifications = Notifications(self.database, self.moment)

    def run(self) -> None:
        """Tidy once a minute, and whenever there is work, until `end`."""
        while not self.is_over.is_set():
            self.is_wanted.clear()
            try:
                self.tidy()
            except Exception:
                log.exception("a fault of ours; what is left to delete has to wait")
            self.is_wanted.wait(EVERY_SECONDS)

    def wake(self) -> None:
        """There is work."""
        self.is_wanted.set()

    def end(self) -> None:
        """Stop after what is under way."""
        self.is_over.set()
        self.is_wanted.set()

    def tidy(self) -> None:
        """One round; a backend that fails is told in one line, and asked again in the next."""
        try:
            self._work_off()
            self._sweep()
        except _FAILURES as error:
            log.warning("what is left to delete has to wait: %s", type(error).__name__)

    def _work_off(self) -> None:
        with self.database.transaction() as tx:
            requests = deletions.unfinished(tx)
        for request in requests:
            while not self._advance(request) and not self.is_over.is_set():
                pass

    def _advance(self, request: Row) -> bool:
        with self.locks.held([request["flow_id"], *deletions.others_locked()]):
            with self.database.transaction() as tx:
                stores = Stores(tx, self.media)
                is_done = deletions.advance(stores, request, self.moment())
            self.notifications.publish(stores.events)
        return is_done

    def _sweep(self) -> None:
        """Forget finished requests, and objects that nobody registered in time."""
        at = self.moment()
        with self.database.transaction() as tx:
            tx.delete("deletion_requests", _expired(tx, at))
            unused = _unused(tx, at - UNUSED_FOR)
            tx.delete("objects", unused)
            self.media.delete(row["storage_key"] for row in unused)


def _expired(tx: Transaction, at: datetime) -> list[Row]:
    return tx.select("deletion_requests", lambda requests: requests["expiry"] < at, ["id"], row_ids=True)


def _unused(tx: Transaction, before: datetime) -> list[Row]:
    return tx.select(
        "objects",
        lambda objects: objects["first_referenced_by_flow"].isnull() & (objects["created"] < before),
        ["storage_key"],
        row_ids=True,
    )
