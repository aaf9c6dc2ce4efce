"""Run sets to compare with themselves: the performance suite of backend sql in many rounds, recorded once and kept.

Asked through the command line, as a user asks. A kept recording is used again; remove its file to measure anew.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from paired import Figure
from subject import Found, Tell

from steadyline import settings
from steadyline.baselines import write_whole
from steadyline.environment import PREFIX

ASKED_ROUNDS = 60
ROUNDS = 60
BACKEND = "sql"
OTHERS = "others_share"
"""In the kept file: of the machine, what other processes used while it was recorded."""
STEADYLINE = Path(sys.executable).with_name("steadyline")


@dataclass(frozen=True, slots=True)
class RunSets:
    """What was recorded.

    Attributes:
        started: when, ISO 8601.
        rounds: how many run sets there are of every operation.
        others_share: how much of the machine others used meanwhile; None where it is not known.
        run_means: seconds per call by operation, one a round, in the order of the rounds.
    """

    started: str
    rounds: int
    others_share: float | None
    run_means: dict[str, tuple[float, ...]]


def kept() -> Path:
    """Where the recording lies."""
    return settings.load(os.environ).state.root / "bench" / f"judgement-{BACKEND}.json"


def run_sets() -> RunSets:
    """The kept recording, which is made first where there is none."""
    file = kept()
    if not file.exists():
        _record(file)
    return of_document(json.loads(file.read_text(encoding="utf-8")))


def of_document(document: dict[str, Any]) -> RunSets:
    """What `steadyline run --json` wrote; an operation that missed a round, as one that fails does, is left out."""
    means = {row["operation"]: tuple(row["run_means"]) for row in document["operations"]}
    rounds = max(map(len, means.values()))
    whole = {name: found for name, found in means.items() if len(found) == rounds}
    return RunSets(document["run"]["started"], rounds, document.get(OTHERS), whole)


def _record(file: Path) -> None:
    """In a state folder of its own, so that no baseline and no last result of the user's is touched."""
    folder = file.parent / "state"
    folder.mkdir(parents=True, exist_ok=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    part = file.with_suffix(".part")
    began, busy = time.monotonic(), _busy_seconds()
    command: list[str | Path] = [STEADYLINE, "run", "--backend", BACKEND, "--rounds", str(ROUNDS), "--json", part]
    subprocess.run(command, env=environ | {f"{PREFIX}STATE_DIR": str(folder)}, check=False)  # a regression exits with 1
    others = _busy_seconds() - busy
    document = json.loads(part.read_text(encoding="utf-8"))
    document[OTHERS] = max(0.0, others) / ((time.monotonic() - began) * (psutil.cpu_count() or 1))
    write_whole(file, json.dumps(document))
    part.unlink()


def _busy_seconds() -> float:
    """What all processors have worked, without this process and its children that have ended."""
    times = psutil.cpu_times()
    own = sum(os.times()[:4])
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0) - own


def found(_tell: Tell) -> Found:
    """One line: how much there is."""
    sets = run_sets()
    others = "" if sets.others_share is None else f", while others used {sets.others_share:.0%} of the machine"
    what = f"interleaved run sets of the {len(sets.run_means)} {BACKEND} operations, recorded {sets.started[:16]}{others}"
    return Found([Figure(what, f">= {ASKED_ROUNDS}", str(sets.rounds), sets.rounds >= ASKED_ROUNDS)])
