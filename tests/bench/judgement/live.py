"""The live rules over a month in which nothing happens, and over steps: false warnings, and how soon a step is seen."""

from collections.abc import Iterator
from itertools import product

import numpy as np
from paired import Figure
from scipy.stats import chi2
from subject import Found, Tell, percent, table
from windows import CADENCE_SECONDS, RUN, Held, attempts, episodes, firing, learned

from alerts.judgement.limits import MONTH_SECONDS, budget_quantile, windows_judged
from steadyline.live import LIVE

OPERATIONS = 50
MONTHS = 5
SPREADS = (0.02, 0.05, 0.10)
BASELINE_RUNS = (LIVE.recommended_baseline_runs, LIVE.minimum_baseline_runs)
TOLERANCE = 0.15
BUDGET_Z = budget_quantile(LIVE.false_alarms_per_month, windows_judged([CADENCE_SECONDS] * OPERATIONS))
STEPS = (0.25, 0.45, 0.60)
TRIALS = 400
BEFORE_SECONDS = AFTER_SECONDS = 1800.0
CONFIDENCE = 0.95
SEED = 30


def baselines(dice: np.random.Generator, spread: float, rows: int, runs: int) -> list[Held]:
    """Learned before, from the same kind of noise."""
    return learned(attempts(dice, spread, rows, runs * RUN * CADENCE_SECONDS), TOLERANCE, BUDGET_Z)


def month(dice: np.random.Generator, spread: float) -> dict[int, int]:
    """False warnings of one operation in 30 days, by the runs of its baseline."""
    series = attempts(dice, spread, 1, MONTH_SECONDS)
    return {runs: episodes(firing(series, baselines(dice, spread, 1, runs))[0]) for runs in BASELINE_RUNS}


def interval(count: int) -> tuple[float, float]:
    """Within which the expectation of a Poisson count lies."""
    tail = (1 - CONFIDENCE) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def delays(dice: np.random.Generator, spread: float, runs: int, step: float) -> list[float]:
    """Seconds from the step to the alert, endless where none came."""
    series = attempts(dice, spread, TRIALS, BEFORE_SECONDS + AFTER_SECONDS)
    series[:, round(BEFORE_SECONDS / CADENCE_SECONDS) :] *= 1 + step
    fires = firing(series, baselines(dice, spread, TRIALS, runs))[:, round(BEFORE_SECONDS / LIVE.evaluation_seconds) :]
    first = np.where(fires.any(axis=1), fires.argmax(axis=1) * LIVE.evaluation_seconds, np.inf)
    return [float(one) for one in first]


def found(tell: Tell) -> Found:
    """A line for each noise and baseline, and a table of delays."""
    outcome, dice = Found(), np.random.default_rng(SEED)
    total, done = len(SPREADS) * MONTHS * OPERATIONS, 0
    for spread in SPREADS:
        counts = dict.fromkeys(BASELINE_RUNS, 0)
        for _ in range(MONTHS * OPERATIONS):
            for runs, count in month(dice, spread).items():
                counts[runs] += count
            done += 1
            tell(done, total)
        outcome.figures += [_figure(spread, runs, count) for runs, count in counts.items()]
    says = f"From a step to its alert, by the faster of both rules ({TRIALS} steps each, half an hour watched):"
    head = ["noise", "baseline runs", "step", "seen", "median", "nine of ten"]
    outcome.tables.append(table(says, head, _delay_rows(dice)))
    return outcome


def _figure(spread: float, runs: int, count: int) -> Figure:
    low, high = (bound / MONTHS for bound in interval(count))
    what = f"false warnings in 30 days over {OPERATIONS} operations at {percent(spread)}, {runs} baseline runs"
    measured = f"{count / MONTHS:g} ({count} in {MONTHS} months; {CONFIDENCE:.0%}: {low:.2g} to {high:.2g})"
    return Figure(what, f"<= {LIVE.false_alarms_per_month:g}", measured, count / MONTHS <= LIVE.false_alarms_per_month)


def _delay_rows(dice: np.random.Generator) -> Iterator[list[str]]:
    for spread, runs, step in product(SPREADS, BASELINE_RUNS, STEPS):
        seconds = sorted(delays(dice, spread, runs, step))
        seen = sum(one < np.inf for one in seconds) / len(seconds)
        quantiles = [_spoken(seconds[int(share * len(seconds))]) for share in (0.5, 0.9)]
        yield [percent(spread), str(runs), f"+{step:.0%}", percent(seen), *quantiles]


def _spoken(seconds: float) -> str:
    return "not seen" if seconds == np.inf else f"{seconds:.0f} s"
