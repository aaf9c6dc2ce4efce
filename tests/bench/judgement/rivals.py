"""Other judgements on the same replayed data: what they call slower where nothing is, and what they find.

Each is used as its documentation has it, by the runs that it would see.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import otava_changes
from noise import Kind, Noise
from paired import Figure
from record import kept
from replay import FAMILY, TOLERANCE
from scipy.stats import ttest_ind
from sequential import ALARMS, concluded, held
from subject import Found, Tell, percent, table

from steadyline.baseline import GATE_MOST_RUNS, GATE_RUNS

STEPS = (0.0, 0.10, 0.25, 0.45)
CASES = (
    (Noise(0.02), 5),
    (Noise(0.05), 10),
    (Noise(0.10), 10),
    (Noise(0.05, Kind.HEAVY), 10),
    (Noise(0.05, Kind.DRIFTING), 10),
)
TRIALS = 500
SEED = 40
LEVEL = 0.05
PYTEST_BENCHMARK = 1.10
"""Its `--benchmark-compare-fail=mean:10%`."""
OTAVA = f"apache-otava {otava_changes.VERSION}, p < 0.001, 30 runs"

Runs = Sequence[float]
Judges = Callable[[Sequence[Runs], Sequence[Runs]], int]
"""Of so many pairs of baseline and current runs, how many are called slower."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One way to judge."""

    name: str
    judges: Judges


def each(says: Callable[[Runs, Runs], bool]) -> Judges:
    """One that looks at each pair by itself."""
    return lambda befores, afters: sum(says(*pair) for pair in zip(befores, afters, strict=True))


def bare(limit: float) -> Callable[[Runs, Runs], bool]:
    """A ratio of means over a limit."""
    return lambda before, after: float(np.mean(after[:GATE_RUNS]) / np.mean(before)) > limit


def one_against_one(before: Runs, after: Runs) -> bool:
    """One run against one run."""
    return after[0] / before[0] > PYTEST_BENCHMARK


def t_test(before: Runs, after: Runs) -> bool:
    """Welch's, of each operation by itself."""
    tested = ttest_ind(np.log(after[:GATE_RUNS]), np.log(before), equal_var=False, alternative="greater")
    return float(tested.pvalue) < LEVEL


def change_points(python: Path) -> Judges:
    """Apache Otava over the history with all further runs in it."""
    return lambda befores, afters: sum(
        otava_changes.slower(python, [[*before, *after] for before, after in zip(befores, afters, strict=True)])
    )


def gate(before: Runs, after: Runs) -> bool:
    """Ours."""
    return concluded(held(before, TOLERANCE), after, FAMILY).verdict in ALARMS


def rivals() -> list[Rival]:
    """Those that are to be had, ours first."""
    found = [
        Rival("this gate: warning or worse, 5 to 30 runs", each(gate)),
        Rival("bare ratio > 1.15, 5 runs", each(bare(1.15))),
        Rival("bare ratio > 1.30, 5 runs", each(bare(1.30))),
        Rival("pytest-benchmark `mean:10%`, one run each", each(one_against_one)),
        Rival("Welch's t-test at 5 %, 5 runs", each(t_test)),
    ]
    python = otava_changes.environment(kept().with_name("otava"))
    return [*found, Rival(OTAVA, change_points(python))] if python else found


def found(tell: Tell) -> Found:
    """A table for each noise; what each says of steps, and of a suite in which nothing changed."""
    dice, outcome, among = np.random.default_rng(SEED), Found(), rivals()
    done, total = 0, len(CASES) * len(STEPS) * len(among)
    for noise, baseline_runs in CASES:
        shares: dict[str, list[float]] = {rival.name: [] for rival in among}
        for step in STEPS:
            before = noise.means(dice, TRIALS, baseline_runs).tolist()
            after = (noise.means(dice, TRIALS, GATE_MOST_RUNS) * (1 + step)).tolist()
            for rival in among:
                shares[rival.name].append(rival.judges(before, after) / TRIALS)
                done += 1
                tell(done, total)
        outcome.tables.append(_table(noise, baseline_runs, shares))
    names = [rival.name for rival in among]
    outcome.figures = [Figure("rivals on the same data", "4 kinds", f"{len(names) - 1} rivals", OTAVA in names)]
    return outcome


def _table(noise: Noise, baseline_runs: int, shares: dict[str, list[float]]) -> str:
    kind = "" if noise.kind is Kind.LOGNORMAL else f", {noise.kind}"
    says = f"Called slower at {percent(noise.spread)} between runs{kind}, {baseline_runs} baseline runs, {TRIALS} comparisons:"
    head = ["judgement", *(f"+{step:.0%}" for step in STEPS), f"false in a suite of {FAMILY.operations}"]
    rows = [[name, *map(percent, found), percent(_any(found[0]))] for name, found in shares.items()]
    return table(says, head, rows)


def _any(false_share: float) -> float:
    """That at least one of so many operations is called slower though none is."""
    return -math.expm1(FAMILY.operations * math.log1p(-false_share)) if false_share < 1 else 1.0
