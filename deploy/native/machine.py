"""The machine a stack runs on: where programs are found, whether they can be installed. Needs no package: no venv yet."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Where programs are looked for, and whether packages may be installed.

    Attributes:
        search_path: the folders to look in, as PATH writes them.
        superuser: whether we may install packages.
        root: where the file system begins; another folder in tests.
    """

    search_path: str
    superuser: bool
    root: Path = Path("/")

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Machine":
        """This machine, as the environment and the user id show it."""
        return cls(environ.get("PATH", os.defpath), os.geteuid() == 0)

    def which(self, command: str) -> str | None:
        """The full path of a command, or None."""
        return shutil.which(command, path=self.search_path)
