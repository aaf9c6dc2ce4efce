"""`make docs`: builds the handbook's site; --check: only whether it can be built without a fault."""

import argparse
import sys

from docs.handbook.build import SITE, build


def main() -> int:
    """Build, and say where it lies or what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m docs.handbook", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="build aside and keep nothing; exit with 1 where something is wrong"
    )
    check = parser.parse_args().check
    wrong = build(None if check else SITE)
    for line in wrong:
        print(line, file=sys.stderr)  # noqa: T201
    if not wrong and not check:
        print(f"{SITE / 'index.html'}: open it, or `python -m http.server --bind 127.0.0.1 --directory {SITE.name}`")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
