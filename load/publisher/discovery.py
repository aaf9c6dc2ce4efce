"""The file in which Prometheus finds this page: there while the page is served, gone when it is not.

A publisher holds a lock on its file as long as it lives, so that the next one knows which files are of dead processes,
whatever became of their process ids.
"""

import fcntl
import json
import os
import re
from pathlib import Path

SUFFIX = ".json"
"""Prometheus reads these only; what is half-written has another name."""


def pattern(folder: Path) -> str:
    """What Prometheus is configured with to read the folder's files; a bracket in the path would be a pattern too."""
    return re.sub(r"([\[\\])", r"\\\1", str(folder)) + f"/*{SUFFIX}"


class TargetFile:
    """This page's file.

    Args:
        folder: that Prometheus watches; made where it is not there.
        host: at which Prometheus finds the page.
        port: of the page.
    """

    def __init__(self, folder: Path, host: str, port: int) -> None:
        """Write the file, and remove those of the dead.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_stale(folder)
        self._path = folder / f"{port}{SUFFIX}"
        draft = folder / f"{port}.{os.getpid()}"
        self._held = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        fcntl.flock(self._held, fcntl.LOCK_EX)
        os.write(self._held, json.dumps([{"targets": [f"{host}:{port}"]}]).encode())
        draft.replace(self._path)

    def remove(self) -> None:
        """The page is served no more."""
        self._path.unlink(missing_ok=True)
        os.close(self._held)


def stale(folder: Path) -> list[Path]:
    """The files of processes that are gone; they stay where they are."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError:  # gone meanwhile, or not ours to read
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            found.append(path)
        except BlockingIOError:  # it lives
            pass
        finally:
            os.close(file)
    return found


def _remove_stale(folder: Path) -> None:
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # its own publisher, or another one, was quicker
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:  # it lives
            pass
        finally:
            os.close(file)
