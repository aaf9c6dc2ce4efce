"""The site's source: the repository's pages in one folder, each link to another file led to where that stands on the site."""

import os
import re
import shutil
from pathlib import Path, PurePosixPath

from docs.handbook.places import LINK, ROOT, files, meant, place, prose

_TEXT = re.compile(r"\[([^\[\]]*)\]\(([^)\s]+)\)")


def stage(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, file in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            (folder / path).write_text(page(file, path), encoding="utf-8")
        else:
            shutil.copyfile(file, folder / path)


def page(file: Path, path: str) -> str:
    """A page as it stands at a path of the site."""
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in prose("\n".join(lines)):
        plain = _TEXT.sub(lambda found: _without_folder(file, found), line)
        lines[number] = LINK.sub(lambda found: f"]({_led(file, path, found[1])})", plain)
    return "\n".join(lines)


def _without_folder(file: Path, found: re.Match[str]) -> str:
    """A link to a folder, which is no page, as its text; one with a README is a link to that."""
    there = meant(file, found[2])
    if there is None or not there[0].is_dir():
        return found[0]
    readme = there[0] / "README.md"
    return f"[{found[1]}]({os.path.relpath(readme, file.parent)})" if readme.is_file() else found[1]


def _led(file: Path, path: str, target: str) -> str:
    """The link on the site; one that means nothing stays, and the build tells of it."""
    there = meant(file, target)
    if there is None or not there[0].is_relative_to(ROOT):
        return target
    return os.path.relpath(place(there[0]), PurePosixPath(path).parent) + there[1]
