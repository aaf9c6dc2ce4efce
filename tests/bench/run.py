"""`make bench`: measures, prints one table, and keeps it in docs/performance.md.

    python tests/bench/run.py [--only NAME]... [--keep]

Each subject is a module beside this one with `figures()`. With --keep the table goes into docs/performance.md.
"""

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # as pytest's pythonpath does for the tests

from paired import Figure
from rich.console import Console
from tables import keep, markdown, measured_on, shown

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
SUBJECTS = {
    "recording": "one outcome into the recorder",
    "suite": "the suite runner (about 3 minutes)",
    "history": "10 000 operations judged from stored runs",
    "page": "/metrics with 10 000 series",
    "memory": "the exporter's resident memory (about 2 minutes)",
    "start": "from `up` to the first scrape of everything",
    "detection": "from a regression to its notification (about 12 minutes)",
    "quiet": "a quiet day replayed (about 3 minutes)",
    "vast_cpu": "the VAST endpoint's CPU time (about 2 minutes)",
    "crashes": "the VAST endpoint killed 200 times (about 5 minutes)",
    "http_load": "our HTTP user beside FastHttpUser and k6 (about 4 minutes)",
    "load_event": "counting one request event of a load",
    "load_export": "a load with our export beside one without (about 2 minutes)",
    "load_scrape": "how long a scrape keeps a load waiting (about 3 minutes)",
    "load_soak": "half an hour's requests pressed together: nothing lost, memory flat (about 3 minutes)",
    "scaling": "what an operation, a sample and a worker cost (about 8 minutes)",
    "containers": "the stack of containers; needs a Docker engine (about 5 minutes)",
    "media_day": "a day of probing S3, VAST DB and TAMS, its hours skipped (about 15 minutes)",
}


def main() -> int:
    """Measure the subjects that were asked for; exit with 1 where a figure was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=SUBJECTS, help="this subject; may be given again")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    asked = parser.parse_args()
    console = Console()
    rows: list[Figure] = []
    for name in asked.only or SUBJECTS:
        with console.status(f"{name}: {SUBJECTS[name]}"):
            found = list(importlib.import_module(name).figures())
        for row in found:
            console.print(f"{name}: {row.measured}", highlight=False)
        if asked.keep:
            keep(PAGE, name, f"{markdown(found)}\n\n{measured_on()}")
        rows += found
    console.print(shown(rows))
    if asked.keep:
        console.print(f"kept in {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
