"""The notifications kept: one JSON object a line, whole lines only, readable by any program."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path

from alerts.receiver.notification import Notification
from steadyline.errors import ConfigurationError

READ_BYTES = 4 * 1024 * 1024
"""Some ten thousand notifications; the file may grow for years."""
_FIELDS = frozenset(field.name for field in fields(Notification))


def append(path: Path, notifications: Iterable[Notification]) -> None:
    """Keep all of them, or none: a disk that fills up half-way leaves no torn line.

    Raises:
        OSError: they could not be kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        lines = b"".join(json.dumps(asdict(found)).encode() + b"\n" for found in notifications)
        try:
            _write(file.fileno(), _mended(file.fileno(), end) + lines)
        except OSError:
            with suppress(OSError):
                file.truncate(end)
            raise


def _mended(descriptor: int, end: int) -> bytes:
    """A newline where the last line was torn by a crash."""
    return b"\n" if end and os.pread(descriptor, 1, end - 1) != b"\n" else b""


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def writable(path: Path) -> bool:
    """Whether a notification could be kept, as far as permissions tell."""
    nearest = next((place for place in (path, *path.parents) if place.exists()), path)
    return os.access(nearest, os.W_OK) and (nearest == path) == nearest.is_file()


def kept(path: Path) -> Iterator[Notification]:
    """The kept ones in the last `READ_BYTES` of the file, oldest first; lines that are not ours are passed over.

    Raises:
        OSError: the file is there and cannot be read.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - READ_BYTES))
        for line in file:
            found = _read(line)
            if found:
                yield found


def latest(path: Path, count: int, since: datetime | None = None) -> list[Notification]:
    """The last `count` of those that came after `since`, newest first.

    Raises:
        ConfigurationError: the file is there and cannot be read.
    """
    try:
        found = [one for one in kept(path) if since is None or datetime.fromisoformat(one.received_at) > since]
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    return found[: -count - 1 : -1]


def _read(line: bytes) -> Notification | None:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(facts, dict) or set(facts) != _FIELDS or not all(isinstance(value, str) for value in facts.values()):
        return None
    return Notification(**facts) if _is_moment(facts["received_at"]) else None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
