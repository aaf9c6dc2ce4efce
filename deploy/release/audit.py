"""`make audit`: whether a locked package has a known vulnerability, asked of a service by pip-audit.

A service that cannot be reached, or that does not know a package, is said to be so: what was not looked at is no pass.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

LOCKS = tuple(Path("requirements") / name for name in ("runtime.txt", "build.txt", "dev.txt"))
_LAST_LINES = 1


class Verdict(IntEnum):
    """The exit code, as the gate's."""

    NONE_KNOWN = 0
    VULNERABLE = 1
    NOT_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class Audited:
    """What is known of the packages.

    Attributes:
        clean: those without a known vulnerability.
        vulnerable: a line for each vulnerability, with the version that mends it.
        unknown: why a package was not looked at, a line each.
    """

    clean: frozenset[str]
    vulnerable: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """A vulnerability first; then what nobody looked at."""
        if self.vulnerable:
            return Verdict.VULNERABLE
        return Verdict.NOT_LOOKED_AT if self.unknown or not self.clean else Verdict.NONE_KNOWN

    def told(self) -> Iterator[str]:
        """What to print."""
        yield from self.vulnerable
        yield from self.unknown
        yield f"audit: {len(self.clean)} packages without a known vulnerability, {len(self.vulnerable)} vulnerabilities"
        if self.verdict is Verdict.NOT_LOOKED_AT:
            yield "audit: not everything was looked at: this is no pass. Repeat it where the service can be reached"


def read(dependencies: Iterable[Mapping[str, Any]]) -> Audited:
    """What pip-audit's JSON says."""
    clean, vulnerable, unknown = set(), [], []
    for one in dependencies:
        if "skip_reason" in one:
            unknown.append(f"{one['name']}: not looked at: {one['skip_reason']}")
            continue
        for found in one["vulns"]:
            mended = f"mended in {', '.join(found['fix_versions'])}" if found["fix_versions"] else "not mended yet"
            vulnerable.append(
                f"{one['name']} {one['version']}: {found['id']}, {mended}; make lock ARGS='--upgrade-package {one['name']}'"
            )
        if not one["vulns"]:
            clean.add(one["name"])
    return Audited(frozenset(clean), tuple(dict.fromkeys(vulnerable)), tuple(dict.fromkeys(unknown)))


def audit(locks: Iterable[Path], options: Iterable[str] = ()) -> Audited:
    """Ask about all packages of some locks.

    Args:
        locks: requirements with hashes.
        options: for pip-audit, such as `--osv-url`.
    """
    given = [word for lock in locks for word in ("--requirement", str(lock))]
    fixed = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json", "--vulnerability-service=osv"]
    command = [sys.executable, "-m", "pip_audit", *fixed, *given, *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - a fixed program; the rest are arguments
    try:
        return read(json.loads(done.stdout)["dependencies"])
    except ValueError:
        last = done.stderr.strip().splitlines()[-_LAST_LINES:] or ["it said nothing"]
        return Audited(frozenset(), (), (f"audit: the service gave no answer: {last[0]}",))


def main() -> int:
    """Print what was found; the verdict is the exit code."""
    found = audit(LOCKS, sys.argv[1:])
    for line in found.told():
        print(line)  # noqa: T201
    return found.verdict


if __name__ == "__main__":
    sys.exit(main())
