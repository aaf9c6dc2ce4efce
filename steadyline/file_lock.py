"""One writer of a file at a time: who reads it, changes it and writes it back holds its lock meanwhile."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steadyline.errors import ConfigurationError

WAIT_SECONDS = 20.0
"""A change takes milliseconds: who waits longer waits for a process that hangs."""
_LOOK_SECONDS = 0.02


@contextmanager
def locked(path: Path, wait_seconds: float | None = None) -> Iterator[None]:
    """Hold the lock of a file, which lies beside it while it is held; who dies lets go of it.

    Raises:
        ConfigurationError: another process holds it for too long, or it cannot be made.
    """
    wait = WAIT_SECONDS if wait_seconds is None else wait_seconds
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = _taken(lock, time.monotonic() + wait)
    except TimeoutError:
        raise ConfigurationError(
            f"{path}: another steadyline has been writing it for {wait:g} s; nothing was changed; end that one, then try again"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # before it is let go: who gets it then sees that it is of no use, and makes another
        os.close(held)


def _taken(lock: Path, deadline: float) -> int:
    while True:
        handle = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(lock, handle):
                return handle
        except BlockingIOError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_LOOK_SECONDS)


def _is_there(lock: Path, handle: int) -> bool:
    """Whether the name still means what was locked."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
