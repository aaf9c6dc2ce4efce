"""The gate over replayed noise: run means drawn around a true step, judged as the gate judges, again and again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from confusion import Confusion
from curve import Curve, picture
from noise import Kind, Noise
from paired import Figure
from sequential import ALARMS, concluded, held
from subject import Found, Tell, percent

from alerts.judgement.gate import Family
from steadyline.baseline import GATE_MOST_RUNS

STEPS = (0.0, 0.10, 0.14, 0.16, 0.25, 0.29, 0.31, 0.45)
CLEAR = (0.0, 0.25, 0.45)
"""Steps that are no nearer to a limit than noise lets anybody see."""
TOLERANCE = 0.15
"""W = 1.15: the strictest that there is, and the one by which 25 % is a warning."""
FAMILY = Family(50)
"""Each comparison is one of so many."""
TRIALS = 2000
TRIALS_BESIDE = 500
"""Of what nothing was asked of."""
QUIET_TRIALS = 20_000
QUIET_SPREAD = 0.05
SEED = 20
RIGHT, TOO_HIGH, FALSE_ALARMS = 0.95, 0.01, 0.001
FEW_ATTEMPTS, MANY_ATTEMPTS = 15, 200
PICTURE = "judgement.svg"


@dataclass(frozen=True, slots=True)
class Case:
    """One table.

    Attributes:
        noise: of baseline and current runs.
        baseline_runs: k.
        asked: the steps whose level must be right.
        holds_too_high: whether too high a level is bounded.
        trials: comparisons for each step.
    """

    noise: Noise
    baseline_runs: int
    asked: tuple[float, ...] = ()
    holds_too_high: bool = False
    trials: int = TRIALS_BESIDE

    @property
    def says(self) -> str:
        """Which it is, in words."""
        attempts = f", {self.noise.attempts} attempts a run" if self.noise.attempts else ""
        kind = "" if self.noise.kind is Kind.LOGNORMAL else f", {self.noise.kind}"
        return f"{percent(self.noise.spread)} between runs{kind}{attempts}, {self.baseline_runs} baseline runs"


ASKED = (
    Case(Noise(0.02), 5, CLEAR, holds_too_high=True, trials=TRIALS),
    Case(Noise(0.05), 10, CLEAR, holds_too_high=True, trials=TRIALS),
    Case(Noise(0.10), 10, (0.0, 0.45), trials=TRIALS),
    Case(Noise(0.10), 20, (0.0, 0.45), trials=TRIALS),
)
BESIDE = (
    Case(Noise(0.05, Kind.HEAVY), 10),
    Case(Noise(0.05, Kind.DRIFTING), 10),
    Case(Noise(0.10, Kind.HEAVY), 20),
    Case(Noise(0.10, Kind.DRIFTING), 20),
    Case(Noise(0.02, attempts=FEW_ATTEMPTS), 5),
    Case(Noise(0.02, attempts=MANY_ATTEMPTS), 5),
    Case(Noise(0.05, attempts=FEW_ATTEMPTS), 10),
    Case(Noise(0.05, attempts=MANY_ATTEMPTS), 10),
)


def replayed(case: Case, steps: tuple[float, ...], dice: np.random.Generator) -> Iterator[Confusion]:
    """Step after step, the matrix so far."""
    matrix = Confusion(TOLERANCE)
    for step in steps:
        before = case.noise.means(dice, case.trials, case.baseline_runs)
        after = case.noise.means(dice, case.trials, GATE_MOST_RUNS) * (1 + step)
        for baseline, current in zip(before.tolist(), after.tolist(), strict=True):
            matrix.count(step, concluded(held(baseline, TOLERANCE), current, FAMILY))
        yield matrix


def figures(case: Case, matrix: Confusion) -> Iterator[Figure]:
    """What was asked of the case."""
    for step in case.asked:
        share = matrix.right(step)
        what = f"+{step:.0%} at {case.says}: its own level"
        yield Figure(what, f">= {percent(RIGHT)}", percent(share), share >= RIGHT)
    if case.holds_too_high:
        for among, which in ((CLEAR, "of these"), (STEPS, "of all")):
            worst = max(among, key=matrix.too_high)
            share = matrix.too_high(worst)
            what = f"a level too high at {case.says}, the worst {which} steps (+{worst:.0%})"
            yield Figure(what, f"<= {percent(TOO_HIGH)}", percent(share), share <= TOO_HIGH)


def quiet(dice: np.random.Generator) -> Figure:
    """Nothing changed, very often."""
    case = Case(Noise(QUIET_SPREAD), 10, trials=QUIET_TRIALS)
    *_, matrix = replayed(case, (0.0,), dice)
    alarms = round(matrix.share(0.0, ALARMS) * QUIET_TRIALS)
    what = f"nothing changed at {case.says}: a warning or worse, of {QUIET_TRIALS} comparisons"
    return Figure(what, f"<= {FALSE_ALARMS * QUIET_TRIALS:.0f}", str(alarms), alarms <= FALSE_ALARMS * QUIET_TRIALS)


def found(tell: Tell) -> Found:
    """All cases, the quiet one, and the power curves."""
    dice, outcome = np.random.default_rng(SEED), Found()
    total = sum(case.trials * len(STEPS) for case in ASKED + BESIDE)
    done = 0

    def told(case: Case, steps: tuple[float, ...]) -> Confusion:
        nonlocal done
        matrix = Confusion(TOLERANCE)
        for matrix in replayed(case, steps, dice):  # noqa: B007 - the last one is what is returned
            done += case.trials
            tell(done, total)
        return matrix

    curves = []
    for case in ASKED + BESIDE:
        matrix = told(case, STEPS)
        outcome.figures += figures(case, matrix)
        if case in ASKED:
            curves.append(Curve(case.says, power(matrix)))
        outcome.tables.append(matrix.markdown(f"{case.says}; tolerance {TOLERANCE:.0%}; {case.trials} comparisons a step:"))
    outcome.figures.append(quiet(dice))
    outcome.pictures[PICTURE] = picture("How often a step is a warning or worse", "true step", curves)
    return outcome


def power(matrix: Confusion) -> tuple[tuple[float, float], ...]:
    """Step by step, the share that is a warning or worse."""
    return tuple((step, matrix.share(step, ALARMS)) for step in sorted(matrix.counts))
