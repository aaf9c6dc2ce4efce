"""What is installed, beside the lock: names and versions alone, as pip compared the hashes when it installed them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)\s*(?P<marker>;[^\\]*)?")


@dataclass(frozen=True, slots=True)
class Difference:
    """A package that is not as the lock has it.

    Attributes:
        name: of the package.
        locked: the version.
        installed: the version that is there; None where none is.
    """

    name: str
    locked: str
    installed: str | None


def differences(lock: Path) -> tuple[Difference, ...] | None:
    """Where what is installed differs; None where there is no lock."""
    if not lock.is_file():
        return None
    locked: dict[str, list[str]] = {}
    wanted: set[str] = set()
    for name, number, conditional in _pinned(lock.read_text(encoding="utf-8")):
        locked.setdefault(name, []).append(number)
        wanted |= set() if conditional else {name}
    return tuple(_differing(locked, wanted))


def _pinned(text: str) -> Iterator[tuple[str, str, bool]]:
    """Name, version, and whether it is for some machines only: another platform's may be missing here."""
    for line in text.splitlines():
        if found := _LINE.match(line):
            yield found["name"], found["version"], bool(found["marker"])


def _differing(locked: dict[str, list[str]], wanted: set[str]) -> Iterator[Difference]:
    for name, versions in locked.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            if name in wanted:
                yield Difference(name, versions[0], None)
            continue
        if installed not in versions:
            yield Difference(name, " or ".join(versions), installed)
