"""Bad input as a table's lines: what is given, all that is said of it, and the exit code; nothing may change meanwhile."""

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from steadyline.cli.main import main

HERE = "{here}"
"""In a case's texts: the folder that the command runs in."""
TRACEBACK = "Traceback (most recent call last)"
_OTHERS = ("STEADYLINE_", "LOCUST_", "AWS_", "GITHUB_")
_PREFIX = "steadyline: "


@dataclass(frozen=True, slots=True)
class Case:
    """One mistake.

    Attributes:
        says: the whole message, each line without the prefix `steadyline: `.
        files: what lies in the folder, by path; text, bytes, or None for a folder; in text `{here}` is the folder.
        environ: variables.
        arguments: the command's; those of the table where not given.
        code: exit code.
    """

    says: str
    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    code: int = 2


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended.

    Attributes:
        code: exit code.
        says: standard error without prefixes, frames and the folder's own name.
        out: standard output.
    """

    code: int
    says: str
    out: str


class _Kept(io.BytesIO):
    """Outlives the streams over it."""

    def close(self) -> None:
        """What was written is still to be read."""


class Place:
    """A folder that a command runs in, with the state of one who has used it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be there, without the settings of whoever runs the tests."""
        self.folder = folder
        self._patch = monkeypatch
        monkeypatch.chdir(folder)
        for name in [name for name in os.environ if name.startswith(_OTHERS)]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("COLUMNS", "1000")

    def lay(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write a case's files."""
        for name, content in files.items():
            path = self.folder / name
            if path.is_file():
                path.unlink()
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.mkdir()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content.replace(HERE, str(self.folder)), encoding="utf-8")

    def run(self, *arguments: str, **environ: str) -> Told:
        """Run `steadyline` in this process, as its entry point does."""
        with self._patch.context() as now:
            for name, value in environ.items():
                now.setenv(name, value.replace(HERE, str(self.folder)))
            now.setattr(sys, "argv", ["steadyline", *(one.replace(HERE, str(self.folder)) for one in arguments)])
            now.setattr(sys.modules["__main__"], "__package__", "", raising=False)  # else usage names who runs the tests
            out, said = _Kept(), _Kept()
            now.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8"))
            now.setattr(sys, "stderr", io.TextIOWrapper(said, "utf-8"))
            try:
                main()
                code: Any = 0
            except SystemExit as end:
                code = end.code
        return Told(code, self._plain(said.getvalue().decode()), out.getvalue().decode())

    def _plain(self, said: str) -> str:
        lines = [line.strip("│╭╮╰╯─ ").removeprefix(_PREFIX) for line in said.splitlines()]
        return "\n".join(line for line in lines if line and line != "Error").replace(str(self.folder), HERE)

    def holds(self) -> dict[str, bytes | None]:
        """Every file and folder below, with its content."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.folder.rglob("*"))
        }


def check(place: Place, case: Case, *arguments: str) -> None:
    """A case: its message and exit code, no traceback, and every file as it was.

    Args:
        place: where.
        case: what.
        arguments: of the command, where the case names none.
    """
    place.lay(case.files)
    before = place.holds()
    told = place.run(*(case.arguments or arguments), **case.environ)
    assert TRACEBACK not in told.says + told.out
    assert (told.says, told.code) == (case.says, case.code), told.out
    assert place.holds() == before
