"""Which tests of tests/performance/ measure which operations, read from their marks."""

import runpy
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "performance"
REST = FOLDER / "test_catalogue_performance.py"
"""The tests of all operations that no named test measures."""


def tests(file: Path) -> dict[str, tuple[str, ...]]:
    """What each test of a file measures; its name is as in a node id, after the file's."""
    return dict(_marked(runpy.run_path(str(file)), ""))


def _marked(things: dict[str, Any], within: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, thing in things.items():
        if isinstance(thing, type) and name.startswith("Test"):
            yield from _marked(dict(vars(thing)), f"{name}::")
        elif callable(thing) and name.startswith("test_"):
            marks = getattr(thing, "pytestmark", [])
            yield within + name, tuple(operation for mark in marks if mark.name == "operation" for operation in mark.args)


def measured_by(files: list[Path] | None = None) -> dict[str, list[str]]:
    """The tests that measure an operation, by its name; of the named tests where no files are given."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in files or [one for one in sorted(FOLDER.glob("test_*.py")) if one != REST]:
        for test, operations in tests(file).items():
            for operation in operations:
                found[operation].append(f"{file.name}::{test}")
    return dict(found)
