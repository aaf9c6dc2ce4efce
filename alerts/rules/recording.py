"""The recording rules: runs, ratios and their limits, as boards, `watch` and the alerts read them.

Each logarithm and each root is guarded: a mean of 0 has no logarithm, and a spread is never under its floor.
"""

from collections.abc import Callable

from alerts.judgement.judged import Judged
from alerts.judgement.limits import Rule
from alerts.rules.grouping import Document, record
from steadyline.baseline import ANY, Quantity
from steadyline.live import LIVE
from steadyline.promql import Selection, at_least, duration, number, or_zero
from steadyline.vocabulary import (
    BLIND_FACTOR,
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_ATTEMPTS,
    RUN_LOG_MEAN,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_P99,
    RUN_RATE,
    RUN_STARTS,
    RUNS_SKIPPED,
    SLOW_ERROR,
    SLOW_LOG_MEAN,
    SLOW_LOG_SPREAD,
    SLOW_RUNS,
    UPPER90_SLOW,
)

_QUANTILES = ((RUN_P50, 0.5), (RUN_P95, 0.95), (RUN_P99, 0.99))


def run_windows(cadence_seconds: float, timeout_seconds: float) -> list[float]:
    """The windows that a run's mean is taken over: a fast one, and where too few attempts end in it a longer one.

    In so many timeouts, and one for the edges of the window, the fewest successes that are judged have ended, or have failed:
    an operation that takes a third of its window and more would else be judged by nothing.
    """
    window = LIVE.fast_window_seconds(cadence_seconds)
    longer = (LIVE.minimum_successes + 1) * timeout_seconds
    return [window, longer] if longer > window else [window]


def over_enough(chosen: Selection, windows: list[float], value: Callable[[float], str]) -> str:
    """The value over the first window that holds enough.

    A start that was skipped because the attempt before took too long is no missing sample: were it, an operation slower
    than its cadence would count as no data. Yet skipped starts alone are no mean: some successes must be there.
    """
    parts = []
    for window in windows:
        successes = chosen.increase(OPERATION_DURATION, window, "_count")
        skipped = or_zero(chosen.increase(RUNS_SKIPPED, window), successes)
        enough = f"{successes} + {skipped} >= {LIVE.minimum_samples} and {at_least(successes, LIVE.minimum_successes)}"
        parts.append(f"{value(window)} and {enough}")
    return "\nor\n".join(parts)


def run_rules(chosen: Selection, windows: list[float]) -> list[Document]:
    """What one run of each operation came to (`run_windows`), in the order in which they read each other."""
    window_seconds = windows[0]
    successes = chosen.increase(OPERATION_DURATION, window_seconds, "_count")
    skipped = or_zero(chosen.increase(RUNS_SKIPPED, window_seconds), successes)
    failures = or_zero(chosen.increase(OPERATION_FAILURES, window_seconds), successes)
    return [
        record(RUN_ATTEMPTS, f"{successes} + {failures}"),
        record(RUN_STARTS, f"{chosen.of(RUN_ATTEMPTS)} + {skipped}"),
        record(RUN_RATE, f"{chosen.of(RUN_ATTEMPTS)} / {number(window_seconds)}"),
        record(RUN_MEAN, over_enough(chosen, windows, lambda window: _mean(chosen, window))),
        record(RUN_LOG_MEAN, f"ln({chosen.of(RUN_MEAN)} > 0)"),
        *(record(series, _quantile(q, chosen, window_seconds)) for series, q in _QUANTILES),
        *_slow_run_rules(chosen, window_seconds),
    ]


def _mean(chosen: Selection, window_seconds: float) -> str:
    busy, count = (chosen.rate(OPERATION_DURATION, window_seconds, suffix) for suffix in ("_sum", "_count"))
    return f"{busy} / ({count} > 0)"


def _quantile(level: float, chosen: Selection, window_seconds: float) -> str:
    """A quantile over all series of an operation; comparing drops the NaN of a window without a success."""
    return f"histogram_quantile({level}, {chosen.summed(whole_buckets(chosen, window_seconds), 'le')}) >= 0"


