"""A small disk of its own for a stack's state, which can be filled up to the last byte and emptied again."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DISK_MIB = 768
"""Prometheus alone sets 128 MiB aside for its newest chunks, and as much for its log's segment."""
_FILLING = "filling"


def possible() -> bool:
    """Whether this process may mount one."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """Mount it at a folder for a while, where that is possible; answer whether it was."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0700", "tmpfs", str(folder)]
    there = possible() and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield there
    finally:
        if there:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Disk:
    """One that is mounted."""

    folder: Path

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is free meanwhile: whoever deletes something to make room loses it at once."""
        filling = self.folder / _FILLING
        with filling.open("wb") as file:
            self._fill(file.fileno())
            try:
                yield
            finally:
                filling.unlink()

    def _fill(self, descriptor: int) -> None:
        size = 0
        while (free := os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize) > 0:
            with contextlib.suppress(OSError):  # somebody took some of it meanwhile
                os.posix_fallocate(descriptor, size, free)
                size += free
