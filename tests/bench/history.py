"""What judging 10 000 operations from stored runs costs, beside reading them from the store alone."""

import math
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import kept_runs
from paired import Figure, paired

from alerts.history.kept import KeptResult
from alerts.history.store import History
from alerts.judgement.gate import Family, judge
from steadyline.baseline import GATE_RUNS, Baseline, Quantity, Recorded
from steadyline.settings import Settings
from steadyline.severity import Verdict

OPERATIONS = 10_000
PAIRS = 41
ASKED = 2.0
SECONDS = 0.1
TOLERANCE = 0.1
BASELINE_RUNS = 10


def figures() -> Iterator[Figure]:
    """One line, over a SQLite file, which is read faster than any database over a network."""
    with tempfile.TemporaryDirectory() as folder:
        yield _figure(Path(folder))


def _figure(folder: Path) -> Figure:
    dice = random.Random(1)
    names = [f"sql.operation_{number:05}" for number in range(OPERATIONS)]
    history = History(Settings(state_dir=folder))
    history.keep(kept_runs.run(*(_result(name, dice) for name in names)))
    baselines = {name: _baseline(name, 0.02 + 0.08 * dice.random()) for name in names}
    family = Family(OPERATIONS)

    def read() -> int:
        return sum(bool(one) for run in history.runs() for one in run.results)

    def judged() -> int:
        found = (judge(one.run_means, baselines[one.operation], 1, family) for run in history.runs() for one in run.results)
        return sum(bool(one) for one in found)

    assert read() == judged() == OPERATIONS
    ratio = paired(judged, read, pairs=PAIRS)
    return Figure(
        f"reading {OPERATIONS} operations of {GATE_RUNS} rounds from the store and judging them / reading them",
        f"<= {ASKED:g}x",
        f"{ratio.a_over_b:.2f}x ({ratio.a_seconds * 1e3:.0f} ms / {ratio.b_seconds * 1e3:.0f} ms)",
        ratio.a_over_b <= ASKED,
    )


def _result(name: str, dice: random.Random) -> KeptResult:
    """As a run leaves one: judged, with its quantiles."""
    means = (SECONDS * math.exp(dice.gauss(0, 0.05)) for _ in range(GATE_RUNS))
    return replace(kept_runs.result(name, *means), p99=0.2, verdict=Verdict.OK, ratio=1 + dice.gauss(0, 0.02))


def _baseline(name: str, spread: float) -> Baseline:
    recorded = Recorded("2026-11-20T10:00:00+00:00", kept_runs.HOST, "abc", BASELINE_RUNS, 250, None, {}, (), {})
    return Baseline(name, "bench", Quantity.DURATION, SECONDS, TOLERANCE, spread, "recorded", target="main", recorded=recorded)
