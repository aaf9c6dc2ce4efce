"""From samples to rows: every case from plain values, nothing asked."""

from typing import Any

import pytest

from alerts.view import rows as view
from alerts.view.firing import firing
from alerts.view.rows import Held, Row
from alerts.view.snapshot import Snapshot, by_name
from steadyline.prometheus import Sample
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
    RUN_STARTS,
    SCHEDULE_INTERVAL,
    UPPER90_SLOW,
    AlertName,
)

Numbers = dict[Any, float]
HELD: Numbers = {SCHEDULE_INTERVAL: 2, RUN_STARTS: 15, BASELINE_VALUE: 0.05, BASELINE_TOLERANCE: 0.1, BASELINE_INFO: 1}
QUIET: Numbers = {RATIO_FAST: 1.0, LOWER99_FAST: 0.9, LOWER90_FAST: 0.95}
SLOW_QUIET: Numbers = {RATIO_SLOW: 1.0, LOWER99_SLOW: 0.97, LOWER90_SLOW: 0.98, UPPER90_SLOW: 1.02}
FAST_CRITICAL: Numbers = {RATIO_FAST: 1.6, LOWER99_FAST: 1.3, LOWER90_FAST: 1.5}
SLOW_WARNING: Numbers = {RATIO_SLOW: 1.22, LOWER99_SLOW: 1.18, LOWER90_SLOW: 1.2, UPPER90_SLOW: 1.24}


def samples(operation: str, numbers: Numbers, baseline_id: str = "sourced1") -> list[Sample]:
    """The series of one operation."""
    labels = {"operation": operation, "backend": "sql", "target": "main", "driver": "probe"}
    extra = {BASELINE_INFO: {"id": baseline_id}}
    return [Sample(labels | extra.get(series, {}) | {"__name__": series.name}, value) for series, value in numbers.items()]


def alert(operation: str, severity: str, state: str = "firing") -> dict[str, Any]:
    """One alert as Prometheus tells it."""
    labels = {
        "alertname": AlertName.REGRESSION,
        "severity": severity,
        "operation": operation,
        "target": "main",
        "driver": "probe",
    }
    return {"labels": labels, "annotations": {"summary": "x"}, "state": state, "activeAt": "2026-01-05T12:00:00.123456789Z"}


def rows(*found: list[Sample], alerts: tuple[dict[str, Any], ...] = (), pattern: str = "*") -> list[Row]:
    """The rows of some operations' series."""
    series = by_name(sample for one in found for sample in one)
    return view.rows(Snapshot(series, [], [], None, list(alerts)), {"sourced1"}, pattern)


VERDICTS: dict[str, tuple[Numbers, Verdict | None]] = {
    "quiet by both rules": (HELD | QUIET | SLOW_QUIET, Verdict.OK),
    "the fast rule before the slow one has its runs": (HELD | QUIET, Verdict.OK),
    "a big step, seen by the fast rule first": (HELD | FAST_CRITICAL | SLOW_QUIET, Verdict.CRITICAL),
    "a small step, seen by the slow rule alone": (HELD | QUIET | {RATIO_FAST: 1.2} | SLOW_WARNING, Verdict.WARNING),
    "a small step that is mended": (HELD | QUIET | SLOW_WARNING, Verdict.OK),
    "too few attempts": (HELD | {RUN_STARTS: 9} | FAST_CRITICAL, Verdict.NO_DATA),
    "never attempted": ({SCHEDULE_INTERVAL: 2}, Verdict.NO_DATA),
    "a baseline and no ratio yet": (HELD, Verdict.INCONCLUSIVE),
    "a ratio that is no number": (HELD | QUIET | {RATIO_FAST: float("nan")}, Verdict.INCONCLUSIVE),
    "its budget alone": ({SCHEDULE_INTERVAL: 2, RUN_STARTS: 15, BASELINE_BUDGET: 20}, None),
}


