#!/usr/bin/env python3
"""Performance, stress and scalability measurements by one command: a thin face of `steadyline run`.

    python tests/run_performance_tests.py [--fast] [--stress] [--scalability] [--verbose] [--coverage] [more of steadyline run]

Without a kind, all of them. Exit codes are those of `steadyline run`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("fast", "stress", "scalability")


def program(name: str) -> str:
    """Where a program of ours is installed: beside this Python, or in the checkout's .venv."""
    places = (Path(sys.executable).with_name(name), ROOT / ".venv" / "bin" / name)
    found = next((str(place) for place in places if place.exists()), None)
    return found or sys.exit(f"{name} is not installed here; `make install` does it (--coverage: `make lint`)")


def arguments(given: list[str]) -> tuple[list[str], bool]:
    """What `steadyline` is given, and whether coverage was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--fast", action="store_true", help="only what is light, within a minute")
    parser.add_argument("--stress", action="store_true", help="the stress suite only")
    parser.add_argument("--scalability", action="store_true", help="the scalability suite only")
    parser.add_argument("--verbose", action="store_true", help="each operation's turn, and every judgement's reason")
    parser.add_argument("--coverage", action="store_true", help="which lines of Steadyline ran, afterwards")
    asked, more = parser.parse_known_args(given)
    kinds = [f"--{kind}" for kind in KINDS if getattr(asked, kind)] or ["--all"]
    return ["run", *kinds, *(["--verbose"] if asked.verbose else []), *more], asked.coverage


def main() -> int:
    """Become `steadyline run`, or run it under coverage and report."""
    options, is_covered = arguments(sys.argv[1:])
    steadyline = program("steadyline")
    if not is_covered:
        os.execv(steadyline, [steadyline, *options])
    coverage = program("coverage")
    run = subprocess.Popen([coverage, "run", f"--rcfile={ROOT / 'pyproject.toml'}", steadyline, *options])
    while run.returncode is None:
        try:
            run.wait()
        except KeyboardInterrupt:  # the run has it too, and ends by itself
            continue
    subprocess.call([coverage, "report", f"--rcfile={ROOT / 'pyproject.toml'}", "--skip-covered", "--skip-empty"])
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
