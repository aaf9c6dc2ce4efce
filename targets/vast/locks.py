"""Who may change what: the first writer wins, a second one is told at once (409) and may begin anew.

A transaction also loses against one that was committed after it began, because it has not seen that change. What was
committed is remembered only as long as an open transaction is older.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from targets.vast.errors import Conflict
from targets.vast.rowids import RowIds

_MANY = 4096
"""So many row ids are kept as one array; fewer one by one."""


@dataclass(slots=True, eq=False)
class Holder:
    """What one transaction holds.

    Attributes:
        txid: whose.
        started: number of the last commit before it began.
    """

    txid: int
    started: int
    names: set[Hashable] = field(default_factory=set)
    shared: set[Hashable] = field(default_factory=set)
    rows: dict[int, list[RowIds]] = field(default_factory=dict)


@dataclass(slots=True)
class _Name:
    """Who changes a name, who relies on it, and the last commit that changed it."""

    owner: int = 0
    sharers: set[int] = field(default_factory=set)
    changed: int = 0


@dataclass(slots=True)
class _RowLocks:
    """Which open transaction changes a row of a table, and which commit changed it last (less than 0)."""

    owners: dict[int, int] = field(default_factory=dict)
    commits: dict[int, int] = field(default_factory=dict)
    many: list[tuple[RowIds, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.owners) + len(self.commits) + len(self.many)

    def conflict(self, ids: RowIds, holder: Holder) -> int | None:
        """One of the rows (ascending) that another changes, or has changed unseen by the holder; None where there is none."""
        for kept in (self.owners, self.commits):
            if not kept:
                continue
            among = np.intersect1d(np.fromiter(kept, np.uint64, len(kept)), ids) if len(ids) > len(kept) else ids
            for row in among.tolist():
                if row in kept and _is_in_the_way(kept[row], holder):
                    return int(row)
        for rows, owner in self.many:
            if _is_in_the_way(owner, holder) and (row := _common(rows, ids)) is not None:
                return row
        return None

    def set(self, ids: RowIds, owner: int) -> None:
        """A transaction, or a commit, changes the rows."""
        if len(ids) < _MANY:
            (self.owners if owner > 0 else self.commits).update(dict.fromkeys(ids.tolist(), owner))
        else:
            self.many.append((ids, owner))

    def unset(self, ids: RowIds, owner: int) -> None:
        """It does no more."""
        if len(ids) < _MANY:
            kept = self.owners if owner > 0 else self.commits
            for row in ids.tolist():
                if kept.get(row) == owner:
                    del kept[row]
        else:
            self.many = [(rows, other) for rows, other in self.many if rows is not ids or other != owner]


@dataclass(slots=True)
class Locks:
    """Every lock of the database; used from one thread."""

    _names: dict[Hashable, _Name] = field(default_factory=dict)
    _rows: dict[int, _RowLocks] = field(default_factory=dict)
    _committed: deque[tuple[int, Hashable, RowIds | None]] = field(default_factory=deque)

    def claim(self, holder: Holder, key: Hashable) -> None:
        """Let no other change or rely on a name until the holder ends.

        Raises:
            Conflict: another does, or a commit that the holder has not seen changed it.
        """
        name = self._names.setdefault(key, _Name())
        if name.owner != holder.txid:
            if name.owner or name.changed > holder.started or name.sharers - {holder.txid}:
                raise Conflict(f"{_shown(key)} is changed by another transaction")
            name.owner = holder.txid
            holder.names.add(key)

    def share(self, holder: Holder, key: Hashable) -> None:
        """Let no other change a name until the holder ends; several may rely on it.

        Raises:
            Conflict: another changes it, or a commit that the holder has not seen changed it.
        """
        if key in holder.shared:
            return
        name = self._names.setdefault(key, _Name())
        if name.owner not in (0, holder.txid) or name.changed > holder.started:
            raise Conflict(f"{_shown(key)} is changed by another transaction")
        name.sharers.add(holder.txid)
        holder.shared.add(key)

    def claim_rows(self, holder: Holder, handle: int, ids: RowIds) -> None:
        """Let no other change these rows (ids ascending) of a table until the holder ends.

        Raises:
            Conflict: another does, or a commit that the holder has not seen changed one of them.
        """
        if not len(ids):
            return
        locks = self._rows.setdefault(handle, _RowLocks())
        row = locks.conflict(ids, holder)
        if row is not None:
            raise Conflict(f"row {row} is changed by another transaction")
        locks.set(ids, holder.txid)
        holder.rows.setdefault(handle, []).append(ids)

    def release(self, holder: Holder, commit: int | None) -> None:
        """End what a transaction holds; with the number of its commit, remember what it changed."""
        for key in holder.shared:
            self._names[key].sharers.discard(holder.txid)
        for key in holder.names:
            name = self._names[key]
            name.owner = 0
            if commit is not None:
                name.changed = commit
                self._committed.append((commit, key, None))
        for key in holder.names | holder.shared:
            self._forget(key)
        for handle, claimed in holder.rows.items():
            for ids in claimed:
                self._unset(handle, ids, holder.txid)
                if commit is not None:
                    self._rows.setdefault(handle, _RowLocks()).set(ids, -commit)
                    self._committed.append((commit, handle, ids))

    def prune(self, oldest: int) -> None:
        """Forget commits that every open transaction has seen: `oldest` is the least `started` of them."""
        while self._committed and self._committed[0][0] <= oldest:
            commit, key, ids = self._committed.popleft()
            if ids is not None:
                assert isinstance(key, int)
                self._unset(key, ids, -commit)
            elif key in self._names and self._names[key].changed == commit:
                self._names[key].changed = 0
                self._forget(key)

    def __len__(self) -> int:
        """How much is kept: names, rows and remembered commits."""
        return len(self._names) + sum(map(len, self._rows.values())) + len(self._committed)

    def _forget(self, key: Hashable) -> None:
        name = self._names.get(key)
        if name is not None and not (name.owner or name.sharers or name.changed):
            del self._names[key]

    def _unset(self, handle: int, ids: RowIds, owner: int) -> None:
        locks = self._rows.get(handle)
        if locks is not None:
            locks.unset(ids, owner)
            if not len(locks):
                del self._rows[handle]


def _is_in_the_way(owner: int, holder: Holder) -> bool:
    """Whether an open transaction is another one, or a commit (less than 0) was made after the holder began."""
    return owner != holder.txid and (owner > 0 or -owner > holder.started)


def _common(rows: RowIds, ids: RowIds) -> int | None:
    """A number that both (ascending, not empty) have; None where there is none."""
    if rows[-1] < ids[0] or ids[-1] < rows[0]:
        return None
    few, many = (rows, ids) if len(rows) < len(ids) else (ids, rows)
    at = np.minimum(np.searchsorted(many, few), len(many) - 1)
    both = few[many[at] == few]
    return int(both[0]) if len(both) else None


def _shown(key: Hashable) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else f"table {key}"