@pytest.mark.parametrize(("numbers", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict_of_both_rules(numbers: Numbers, expected: Verdict | None) -> None:
    """Whichever rule detects says it; a slow rule that still remembers what is mended does not."""
    assert rows(samples("sql.a", numbers))[0].verdict is expected


def test_what_an_operation_is_held_to() -> None:
    """A baseline whose id is no sourced one's was recorded; without one only the budget judges."""
    found = rows(
        samples("sql.a", HELD),
        samples("sql.b", HELD, baseline_id="another"),
        samples("sql.c", {SCHEDULE_INTERVAL: 2, BASELINE_BUDGET: 20}),
    )
    assert {row.operation: row.held for row in found} == {
        "sql.a": Held.SOURCED,
        "sql.b": Held.RECORDED,
        "sql.c": Held.BUDGET,
    }


@pytest.mark.parametrize(("factor", "blind"), [(1.3, False), (2.0, False), (2.1, True), (30.0, True)])
def test_a_baseline_that_shows_large_slowdowns_only_is_blind(factor: float, blind: bool) -> None:
    """Beyond twice the present mean, and not at it."""
    assert rows(samples("sql.a", HELD | {BLIND_FACTOR: factor}))[0].blind is blind


def test_the_worst_stands_first() -> None:
    """Firing alerts by severity, then what fails, then verdicts, then the ratio."""
    found = rows(
        samples("sql.fine", HELD | QUIET),
        samples("sql.slower", HELD | QUIET | {RATIO_FAST: 1.01}),
        samples("sql.failing", HELD | QUIET | {OPERATION_STREAK: 2}),
        samples("sql.suspect", HELD | QUIET | {RATIO_FAST: 1.2}),
        samples("sql.warned", HELD | QUIET),
        samples("sql.critical", HELD | FAST_CRITICAL),
        alerts=(alert("sql.warned", "warning"), alert("sql.critical", "critical"), alert("sql.fine", "critical", "pending")),
    )
    assert [row.operation.partition(".")[2] for row in found] == [
        "critical",
        "warned",
        "failing",
        "suspect",
        "slower",
        "fine",
    ]
    assert [row.severity for row in found[:3]] == ["critical", "warning", None]


def test_the_worst_severity_counts() -> None:
    """Of two alerts about one operation."""
    found = rows(samples("sql.a", HELD), alerts=(alert("sql.a", "info"), alert("sql.a", "critical")))
    assert found[0].severity == "critical"


def test_only_the_operations_asked_for() -> None:
    """A glob over the name."""
    both = samples("sql.a", {RUN_MEAN: 1}), samples("trace.a", {RUN_MEAN: 1})
    assert [row.operation for row in rows(*both, pattern="trace.*")] == ["trace.a"]


def test_alerts_worst_first_without_the_watchdog() -> None:
    """Those about to fire come last; hostile text is one harmless line; times are read to the microsecond."""
    hostile = alert("sql.a", "warning") | {"annotations": {"summary": "a\n\x1b[2Jb"}}
    watchdog = {"labels": {"alertname": AlertName.WATCHDOG, "severity": "none"}, "annotations": {}, "state": "firing"}
    found = firing([alert("sql.p", "critical", "pending"), hostile, alert("sql.b", "critical"), watchdog])
    assert [(one.operation, one.pending) for one in found] == [("sql.b", False), ("sql.a", False), ("sql.p", True)]
    assert found[1].summary.isprintable()
    assert found[0].since == "2026-01-05T12:00:00.123456+00:00"


def test_the_milder_alert_about_the_same_operation_is_left_out() -> None:
    """As Alertmanager inhibits it; not by one that is only about to fire, and not for another operation."""
    found = firing([alert("sql.a", "warning"), alert("sql.a", "critical"), alert("sql.b", "warning")])
    assert [(one.operation, one.severity) for one in found] == [("sql.a", "critical"), ("sql.b", "warning")]
    assert len(firing([alert("sql.a", "warning"), alert("sql.a", "critical", "pending")])) == 2


def test_no_data_is_told_once_it_fires() -> None:
    """After a start the first window is not full yet; that is no news. A silence that lasts is."""

    def silent(state: str) -> dict[str, Any]:
        one = alert("sql.a", "warning", state)
        return {**one, "labels": {**one["labels"], "alertname": AlertName.NO_DATA}}

    assert firing([silent("pending")]) == []
    assert len(firing([silent("firing")])) == 1
