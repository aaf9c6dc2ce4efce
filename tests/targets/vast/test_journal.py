"""The journal: commits are on the disk before they are answered, share flushes, and do not pile up."""

import asyncio
import os
from pathlib import Path

import pyarrow as pa
import pytest
from full_disk import files_up_to
from vast_changes import applied, described

from targets.vast.catalogue import Catalogue, TableName
from targets.vast.changes import BucketCreated, Change, SchemaCreated, TableCreated
from targets.vast.checkpoints import restored
from targets.vast.errors import InsufficientCapacity
from targets.vast.journal import DirectoryJournal
from targets.vast.rowchanges import RowsInserted
from targets.vast.rowids import row_id_array, stored_schema

NAME = TableName("b", "s", "t")
COLUMNS = pa.schema([("text", pa.utf8())])
SETUP: list[Change] = [BucketCreated("b"), SchemaCreated("b", "s"), TableCreated(NAME, 1, COLUMNS)]


def insert(row: int, size: int = 10) -> list[Change]:
    """A commit of one row."""
    return [
        RowsInserted(NAME, pa.RecordBatch.from_arrays([row_id_array(row, 1), ["x" * size]], schema=stored_schema(COLUMNS)))
    ]


class Database:
    """The least that a journal needs of one: the newest catalogue."""

    def __init__(self, journal: DirectoryJournal) -> None:
        """Begin with nothing."""
        self.newest = Catalogue()
        self.journal = journal
        journal.checkpoint_from(lambda: self.newest)

    async def commit(self, changes: list[Change]) -> None:
        """Keep and then show a commit."""

        def durable() -> None:
            self.newest = applied([changes], self.newest)

        await self.journal.append(changes, durable)


def test_commits_come_back(tmp_path: Path) -> None:
    """What was answered is there for the next process, in order."""

    async def run() -> Catalogue:
        database = Database(DirectoryJournal(tmp_path, 0))
        await database.commit(SETUP)
        for row in range(5):
            await database.commit(insert(row))
        await database.journal.close()
        return database.newest

    newest = asyncio.run(run())
    assert described(restored(tmp_path)[0]) == described(newest)


def test_concurrent_commits_share_a_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred commits that come while one is flushed take one flush more."""
    flushes = []
    flush = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda file: (flushes.append(file), flush(file)))

    async def run() -> None:
        database = Database(DirectoryJournal(tmp_path, 0))
        first = asyncio.ensure_future(database.commit(SETUP))
        await asyncio.sleep(0)
        await asyncio.gather(first, *(database.commit(insert(row)) for row in range(100)))
        await database.journal.close()

    asyncio.run(run())
    assert len(flushes) == 2
    assert restored(tmp_path)[0].table(NAME).rows.num_rows == 100


def test_directory_does_not_grow_without_bound(tmp_path: Path) -> None:
    """Checkpoints replace what led to them: what is rewritten again and again takes its own size a few times."""

    async def run() -> None:
        database = Database(DirectoryJournal(tmp_path, 0, checkpoint_bytes=50_000))
        await database.commit(SETUP)
        for row in range(400):
            await database.commit(insert(row, 1000))
        await database.journal.close()

    asyncio.run(run())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3 * 400_000
    assert list(tmp_path.glob("checkpoint-*"))
    assert restored(tmp_path)[0].table(NAME).rows.num_rows == 400


def test_no_room_for_a_checkpoint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A checkpoint that cannot be written is told, leaves nothing on the full disk, and the journals go on."""

    async def run() -> None:
        database = Database(DirectoryJournal(tmp_path, 0, checkpoint_bytes=50_000))
        await database.commit(SETUP)
        with files_up_to(60_000):
            for row in range(100):
                await database.commit(insert(row, 1000))
        await database.journal.close()

    asyncio.run(run())
    assert "the checkpoint cannot be written" in caplog.text
    assert not list(tmp_path.glob("*.unfinished"))
    assert restored(tmp_path)[0].table(NAME).rows.num_rows == 100


def test_fault_when_a_commit_is_shown(tmp_path: Path) -> None:
    """A commit that cannot be shown is heard of by who waits for it, and by nobody else."""

    async def run() -> None:
        database = Database(DirectoryJournal(tmp_path, 0))
        with pytest.raises(ZeroDivisionError):
            await database.journal.append(SETUP[:1], lambda: 1 / 0)  # type: ignore[arg-type,return-value]
        await database.commit(SETUP)
        await database.journal.close()

    asyncio.run(run())


def test_full_disk(tmp_path: Path) -> None:
    """A commit for which there is no room is refused, leaves no trace, and the next one that fits is kept."""

    async def run() -> None:
        database = Database(DirectoryJournal(tmp_path, 0))
        await database.commit(SETUP)
        with files_up_to(100_000):
            with pytest.raises(InsufficientCapacity):
                await database.commit(insert(0, 200_000))
            await database.commit(insert(1))
        await database.journal.close()

    asyncio.run(run())
    assert restored(tmp_path)[0].table(NAME).rows.table.column(0).to_pylist() == [1]
