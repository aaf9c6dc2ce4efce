"""Follows a log file as it grows, through rotation: what `up` shows of the receiver."""

import os
from io import TextIOWrapper
from pathlib import Path


class Follower:
    """The lines that a file gets after this was made; whole lines only."""

    def __init__(self, path: Path) -> None:
        """Begin at the file's present end; a file that is not there yet is read from its beginning."""
        self._path = path
        self._file = self._open()
        self._part = ""
        if self._file:
            self._file.seek(0, 2)

    def lines(self) -> list[str]:
        """What is new since the last call."""
        text = self._read()
        if self._rotated():
            self.close()
            self._file = self._open()
            text += self._read()
        whole, newline, part = (self._part + text).rpartition("\n")
        self._part = part
        return whole.split("\n") if newline else []

    def close(self) -> None:
        """Let the file go."""
        if self._file:
            self._file.close()
            self._file = None

    def _read(self) -> str:
        return self._file.read() if self._file else ""

    def _open(self) -> TextIOWrapper | None:
        try:
            return self._path.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def _rotated(self) -> bool:
        """Whether the name now stands for another file."""
        try:
            there = self._path.stat().st_ino
        except FileNotFoundError:
            return False
        return self._file is None or there != os.fstat(self._file.fileno()).st_ino
