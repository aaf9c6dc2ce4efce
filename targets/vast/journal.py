"""Commits on the disk: appended, flushed and only then answered. Commits that come while one is flushed share the next flush.

When the journal has grown past the last checkpoint, a new journal is begun and a new checkpoint written beside the work.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from targets.vast.catalogue import Catalogue
from targets.vast.changes import Change
from targets.vast.checkpoints import MAGIC, journal_path, sync_directory, write_checkpoint
from targets.vast.errors import InsufficientCapacity
from targets.vast.records import encoded, framed

CHECKPOINT_BYTES = 16 << 20
"""A journal is replaced by a checkpoint when it is larger than this and than the last checkpoint: so the directory holds a
few times what the database does, a start reads as much, and each row is written a few times."""

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Commit:
    """A commit that waits to be flushed."""

    changes: Sequence[Change]
    durable: Callable[[], None]
    flushed: asyncio.Future[None]


class DirectoryJournal:
    """The journal of a directory; used from one event loop, which it never blocks."""

    def __init__(self, directory: Path, number: int, *, checkpoint_bytes: int = CHECKPOINT_BYTES) -> None:
        """Go on with the journal of this number.

        Args:
            directory: locked by this process.
            number: of the last journal that is there.
            checkpoint_bytes: see CHECKPOINT_BYTES.
        """
        self._directory = directory
        self._number = number
        self._least_bytes = checkpoint_bytes
        self._checkpoint_bytes = 0
        self._waiting: list[_Commit] = []
        self._flushing: asyncio.Task[None] | None = None
        self._checkpointing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "journal")
        self._newest: Callable[[], Catalogue] | None = None
        self._is_broken = False
        self._file, self._bytes = _opened(directory, number)

    def checkpoint_from(self, newest: Callable[[], Catalogue]) -> None:
        """Where checkpoints take the newest catalogue from."""
        self._newest = newest

    def append(self, changes: Sequence[Change], durable: Callable[[], None]) -> Awaitable[None]:
        """Keep a commit; calls `durable` once it is on the disk, in the order of the appends, and then ends the wait.

        Raises:
            InsufficientCapacity: it cannot be written; `durable` was not called.
        """
        flushed = asyncio.get_running_loop().create_future()
        self._waiting.append(_Commit(changes, durable, flushed))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return flushed

    async def close(self) -> None:
        """Flush what waits, let a checkpoint end, and close the file."""
        for task in (self._flushing, self._checkpointing):
            if task is not None:
                await task
        self._thread.shutdown()
        os.close(self._file)

    def keep(self, changes: Sequence[Change]) -> None:
        """Keep a commit before anything is served; OSError where it cannot be."""
        self._write(encoded_commits([changes]))

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            commits, self._waiting = self._waiting, []
            try:
                await loop.run_in_executor(self._thread, self._write_commits, commits)
            except OSError as error:
                _refuse(commits, InsufficientCapacity(f"the commit cannot be written: {error.strerror}"))
                continue
            except Exception as error:  # noqa: BLE001 - a fault of ours: each of them hears of it, and the journal goes on
                _refuse(commits, error)
                continue
            for commit in commits:
                _tell(commit)
            if self._bytes > max(self._least_bytes, self._checkpoint_bytes) and self._checkpointing is None:
                await self._begin_checkpoint()
        self._flushing = None

    async def _begin_checkpoint(self) -> None:
        assert self._newest is not None
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._rotate)
        except OSError as error:
            logger.error("the next journal cannot be begun: %s; this one goes on", error.strerror)  # noqa: TRY400 - no bug
            return
        self._checkpointing = asyncio.create_task(self._checkpoint(self._number, self._newest()))

    def _write_commits(self, commits: Sequence[_Commit]) -> None:
        self._write(encoded_commits([commit.changes for commit in commits]))

    def _write(self, data: memoryview) -> None:
        """Append and flush; what was written in part is cut off again."""
        if self._is_broken:
            raise OSError(0, "an earlier one failed half-way; restart the endpoint")
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
            os.fdatasync(self._file)
        except OSError:
            self._is_broken = True  # unless it is cut off for sure
            os.ftruncate(self._file, self._bytes)
            os.fdatasync(self._file)
            self._is_broken = False
            raise
        self._bytes += len(data)

    def _rotate(self) -> None:
        """Begin the next journal."""
        file, size = _opened(self._directory, self._number + 1)
        os.close(self._file)
        self._file, self._bytes = file, size
        self._number += 1

    async def _checkpoint(self, number: int, catalogue: Catalogue) -> None:
        try:
            self._checkpoint_bytes = await asyncio.to_thread(write_checkpoint, self._directory, number, catalogue)
        except OSError as error:
            logger.error("the checkpoint cannot be written: %s; the journals before it stay", error.strerror)  # noqa: TRY400 - no bug
        finally:
            self._checkpointing = None


def _opened(directory: Path, number: int) -> tuple[int, int]:
    """A journal to append to, and its size."""
    path = journal_path(directory, number)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    size = os.fstat(file).st_size
    if size < len(MAGIC):
        os.ftruncate(file, 0)
        size = os.write(file, MAGIC)
        os.fsync(file)
        sync_directory(directory)
    return file, size


def encoded_commits(commits: Sequence[Sequence[Change]]) -> memoryview:
    """Commits as they stand in a journal."""
    return memoryview(b"".join([framed(encoded(changes)) for changes in commits]))


def _tell(commit: _Commit) -> None:
    """Say that it is on the disk."""
    try:
        commit.durable()
    except Exception as error:  # noqa: BLE001 - a fault of ours: who waits for it hears of it, and the journal goes on
        _refuse([commit], error)
        return
    if not commit.flushed.done():
        commit.flushed.set_result(None)


def _refuse(commits: Sequence[_Commit], error: Exception) -> None:
    for commit in commits:
        if not commit.flushed.done():
            commit.flushed.set_exception(error)
