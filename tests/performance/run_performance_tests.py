#!/usr/bin/env python3
"""Baselines of the suite by one command: a thin face of `steadyline baseline record`, `compare` and `report`.

    python tests/performance/run_performance_tests.py --baseline | --compare | --report [more options of that command]

Exit codes are those of `steadyline`.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = "5"


def arguments(given: list[str]) -> list[str]:
    """What `steadyline` is given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    record = ("baseline", "record", "--rounds", ROUNDS)
    asked.add_argument("--baseline", dest="command", action="store_const", const=record, help="measure, and keep it")
    asked.add_argument("--compare", dest="command", action="store_const", const=("compare",), help="measure again, and judge")
    asked.add_argument("--report", dest="command", action="store_const", const=("report",), help="show the last run again")
    found, more = parser.parse_known_args(given)
    return [*found.command, *more]


def main() -> None:
    """Become `steadyline`: beside this Python, or in the checkout's .venv."""
    options = arguments(sys.argv[1:])
    places = (Path(sys.executable).with_name("steadyline"), ROOT / ".venv" / "bin" / "steadyline")
    steadyline = next((str(place) for place in places if place.exists()), None)
    if steadyline is None:
        sys.exit("steadyline is not installed here; `make install` does it")
    os.execv(steadyline, [steadyline, *options])


if __name__ == "__main__":
    main()
