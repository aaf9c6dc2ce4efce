"""Builds the site and looks at what came out; nothing is left of one that is not whole."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.handbook import check
from docs.handbook.places import ROOT, files, linked, place
from docs.handbook.stage import stage

CONFIG = ROOT / "mkdocs.yml"
SITE = ROOT / "site"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""The builder colours what it says, whatever it writes to."""


def build(site: Path | None = SITE) -> list[str]:
    """Build in a folder apart, so that two may at once.

    Args:
        site: where it goes when nothing is wrong; None only looks.

    Returns:
        What is wrong, a line each.
    """
    wrong = [*_unlisted()]
    with tempfile.TemporaryDirectory(prefix="steadyline-handbook-") as made:
        folder = Path(made)
        shutil.copyfile(CONFIG, folder / CONFIG.name)
        settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
        stage(folder / settings["docs_dir"])
        wrong += _built(folder)
        result = folder / settings["site_dir"]
        if not wrong:
            shutil.copytree(folder / settings["docs_dir"], result, ignore=_pages, dirs_exist_ok=True)
            wrong += check.faults(result)
        if site and not wrong:
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(result, site)
    return wrong


def listed(nav: Any) -> Iterator[str]:
    """The pages of a navigation, however deep."""
    if isinstance(nav, str):
        yield nav
    for inner in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from listed(inner)


def _unlisted() -> Iterator[str]:
    """Pages that the navigation names and that are not there; pages that neither it nor another page leads to."""
    has = files()
    pages = {path for path in has if path.endswith(".md")}
    entries = Counter(listed(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["nav"]))
    named = set(entries)
    led_to = {place(there) for path in pages for there in linked(has[path])}
    yield from (f"{CONFIG.name}: nav: {path}: there is no such page" for path in sorted(named - pages))
    yield from (f"{CONFIG.name}: nav: {path}: stands there {times} times" for path, times in entries.items() if times > 1)
    yield from (f"{path}: no page leads there; put it into nav of {CONFIG.name}" for path in sorted(pages - named - led_to))


def _pages(_: str, names: list[str]) -> list[str]:
    """What is not copied: on a busy machine the builder once ended before every picture was, so all else is copied again."""
    return [name for name in names if name.endswith(".md")]


def _built(folder: Path) -> list[str]:
    """What the builder says where it fails, without the trace of its own."""
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(folder / CONFIG.name)]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 - nothing of it is given
    if done.returncode == 0:
        return []
    told, _, _ = (done.stdout + done.stderr).partition("Traceback (most recent call last)")
    return [_COLOUR.sub("", told).strip()]
