"""A machine clock that a test sets, for single processes: libfaketime, as Debian packs it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import apt_get
import pytest

PACKAGE = "faketime"
LIBRARY = "faketime/libfaketimeMT.so.1"
"""The one for programs with threads."""


def library() -> Path:
    """Where it is; installed first where that is possible and needed."""
    found = _found()
    if found is None and apt_get.possible():
        with apt_get.alone():
            if _found() is None:
                apt_get.get(PACKAGE, "update")
                apt_get.get(PACKAGE, "install", PACKAGE)
        found = _found()
    if found is None:
        pytest.skip(f"{LIBRARY} is not there, and installing it takes root and apt-get")
    return found


def _found() -> Path | None:
    return next(Path("/usr/lib").glob(f"*/{LIBRARY}"), None) if shutil.which("faketime") else None


@dataclass(frozen=True, slots=True)
class MachineClock:
    """What the processes that get its environment take for the machine's clock; the monotonic clock goes on as it is.

    Attributes:
        file: says how far it is off; read at each look at the clock.
    """

    file: Path

    def set(self, by_seconds: float) -> None:
        """Set it so many seconds ahead, or behind."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{by_seconds:+.0f}")
        draft.replace(self.file)

    def environ(self) -> dict[str, str]:
        """For a process that goes by it."""
        self.set(0)
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
