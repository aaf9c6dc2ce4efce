"""From what Prometheus holds to what is shown: one row an operation. Pure; draws nothing."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from alerts.judgement.verdict import Estimate, verdict
from alerts.view.firing import Firing, firing, severity_rank
from alerts.view.snapshot import Snapshot
from steadyline.live import LIVE
from steadyline.severity import Verdict
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    BLIND_FACTOR,
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_STREAK,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
    RUN_STARTS,
    SCHEDULE_INTERVAL,
    UPPER90_SLOW,
    Metric,
    RecordedSeries,
)

Key = tuple[str, str, str]
"""(operation, target, driver)"""
Number = Callable[[Metric | RecordedSeries], float | None]


class Held(StrEnum):
    """What an operation is held to."""

    RECORDED = "recorded"
    SOURCED = "sourced"
    BUDGET = "budget only"


@dataclass(frozen=True, slots=True)
class Row:
    """One operation on one target by one driver; None where there is no such number.

    Attributes:
        operation: its full name.
        target: alias of the target.
        driver: who ran it.
        scheduled_seconds: how often it is probed.
        rate_per_second: attempts.
        p50_seconds: of the last run.
        p95_seconds: likewise.
        mean_seconds: likewise.
        held: to what.
        baseline_seconds: per call.
        tolerance: t, a fraction.
        budget_seconds: the absolute limit.
        ratio: R of the last run.
        lower99: the lower limit of R that detects, of whichever rule sees more.
        visible_factor: the smallest slowdown of the present mean that the baseline shows.
        failures: in the last `snapshot.FAILURES_SECONDS`.
        failing_streak: attempts failed since the last success.
        verdict: by its baseline; None where only the budget judges.
        severity: of its worst alert that fires; None while none does.
    """

    operation: str
    target: str
    driver: str
    scheduled_seconds: float | None
    rate_per_second: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    mean_seconds: float | None
    held: Held
    baseline_seconds: float | None
    tolerance: float | None
    budget_seconds: float | None
    ratio: float | None
    lower99: float | None
    visible_factor: float | None
    failures: float
    failing_streak: int
    verdict: Verdict | None
    severity: str | None

    @property
    def blind(self) -> bool:
        """Whether the baseline shows large slowdowns only: the machine is far faster than it says."""
        return self.visible_factor is not None and self.visible_factor > LIVE.blind_factor


_VERDICTS = (
    Verdict.CRITICAL,
    Verdict.WARNING,
    Verdict.SUSPECT,
    Verdict.INFO,
    Verdict.NO_DATA,
    Verdict.INCONCLUSIVE,
    Verdict.IMPROVED,
    Verdict.OK,
)


def rows(snapshot: Snapshot, sourced_ids: Collection[str], pattern: str = "*") -> list[Row]:
    """The operations, worst first.

    Args:
        snapshot: what Prometheus holds.
        sourced_ids: ids of the sourced baselines; any other baseline was recorded.
        pattern: glob that the operation's name must match.
    """
    facts = _Facts(
        values={name: {_key(one.labels): one.value for one in found} for name, found in snapshot.series.items()},
        ids={_key(one.labels): one.labels.get("id", "") for one in snapshot.series.get(BASELINE_INFO.name, [])},
        failures={_key(one.labels): one.value for one in snapshot.failures if math.isfinite(one.value)},
        worst=_worst(firing(snapshot.alerts)),
        sourced_ids=sourced_ids,
    )
    keys = {key for series in (SCHEDULE_INTERVAL, RUN_STARTS, RUN_MEAN) for key in facts.values.get(series.name, {})}
    return sorted((_row(facts, key) for key in keys if fnmatchcase(key[0], pattern)), key=_badness)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The snapshot by series and key."""

    values: Mapping[str, Mapping[Key, float]]
    ids: Mapping[Key, str]
    failures: Mapping[Key, float]
    worst: Mapping[Key, str]
    sourced_ids: Collection[str]

    def held(self, key: Key) -> Held:
        """To what the operation is held."""
        if key not in self.ids:
            return Held.BUDGET
        return Held.SOURCED if self.ids[key] in self.sourced_ids else Held.RECORDED

    def number(self, key: Key) -> Number:
        """The numbers of one operation, by series; None for one that is not there, and for NaN and infinities."""

        def of(series: Metric | RecordedSeries) -> float | None:
            value = self.values.get(series.name, {}).get(key)
            return value if value is not None and math.isfinite(value) else None

        return of