def whole_buckets(chosen: Selection, window_seconds: float) -> str:
    """The rates of the buckets that were there when the window began.

    After a change of baseline a new edge's rate holds only what came since; beside its neighbours' it would move the
    quantile (docs/adr/0004-edges.md).
    """
    buckets = chosen.of(OPERATION_DURATION, "_bucket")
    window = duration(window_seconds)
    return f"rate({buckets}[{window}]) and ({buckets} offset {window})"


def _slow_run_rules(chosen: Selection, window_seconds: float) -> list[Document]:
    """The last runs, each counted once.

    After a restart of Prometheus, or a suspended machine, a step finds the last sample of before for five minutes more; what
    is older than a step is a copy of a run that has been counted.
    """
    run, step = chosen.of(RUN_LOG_MEAN), duration(window_seconds)
    fresh = f"({run} and timestamp({run}) > time() - {number(window_seconds)})"
    runs = f"{fresh}[{duration(LIVE.slow_runs * window_seconds)}:{step}]"
    m = chosen.of(SLOW_RUNS)
    return [
        record(SLOW_RUNS, f"count_over_time({runs}) >= {LIVE.minimum_slow_runs}"),
        record(SLOW_LOG_MEAN, f"avg_over_time({runs}) and {m}"),
        record(SLOW_LOG_SPREAD, f"stddev_over_time({runs}) * sqrt({m} / ({m} - 1))"),
    ]


def ratio_rules(judged: Judged) -> list[Document]:
    """R of one operation and its limits, by the fast and the slow rule."""
    chosen, limits = judged.selection, judged.limits
    seconds = number(judged.baseline.seconds_per_call(judged.operation.items))
    q99, q90 = number(limits.detect_quantile(Rule.SLOW)), number(limits.live.grade_level_z)
    fast, slow, error = chosen.of(RATIO_FAST), chosen.of(RATIO_SLOW), chosen.of(SLOW_ERROR)
    baseline_term = number(1 / limits.runs if limits.runs else 0)
    return [
        record(RATIO_FAST, _fast_ratio(judged)),
        record(LOWER99_FAST, f"{fast} / {number(limits.detect_margin(Rule.FAST))}"),
        record(LOWER90_FAST, f"{fast} / {number(limits.grade_margin(Rule.FAST))}"),
        record(RATIO_SLOW, f"exp({chosen.of(SLOW_LOG_MEAN)}) / {seconds}"),
        record(
            SLOW_ERROR,
            f"clamp_min({chosen.of(SLOW_LOG_SPREAD)}, {number(limits.spread)})"
            f" * sqrt(1 / {chosen.of(SLOW_RUNS)} + {baseline_term})",
        ),
        record(LOWER99_SLOW, f"{slow} * exp(-{q99} * {error})"),
        record(LOWER90_SLOW, f"{slow} * exp(-{q90} * {error})"),
        record(UPPER90_SLOW, f"{slow} * exp({q90} * {error})"),
        record(BLIND_FACTOR, f"{number(limits.tolerated)} / ({fast} > 0)"),
    ]


def _fast_ratio(judged: Judged) -> str:
    """R of the last run: current over baseline, or for throughput baseline over the items per second of its own time."""
    chosen, baseline = judged.selection, judged.baseline
    if baseline.quantity is Quantity.DURATION:
        return f"{chosen.of(RUN_MEAN)} / {number(baseline.value)}"

    def ratio(window: float) -> str:
        busy, items = chosen.rate(OPERATION_DURATION, window, "_sum"), chosen.rate(OPERATION_ITEMS, window)
        return f"{number(baseline.value)} * {busy} / ({items} > 0)"

    return over_enough(chosen, _windows(judged), ratio)


def _windows(judged: Judged) -> list[float]:
    """The windows that its runs are taken over; a load run's have one length."""
    if judged.profile != ANY:
        return [LIVE.load_run_seconds]
    return run_windows(judged.cadence_seconds, judged.operation.timeout_seconds)
