"""What a directory keeps: numbered checkpoints, each a whole catalogue, and journals of what was committed after them.

A checkpoint is written beside what is there and takes its name when it is on the disk; only then older files go. So at
every moment the newest checkpoint and the journals from its number on are the whole database.
"""

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from targets.serving import BACKEND, USAGE, CannotStart
from targets.vast.catalogue import Catalogue, Table, TableName
from targets.vast.changes import BucketCreated, Change, SchemaCreated, TableCreated
from targets.vast.errors import Refusal
from targets.vast.projections import ObjectsImported, ProjectionCreated
from targets.vast.records import DamagedRecordError, ForeignRecordError, decoded, encoded, framed, records
from targets.vast.rowchanges import RowsInserted

MAGIC = b"VASTKEPT"
"""The first bytes of every file."""
_END = b"whole"
"""The last record of a checkpoint."""
_NAME = re.compile(r"(checkpoint|journal)-(\d{8})")

logger = logging.getLogger(__name__)


def journal_path(directory: Path, number: int) -> Path:
    """Where the journal of this number is."""
    return directory / f"journal-{number:08}"


def checkpoint_path(directory: Path, number: int) -> Path:
    """Where the checkpoint of this number is."""
    return directory / f"checkpoint-{number:08}"


def locked(directory: Path) -> BinaryIO:
    """Make the directory if it is not there, and keep every other process out of it until the answer is closed.

    Raises:
        CannotStart: another process uses it, or it cannot be used.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "lock").open("ab")
    except OSError as error:
        raise CannotStart(f"--directory {directory}: cannot be used: {error.strerror}", USAGE) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise CannotStart(f"--directory {directory}: another process uses it; stop that one or name another", USAGE) from None
    return lock


def restored(directory: Path) -> tuple[Catalogue, int]:
    """What the directory holds, and the number of its last journal; a commit that was never answered is cut off.

    Raises:
        CannotStart: a file is damaged where that is no such commit, or is of another version.
    """
    try:
        for unfinished in directory.glob("*.unfinished"):
            unfinished.unlink()
        return _restored(directory)
    except OSError as error:
        raise CannotStart(f"--directory {directory}: cannot be read: {error.strerror}", BACKEND) from None
    except ForeignRecordError:
        raise CannotStart(f"--directory {directory}: it was written by another version; start that one", BACKEND) from None
    except Refusal as refusal:
        raise CannotStart(f"--directory {directory}: its files do not belong together: {refusal}", BACKEND) from None


def _restored(directory: Path) -> tuple[Catalogue, int]:
    checkpoints, journals = _numbers(directory, "checkpoint"), _numbers(directory, "journal")
    start = checkpoints[-1] if checkpoints else 0
    catalogue = _read_checkpoint(checkpoint_path(directory, start)) if checkpoints else Catalogue()
    following = [number for number in journals if number >= start]
    for number in following:
        catalogue = _replayed(journal_path(directory, number), catalogue, is_last=number == following[-1])
    return catalogue, following[-1] if following else start


def _numbers(directory: Path, kind: str) -> list[int]:
    found = (_NAME.fullmatch(path.name) for path in directory.iterdir())
    return sorted(int(match[2]) for match in found if match and match[1] == kind)


def _read_checkpoint(path: Path) -> Catalogue:
    catalogue = Catalogue()
    try:
        with path.open("rb") as file:
            _check_magic(file)
            for record, _ in records(file):
                if record == _END:
                    return catalogue
                for change in decoded(record):
                    catalogue = change.applied(catalogue)
    except DamagedRecordError:
        pass
    raise CannotStart(f"{path} is damaged; restore it from a copy", BACKEND)


def _replayed(path: Path, catalogue: Catalogue, *, is_last: bool) -> Catalogue:
    """The catalogue with a journal's commits; the last journal may end in one that was being written in a crash."""
    whole = 0
    try:
        with path.open("rb") as file:
            _check_magic(file)
            whole = len(MAGIC)
            for record, end in records(file):
                for change in decoded(record):
                    catalogue = change.applied(catalogue)
                whole = end
    except DamagedRecordError:
        if not is_last:
            raise CannotStart(f"{path} is damaged at byte {whole}; restore it from a copy", BACKEND) from None
        logger.warning(
            "%s: the last %d bytes, of a commit that was never answered, are cut off", path.name, path.stat().st_size - whole
        )
        os.truncate(path, whole)
    return catalogue


def _check_magic(file: BinaryIO) -> None:
    """What remains of a file that was being begun in a crash is damage; anything else in its place is not ours."""
    found = file.read(len(MAGIC))
    if found != MAGIC:
        raise DamagedRecordError if MAGIC.startswith(found) or not any(found) else ForeignRecordError


def write_checkpoint(directory: Path, number: int, catalogue: Catalogue) -> int:
    """Keep a whole catalogue, and then remove what is older; answers its size in bytes."""
    path = checkpoint_path(directory, number)
    unfinished = path.with_suffix(".unfinished")
    try:
        size = _write_contents(unfinished, catalogue)
    except OSError:
        unfinished.unlink(missing_ok=True)  # where the disk is full, it would keep it so
        raise
    unfinished.replace(path)
    sync_directory(directory)
    for kind in ("checkpoint", "journal"):
        for older in _numbers(directory, kind):
            if older < number:
                (directory / f"{kind}-{older:08}").unlink()
    return size


def _write_contents(path: Path, catalogue: Catalogue) -> int:
    with path.open("wb") as file:
        file.write(MAGIC)
        for change in contents(catalogue):
            file.write(framed(encoded([change])))
        file.write(framed(_END))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def contents(catalogue: Catalogue) -> Iterator[Change]:
    """The changes that make the catalogue out of nothing."""
    for bucket, schemas in catalogue.buckets.items():
        yield BucketCreated(bucket)
        for path, schema in schemas.items():
            yield SchemaCreated(bucket, path, schema.properties)
            for name, table in schema.tables.items():
                yield from _table(TableName(bucket, path, name), table)


def _table(name: TableName, table: Table) -> Iterator[Change]:
    yield TableCreated(
        name,
        table.handle,
        table.columns.schema,
        table.sorted_by,
        external_row_ids=table.external_row_ids,
        properties=table.properties,
        following_row_id=table.row_ids.following,
        inserted_rows=table.inserted_rows - table.rows.num_rows,
    )
    for projection, one in table.projections.items():
        yield ProjectionCreated(name, projection, one.sorted_by, one.others)
    for chunk in table.rows.chunks:
        yield RowsInserted(name, chunk.batch)
    for chunk in table.imported.chunks:
        yield ObjectsImported(name, chunk.batch)


def sync_directory(directory: Path) -> None:
    """Make the names of its files last."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