def _row(facts: _Facts, key: Key) -> Row:
    number = facts.number(key)
    limits = [value for value in (number(LOWER99_FAST), number(LOWER99_SLOW)) if value is not None]
    return Row(
        operation=key[0],
        target=key[1],
        driver=key[2],
        scheduled_seconds=number(SCHEDULE_INTERVAL),
        rate_per_second=number(RUN_RATE),
        p50_seconds=number(RUN_P50),
        p95_seconds=number(RUN_P95),
        mean_seconds=number(RUN_MEAN),
        held=facts.held(key),
        baseline_seconds=number(BASELINE_VALUE),
        tolerance=number(BASELINE_TOLERANCE),
        budget_seconds=number(BASELINE_BUDGET),
        ratio=number(RATIO_FAST),
        lower99=max(limits, default=None),
        visible_factor=number(BLIND_FACTOR),
        failures=facts.failures.get(key, 0.0),
        failing_streak=int(number(OPERATION_STREAK) or 0),
        verdict=_judged(number, facts.held(key)),
        severity=facts.worst.get(key),
    )


def _judged(number: Number, held: Held) -> Verdict | None:
    """The verdict of whichever rule detects; else the slow rule's, once it has its runs."""
    tolerance = number(BASELINE_TOLERANCE)
    if (number(RUN_STARTS) or 0) < LIVE.minimum_samples:
        return Verdict.NO_DATA
    if held is Held.BUDGET or tolerance is None:
        return None
    fast = _estimate(number(RATIO_FAST), number(LOWER99_FAST), number(LOWER90_FAST), None)
    slow = _estimate(number(RATIO_SLOW), number(LOWER99_SLOW), number(LOWER90_SLOW), number(UPPER90_SLOW))
    by_fast = verdict(fast, tolerance) if fast else None
    by_slow = verdict(slow, tolerance) if slow else None
    if by_fast in (Verdict.CRITICAL, Verdict.WARNING) and by_slow is not Verdict.CRITICAL:
        return by_fast
    mended = fast is not None and fast.ratio <= 1 + tolerance
    if by_slow in (Verdict.CRITICAL, Verdict.WARNING) and mended:
        return by_fast
    return by_slow or by_fast or Verdict.INCONCLUSIVE


def _estimate(ratio: float | None, lower99: float | None, lower90: float | None, upper90: float | None) -> Estimate | None:
    if ratio is None or lower99 is None or lower90 is None:
        return None
    return Estimate.symmetric(ratio, lower99, lower90) if upper90 is None else Estimate(ratio, lower99, lower90, upper90)


def _key(labels: Mapping[str, str]) -> Key:
    return (labels.get("operation", ""), labels.get("target", ""), labels.get("driver", ""))


def _badness(row: Row) -> tuple[object, ...]:
    return (
        severity_rank(row.severity),
        row.failing_streak == 0,
        _VERDICTS.index(row.verdict) if row.verdict else len(_VERDICTS),
        -(row.ratio or 0.0),
        row.operation,
        row.target,
        row.driver,
    )


def _worst(alerts: Iterable[Firing]) -> dict[Key, str]:
    worst: dict[Key, str] = {}
    for alert in alerts:
        if alert.operation and not alert.pending:
            worst.setdefault(alert.about, alert.severity)
    return worst
