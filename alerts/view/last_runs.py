"""The runs that the live rules judge, as Prometheus holds them: recorded by the rules, each counted once."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.record.runs import Key
from steadyline.live import LIVE
from steadyline.outcome import Reason
from steadyline.prometheus import Prometheus, Sample, Series
from steadyline.promql import Selection, number
from steadyline.vocabulary import (
    BASELINE_INFO,
    OPERATION_FAILURES,
    RUN_ATTEMPTS,
    RUN_LOG_MEAN,
    RUN_MEAN,
    AlertName,
    Driver,
)

_LARGEST_LOG = math.log(sys.float_info.max)
_PROBES = Selection(("driver", "=", Driver.PROBE))


@dataclass(frozen=True, slots=True)
class LastRuns:
    """Of one operation on one target.

    Attributes:
        means: seconds per call of the slow rule's runs, the oldest first.
        last: of the fast rule's run, which ends now; None where there is none.
        attempts: over the slow rule's runs, as PromQL's increase counts them.
    """

    means: tuple[float, ...] = ()
    last: float | None = None
    attempts: float = 0.0


def last_runs(prometheus: Prometheus, run_seconds: float, at: float) -> dict[Key, LastRuns]:
    """Every operation's runs, in windows of one length, up to a moment.

    A subquery's steps lie at multiples of its own length, wherever it is asked from; these do too, so that they are the very
    runs of the slow rule (`alerts.rules.recording`), without the copies that a restart leaves.
    """
    run = _PROBES.of(RUN_LOG_MEAN)
    end = math.floor(at / run_seconds) * run_seconds
    start = end - (LIVE.slow_runs - 1) * run_seconds
    fresh = f"{run} and timestamp({run}) > time() - {number(run_seconds)}"
    logs = _by_key(prometheus.query_range(fresh, start, end, run_seconds))
    attempts = _by_key(prometheus.query_range(_PROBES.of(RUN_ATTEMPTS), start, end, run_seconds))
    last = {_key(one): one.value for one in prometheus.query(_PROBES.of(RUN_MEAN), at) if 0 < one.value < math.inf}
    return {
        key: LastRuns(
            tuple(math.exp(log) for log in logs.get(key, ()) if log < _LARGEST_LOG), last.get(key), sum(attempts.get(key, ()))
        )
        for key in {**logs, **last}
    }


def firing(prometheus: Prometheus, alert: str, at: float) -> set[Key]:
    """What an alert fires for (`AlertName.FAILING`, `AlertName.BUDGET`)."""
    chosen = Selection(("alertname", "=", alert), ("alertstate", "=", "firing"), ("driver", "=", Driver.PROBE))
    return {_key(one) for one in prometheus.query(f"ALERTS{{{chosen}}}", at)}


def failures(prometheus: Prometheus, span_seconds: float, at: float) -> dict[Key, dict[str, int]]:
    """The failures of a span by reason, of what the alert says that it fails: one among thousands is none."""
    failing = firing(prometheus, AlertName.FAILING, at)
    if not failing:
        return {}
    found: dict[Key, dict[str, int]] = {key: {} for key in failing}
    counted = f"increase({_PROBES.of(OPERATION_FAILURES, window_seconds=span_seconds)})"
    for one in prometheus.query(f"sum by (operation, target, reason) ({counted}) > 0.5", at):
        if _key(one) in found and math.isfinite(one.value):
            found[_key(one)][one.labels.get("reason", Reason.OTHER)] = round(one.value)
    return found


def held_to(prometheus: Prometheus, at: float) -> Mapping[Key, str]:
    """The id of the baseline that the exporter shows for each operation."""
    return {_key(one): one.labels.get("id", "") for one in prometheus.query(f"{_PROBES.of(BASELINE_INFO)} == 1", at)}


def _by_key(found: list[Series]) -> dict[Key, tuple[float, ...]]:
    return {_key(one): tuple(value for _, value in one.points if math.isfinite(value)) for one in found}


def _key(one: Series | Sample) -> Key:
    return one.labels.get("operation", ""), one.labels.get("target", "")
