"""What the exporter measured lately, one row an operation, judged as the live rules judge it; pure."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerts.judgement import live_rules
from alerts.judgement.gate import Judgement
from alerts.judgement.judged import Judged
from alerts.view.last_runs import LastRuns
from steadyline.baseline import ANY
from steadyline.cli.run_rows import Row
from steadyline.operation import Operation


@dataclass(frozen=True, slots=True)
class Seen:
    """What Prometheus holds of one operation on one target.

    Attributes:
        operation: which.
        target: the target's alias.
        runs: the last ones.
        failures: by reason, where it is said to fail.
        is_over_budget: whether it is said to be.
    """

    operation: Operation
    target: str
    runs: LastRuns = field(default_factory=LastRuns)
    failures: Mapping[str, int] = field(default_factory=dict)
    is_over_budget: bool = False


def holding(found: Sequence[Judged], operation: str, target: str) -> Judged | None:
    """The one that judges it on this target; None where only the budget does."""
    fitting = [one for one in found if one.operation.name == operation and one.baseline.target in (ANY, target)]
    return next((one for one in fitting if one.baseline.target == target or target not in one.other_targets), None)


def judgement(held: Judged, runs: LastRuns) -> tuple[Judgement, str]:
    """What the live rules say of these runs, and why: the slow one, or the fast one where that alone is an alarm."""
    baseline, items, limits = held.baseline, held.operation.items, held.limits
    by_slow = live_rules.slow(runs.means, baseline, items, limits)
    by_fast = live_rules.fast(runs.last, baseline, items, limits) if runs.last else None
    found = live_rules.both(by_slow, by_fast)
    if found is by_fast:
        return found, f"the last run alone: {found.reason}"
    is_mended = runs.last is not None and live_rules.is_mended(runs.last, baseline, items)
    lets_go = found.verdict in live_rules.ALARMS and is_mended
    return found, found.reason + ("; the last run is within its tolerance again: its alert lets go" if lets_go else "")


def row(seen: Seen, held: Judged | None) -> Row:
    """One operation's row; what it is held to is None where only its budget is."""
    operation, runs, failed = seen.operation, seen.runs, sum(seen.failures.values())
    mean = math.exp(statistics.fmean(map(math.log, runs.means))) if runs.means else None
    return Row(
        operation=operation.name,
        target=seen.target,
        suite=operation.suite.value,
        items=operation.items,
        n=max(0, round(runs.attempts) - failed),
        run_means=runs.means,
        mean=mean,
        p50=None,
        p95=None,
        p99=None,
        slowest=max(runs.means, default=0.0),  # of single attempts Prometheus keeps buckets alone
        items_per_second=operation.items / mean if mean else None,
        peak_memory=None,
        memory_growth=None,
        allocated=None,
        failures=seen.failures,
        detail="",
        budget=operation.budget_seconds,
        broken=(f"over its budget of {operation.budget_seconds:g} s",) if seen.is_over_budget else (),
        **(_held(held, runs) if held else {"reason": "its budget alone judges"}),
    )


def _held(held: Judged, runs: LastRuns) -> dict[str, Any]:
    found, why = judgement(held, runs)
    estimate = found.estimate
    return {
        "baseline": held.baseline.seconds_per_call(held.operation.items),
        "tolerance": held.baseline.tolerance,
        "source": held.baseline.source,
        "baseline_runs": held.baseline.runs,
        "ratio": found.ratio,
        "lower99": estimate.lower99 if estimate else None,
        "lower90": estimate.lower90 if estimate else None,
        "upper90": estimate.upper90 if estimate else None,
        "verdict": found.verdict,
        "reason": why,
    }
