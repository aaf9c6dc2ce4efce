"""Apache Otava over many histories, in an environment of its own: it pins an older numpy than this project has.

Run by that environment's interpreter: histories as JSON on standard input, whether each got slower on standard output.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

VERSION = "0.8.0"


def environment(folder: Path) -> Path | None:
    """The interpreter of the environment, which is made where it is not there; None where it cannot be."""
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
        ask = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", f"apache-otava=={VERSION}"]
        subprocess.run(ask, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return python


def slower(python: Path, histories: Sequence[Sequence[float]]) -> list[bool]:
    """Of each history whether a change for the worse was found in it."""
    done = subprocess.run([python, __file__], input=json.dumps(histories), capture_output=True, text=True, check=True)
    found: list[bool] = json.loads(done.stdout)
    return found


def _main() -> None:
    from otava.analysis import compute_change_points  # noqa: PLC0415 - only that environment has it

    found = []
    for history in json.load(sys.stdin):
        points, _ = compute_change_points(history)
        found.append(any(bool(one.stats.mean_2 > one.stats.mean_1) for one in points))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
