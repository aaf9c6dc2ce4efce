"""Transactions: each sees one moment of the database and its own changes; the first writer wins.

A commit is replayed onto the newest catalogue, so that transactions which insert into one table do not disturb each other.
With a journal, a commit is seen by others, and answered, once it is on the disk.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from targets.vast.catalogue import Catalogue
from targets.vast.changes import Change
from targets.vast.errors import NoSuchTransaction
from targets.vast.locks import Holder, Locks
from targets.vast.merging import applied, is_dear, merged

EXPIRES_SECONDS = 300.0
"""A transaction whose client has gone is forgotten so long after its last request."""
_MERGES = 3
"""Times that a dear commit is merged anew in a thread, because others committed meanwhile, before it is on the event loop."""

Prepared = TypeVar("Prepared")
Clock = Callable[[], float]


class Journal(Protocol):
    """Where commits are kept for good."""

    def append(self, changes: Sequence[Change], durable: Callable[[], None]) -> Awaitable[None]:
        """Keep a commit; calls `durable` once it is on the disk, in the order of the appends, and then ends the wait.

        Raises:
            Refusal: it cannot be kept; `durable` was not called.
        """


@dataclass(slots=True, eq=False)
class Transaction:
    """An open transaction.

    Attributes:
        holder: the locks it holds.
        base: the catalogue it began on.
        catalogue: that one with its own changes.
        changes: these, in order.
        seen: time of its last request, by the clock.
        turn: held while a request of this transaction works off the event loop; others of it wait.
        ended: committed, rolled back or expired.
    """

    holder: Holder
    base: Catalogue
    catalogue: Catalogue
    seen: float
    changes: list[Change] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended: bool = False


class Transactions:
    """The database's newest catalogue and its open transactions; used from the event loop only."""

    def __init__(
        self,
        newest: Catalogue,
        *,
        journal: Journal | None = None,
        clock: Clock = time.monotonic,
        expires_seconds: float = EXPIRES_SECONDS,
        first_txid: int = 1,
    ) -> None:
        """Begin with a catalogue.

        Args:
            newest: what there is.
            journal: keeps commits; without one they are in memory only.
            clock: seconds.
            expires_seconds: a transaction ends so long after its last request.
            first_txid: above any that was given out before, so that none is taken for another after a restart.
        """
        self.newest = newest
        self.locks = Locks()
        self.expires_seconds = expires_seconds
        self._journal = journal
        self._clock = clock
        self._next_txid = first_txid
        self._commits = 0
        self._open: dict[int, Transaction] = {}
        self._committing: dict[int, Transaction] = {}

    def begin(self) -> int:
        """A new transaction's id."""
        txid = self._next_txid
        self._next_txid += 1
        self._open[txid] = Transaction(Holder(txid, self._commits), self.newest, self.newest, self._clock())
        return txid

    def get(self, txid: int) -> Transaction:
        """An open transaction, which is seen by that; NoSuchTransaction when it has ended, has expired or never was."""
        transaction = self._open.get(txid)
        now = self._clock()
        if transaction is None or self._is_expired(transaction, now):
            raise NoSuchTransaction(f"there is no open transaction {txid}; it has ended or was idle too long")
        transaction.seen = now
        return transaction

    def turn(self, txid: int) -> asyncio.Lock | None:
        """What a request that changes a transaction has to wait for; None where nothing of it works off the event loop."""
        transaction = self._open.get(txid)
        return transaction.turn if transaction is not None and transaction.turn.locked() else None

    def snapshot(self, txid: int) -> Catalogue:
        """What a transaction sees; without one (0), the newest."""
        return self.get(txid).catalogue if txid else self.newest

    @property
    def open_count(self) -> int:
        """How many transactions are open or being committed."""
        return len(self._open) + len(self._committing)

    def change(self, transaction: Transaction, change: Change) -> None:
        """Make a change in a transaction; its locks are held already."""
        transaction.catalogue = change.applied(transaction.catalogue)
        transaction.changes.append(change)

    async def change_off_loop(
        self,
        transaction: Transaction,
        prepare: Callable[[Catalogue], Prepared],
        settle: Callable[[Prepared], Sequence[Change]],
    ) -> Sequence[Change]:
        """Make heavy changes: prepared and applied in a thread, settled (locks, row ids) on the loop in between."""
        async with transaction.turn:
            self._ensure_open(transaction)
            prepared = await asyncio.to_thread(prepare, transaction.catalogue)
            changes = settle(prepared)
            transaction.catalogue = await asyncio.to_thread(applied, transaction.catalogue, changes)
            transaction.changes += changes
            transaction.seen = self._clock()
            return changes

    def commit(self, txid: int) -> Awaitable[None] | None:
        """End a transaction for good; what it answers, if anything, is to be waited for."""
        transaction = self.get(txid)
        if transaction.turn.locked() or self._is_dear_to_merge(transaction):
            return self._commit_in_turn(transaction)
        return self._commit(transaction)

    def rollback(self, txid: int) -> Awaitable[None] | None:
        """End a transaction without a trace; what it answers, if anything, is to be waited for."""
        transaction = self.get(txid)
        if transaction.turn.locked():
            return self._rollback_in_turn(transaction)
        self._end(transaction, None)
        return None

    def expire(self) -> list[int]:
        """End what was forgotten, and say which."""
        now = self._clock()
        forgotten = [one for one in self._open.values() if self._is_expired(one, now)]
        for transaction in forgotten:
            self._end(transaction, None)
        return [transaction.holder.txid for transaction in forgotten]

    async def _commit_in_turn(self, transaction: Transaction) -> None:
        async with transaction.turn:
            self._ensure_open(transaction)
            await self._merge_off_loop(transaction)
        committed = self._commit(transaction)
        if committed is not None:
            await committed

    def _is_dear_to_merge(self, transaction: Transaction) -> bool:
        return is_dear(self.newest, transaction.base, transaction.catalogue, transaction.changes)

    async def _merge_off_loop(self, transaction: Transaction) -> None:
        """Bring a transaction that will change no more onto the newest catalogue, unless others commit all the time."""
        base, own = transaction.base, transaction.catalogue
        for _ in range(_MERGES):
            newest = self.newest
            if not is_dear(newest, base, own, transaction.changes):
                break
            own = await asyncio.to_thread(merged, newest, base, own, transaction.changes)
            base = newest
        transaction.base, transaction.catalogue = base, own  # only now: nobody reads in it any more

    async def _rollback_in_turn(self, transaction: Transaction) -> None:
        async with transaction.turn:
            self._ensure_open(transaction)
        self._end(transaction, None)

    def _commit(self, transaction: Transaction) -> Awaitable[None] | None:
        if not transaction.changes:
            self._end(transaction, None)
            return None
        if self._journal is None:
            self._publish(transaction)
            return None
        return self._commit_durably(transaction, self._journal)

    def _commit_durably(self, transaction: Transaction, journal: Journal) -> Awaitable[None]:
        """It has ended, but keeps its locks until it is on the disk: so the first writer wins also meanwhile."""
        txid = transaction.holder.txid
        del self._open[txid]
        transaction.ended = True
        self._committing[txid] = transaction
        return self._kept(transaction, journal.append(transaction.changes, lambda: self._publish(transaction)))

    async def _kept(self, transaction: Transaction, kept: Awaitable[None]) -> None:
        try:
            await kept
        except Exception:
            if transaction.holder.txid in self._committing:  # it could not be kept
                self._end(transaction, None)
            raise

    def _publish(self, transaction: Transaction) -> None:
        self._commits += 1
        self.newest = merged(self.newest, transaction.base, transaction.catalogue, transaction.changes)
        self._end(transaction, self._commits)

    def _end(self, transaction: Transaction, commit: int | None) -> None:
        transaction.ended = True
        self._open.pop(transaction.holder.txid, None)
        self._committing.pop(transaction.holder.txid, None)
        self.locks.release(transaction.holder, commit)
        self.locks.prune(self._oldest())

    def _oldest(self) -> int:
        oldest = min((one.holder.started for one in self._committing.values()), default=self._commits)
        first = next(iter(self._open.values()), None)  # begun first, so its `started` is the least
        return oldest if first is None else min(oldest, first.holder.started)

    def _is_expired(self, transaction: Transaction, now: float) -> bool:
        return now - transaction.seen > self.expires_seconds and not transaction.turn.locked()

    @staticmethod
    def _ensure_open(transaction: Transaction) -> None:
        if transaction.ended:
            raise NoSuchTransaction(f"the transaction {transaction.holder.txid} has ended")
