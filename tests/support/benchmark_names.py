"""Which tests of tests/performance/ measure which operations, read from their marks."""

import runpy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from steadyline import catalogue

OPERATION = "operation"
"""The marker: names or globs of what the test measures; with several it is one test for each, with none for the rest."""
FOLDER = Path(__file__).parent.parent / "performance"
REST = FOLDER / "test_catalogue_performance.py"
"""The tests of all operations that no named test measures."""


def fitting(patterns: Iterable[str], known: Iterable[str]) -> list[str]:
    """The names that a marker's arguments fit; one that fits nothing stands for itself, so that its test fails."""
    names = list(known)
    return list(
        dict.fromkeys(
            name for pattern in patterns for name in [one for one in names if fnmatchcase(one, pattern)] or [pattern]
        )
    )


def backends_of(patterns: Iterable[str]) -> list[str]:
    """The backends whose operations they may fit."""
    said = [pattern.partition(".")[0] for pattern in patterns]
    return [backend for backend in catalogue.backends() if any(fnmatchcase(backend, one) for one in said)]


def measured_in(file: Path) -> dict[str, list[str]]:
    """What each test of a file measures; its name is as in a node id, after the file's."""
    known = catalogue.operations()
    marked = _marked(runpy.run_path(str(file)), "")
    return {name: fitting(patterns, known) if patterns else rest() for name, patterns in marked}


def rest() -> list[str]:
    """The operations that no named test measures, the user's own among them."""
    named = measured_by()
    return [name for name in catalogue.operations() if name not in named]


def _marked(things: dict[str, Any], within: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, thing in things.items():
        if isinstance(thing, type) and name.startswith("Test"):
            yield from _marked(dict(vars(thing)), f"{name}::")
        elif callable(thing) and name.startswith("test_"):
            marks = getattr(thing, "pytestmark", [])
            yield within + name, tuple(pattern for mark in marks if mark.name == OPERATION for pattern in mark.args)


def measured_by(files: Iterable[Path] = ()) -> dict[str, list[str]]:
    """The tests that measure an operation, by its name; of all named tests where no files are given."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in [*files] or [one for one in sorted(FOLDER.glob("test_*.py")) if one != REST]:
        for test, operations in measured_in(file).items():
            for operation in operations:
                found[operation].append(f"{file.name}::{test}")
    return dict(found)
