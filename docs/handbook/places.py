"""Where a file of the repository stands on the site, and which of them stand on it at all."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FRONT = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
"""Pages that GitHub wants at the top of the repository; on the site they stand beside the others."""
HOME = "index.md"
_FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:|#|/")


def place(file: Path) -> str:
    """Its path on the site, `/` between folders: docs/ is the site's top, all else keeps its path, unhidden."""
    if file.is_relative_to(DOCS):
        return file.relative_to(DOCS).as_posix()
    path = "/".join(part.removeprefix(".") for part in file.relative_to(ROOT).parts)
    if path == "README.md":
        return HOME
    return path.lower() if path in FRONT else path


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside code blocks, with their index."""
    code = False
    for number, line in enumerate(text.split("\n")):
        if _FENCE.match(line):
            code = not code
        elif not code:
            yield number, line


def meant(page: Path, target: str) -> tuple[Path, str] | None:
    """The file or folder that a link of a page means, and its `#anchor`; None for what is no path beside the page."""
    if _ELSEWHERE.match(target):
        return None
    path, hash_, anchor = target.partition("#")
    return (page.parent / path).resolve(), hash_ + anchor


def linked(page: Path) -> Iterator[Path]:
    """The repository's files that a page links to."""
    for _, line in prose(page.read_text(encoding="utf-8")):
        for target in LINK.findall(line):
            found = meant(page, target)
            if found and found[0].is_file() and found[0].is_relative_to(ROOT):
                yield found[0]


def files() -> dict[str, Path]:
    """Every file of the site, by its place: all pages of docs/, those at the top, and what they link to, and so on.

    docs/index.md is the site's first page, and README.md where there is none: what links to the one means the other.
    """
    found: dict[str, Path] = {}
    waiting = [*sorted(DOCS.rglob("*.md")), *(ROOT / name for name in FRONT if (ROOT / name).is_file())]
    while waiting:
        file = waiting.pop(0)
        if found.setdefault(place(file), file) == file and file.suffix == ".md":
            waiting += [one for one in linked(file) if place(one) not in found]
    return found
