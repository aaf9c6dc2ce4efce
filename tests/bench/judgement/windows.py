"""The live rules over series of attempts, all evaluations at once: what Prometheus would see, as arrays.

One row an operation. The limits are the rules' own (`alerts.judgement.limits`); only the windows are written anew here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from noise import WITHIN_RUN, wandering
from numpy.typing import NDArray

from alerts.judgement.limits import Limits, Rule
from steadyline.live import LIVE
from steadyline.severity import Severity

CADENCE_SECONDS = 2.0
DRIFT_SECONDS = 60.0
"""The environment forgets within a minute (research: as the quiet day's)."""
RUN = LIVE.samples_per_run
FOR = math.ceil(LIVE.for_seconds / LIVE.evaluation_seconds)
"""Further evaluations that must see it."""
KEEP = round(LIVE.keep_firing_mild_seconds / LIVE.evaluation_seconds)

Series = NDArray[np.float64]
Seen = NDArray[np.bool_]


def attempts(dice: np.random.Generator, spread: float, rows: int, seconds: float) -> Series:
    """Durations around 1: attempts that differ within a run, times an environment that drifts."""
    shape = rows, round(seconds / CADENCE_SECONDS)
    environment = spread * wandering(dice.standard_normal(shape), math.exp(-CADENCE_SECONDS / DRIFT_SECONDS))
    found: Series = np.exp(environment + WITHIN_RUN * dice.standard_normal(shape) - WITHIN_RUN**2 / 2)
    return found


def run_logs(series: Series) -> Series:
    """The logarithms of the means of whole runs, one after the other."""
    runs = series.shape[1] // RUN
    found: Series = np.log(series[:, : runs * RUN].reshape(len(series), runs, RUN).mean(axis=2))
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """One operation's baseline, as the rules have it.

    Attributes:
        log_mean: of its runs.
        limits: of R beside it.
    """

    log_mean: float
    limits: Limits


def learned(series: Series, tolerance: float, budget_z: float) -> list[Held]:
    """The baseline that each row's runs make."""
    logs = run_logs(series)
    spreads = np.maximum(logs.std(axis=1, ddof=1), LIVE.spread_floor)
    return [
        Held(mean, Limits(tolerance, spread, logs.shape[1], budget_z))
        for mean, spread in zip(logs.mean(axis=1).tolist(), spreads.tolist(), strict=True)
    ]


def firing(series: Series, held: Sequence[Held]) -> Seen:
    """Whether a warning or worse fires, at each evaluation from the start of the series on."""
    count = int(series.shape[1] * CADENCE_SECONDS / LIVE.evaluation_seconds)
    moments = LIVE.evaluation_seconds * np.arange(count)
    fast, slow = _fast(series, moments), _slow(series, moments)
    seen = np.zeros((len(series), count), dtype=np.bool_)
    for row, one in enumerate(held):
        seen[row] = _worse(fast[row] - one.log_mean, slow[0][row] - one.log_mean, slow[1][row], one.limits)
    lasting = seen.copy()
    for later in range(1, FOR + 1):
        lasting[:, later:] &= seen[:, :-later]
        lasting[:, :later] = False
    return lasting


def _worse(fast: Series, slow: Series, spread: Series, limits: Limits) -> Seen:
    """The expression of the alert, on logarithms of R; what is not there yet is NaN, which passes no limit."""
    by_fast: Seen = fast > math.log(limits.threshold(Severity.WARNING, Rule.FAST))
    error = np.maximum(spread, limits.spread) * limits.error(Rule.SLOW)
    lower = slow - limits.detect_quantile(Rule.SLOW) * error
    return by_fast | ((lower > math.log(limits.tolerated)) & (fast > math.log1p(limits.tolerance)))


def _fast(series: Series, moments: Series) -> Series:
    """The log mean of the last run's attempts at each moment."""
    sums = np.cumsum(series, axis=1)
    ended = np.floor(moments / CADENCE_SECONDS).astype(int)
    enough = ended > RUN
    found = np.full((len(series), len(moments)), np.nan)
    last = ended[enough] - 1
    found[:, enough] = np.log((sums[:, last] - sums[:, last - RUN]) / RUN)
    return found


def _slow(series: Series, moments: Series) -> tuple[Series, Series]:
    """Mean and spread of the last runs' log means at each moment."""
    logs, m = run_logs(series), LIVE.slow_runs
    windows = np.lib.stride_tricks.sliding_window_view(logs, m, axis=1)
    means, spreads = windows.mean(axis=2), windows.std(axis=2, ddof=1)
    whole = np.floor(moments / (RUN * CADENCE_SECONDS)).astype(int) - m
    enough = whole >= 0
    shape = len(series), len(moments)
    mean, spread = np.full(shape, np.nan), np.full(shape, np.nan)
    mean[:, enough], spread[:, enough] = means[:, whole[enough]], spreads[:, whole[enough]]
    return mean, spread


def episodes(fires: Seen) -> int:
    """How many notifications a row of evaluations makes: what fires again while it is kept firing is the same one."""
    at = np.flatnonzero(fires)
    return 0 if not len(at) else 1 + int(np.count_nonzero(np.diff(at) > KEEP))
