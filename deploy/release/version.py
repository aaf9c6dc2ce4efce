"""Whether the version is the same wherever it stands: pyproject.toml, changelog, tag; and whether all is committed."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"^## \[?([^\]\s]+)\]?(?: - (\d{4}-\d{2}-\d{2}))?\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of the version.

    Attributes:
        version: pyproject.toml's.
        head: the changelog's first heading.
        dated: that the heading has its day.
        tags: at the commit that is built.
        changed: files that git would commit.
        commit: that is built, whatever is committed meanwhile.
        epoch: when that commit was made, Unix seconds: the time of everything that is built.
    """

    version: str
    head: str
    dated: bool
    tags: tuple[str, ...]
    changed: tuple[str, ...]
    commit: str
    epoch: int

    def faults(self) -> Iterator[str]:
        """What keeps this from being a release, with what to do."""
        if self.head != self.version:
            yield f"CHANGELOG.md: its head is {self.head or 'missing'}: write ## {self.version} - YYYY-MM-DD"
        elif not self.dated:
            yield f"CHANGELOG.md: {self.head} has no day: write ## {self.version} - YYYY-MM-DD"
        if f"v{self.version}" not in self.tags:
            yield f"git: this commit has no tag v{self.version}: git tag --sign v{self.version}"
        if self.changed:
            yield f"git: not committed: {', '.join(self.changed[:5])}{' …' if len(self.changed) > 5 else ''}"  # noqa: PLR2004


def head(changelog: str) -> tuple[str, bool]:
    """The newest version of a changelog, and whether it has its day."""
    found = _HEAD.search(changelog)
    return (found[1], bool(found[2])) if found else ("", False)


def stated(root: Path) -> Stated:
    """Read it all of a checkout."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    commit = git(root, "rev-parse", "HEAD").strip()
    newest, dated = head((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    return Stated(
        version=project["version"],
        head=newest,
        dated=dated,
        tags=tuple(git(root, "tag", "--points-at", commit).split()),
        changed=tuple(line[3:] for line in git(root, "status", "--porcelain").splitlines()),
        commit=commit,
        epoch=int(git(root, "show", "--no-patch", "--format=%ct", commit)),
    )


def git(root: Path, *arguments: str) -> str:
    """What git says of a checkout."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - a fixed program
