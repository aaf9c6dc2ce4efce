"""The alerts on operations: held to a baseline, to a budget, to succeeding and to running at all."""

from typing import Any

from alerts.judgement.judged import Judged
from alerts.rules.texts import WHO, annotations, figures, regression
from steadyline.edges import rounded
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.outcome import Reason
from steadyline.promql import LABELS, Selection, at_least, duration, edge, number, or_zero
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import (
    BASELINE_INFO,
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_STREAK,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_STARTS,
    SCHEDULE_INTERVAL,
    UPPER90_SLOW,
    AlertName,
)

Document = dict[str, Any]
"""One rule as Prometheus' rule file has it."""


def alert(
    name: str, severity: Severity, expression: str, texts: dict[str, str], *, for_seconds: float = LIVE.for_seconds
) -> Document:
    """One alerting rule; the milder the sooner it lets go."""
    keep = LIVE.keep_firing_seconds if severity is Severity.CRITICAL else LIVE.keep_firing_mild_seconds
    return {
        "alert": name,
        "expr": expression,
        "for": duration(for_seconds),
        "keep_firing_for": duration(keep),
        "labels": {"severity": severity.value},
        "annotations": texts,
    }


def regression_alerts(judged: Judged, settings: Settings) -> list[Document]:
    """Critical, warning and info of one operation: by the fast rule or the slow one, as one alert."""
    expressions = {
        Severity.CRITICAL: _worse(judged, critical=True),
        Severity.WARNING: _worse(judged, critical=False),
        Severity.INFO: _slightly_worse(judged),
    }
    return [
        alert(
            AlertName.REGRESSION,
            severity,
            expression,
            annotations(AlertName.REGRESSION, settings, *regression(judged, severity), figures=figures(judged)),
        )
        for severity, expression in expressions.items()
    ]


def _mended(judged: Judged) -> str:
    """Lets the slow rule go as soon as the last run is back in tolerance, not when 20 runs are."""
    return f"{judged.selection.of(RATIO_FAST)} > {number(1 + judged.baseline.tolerance)}"


def _worse(judged: Judged, *, critical: bool) -> str:
    chosen, limits = judged.selection, judged.limits
    parts = []
    for ratio, detect, grade in (
        (RATIO_FAST, LOWER99_FAST, LOWER90_FAST),
        (RATIO_SLOW, LOWER99_SLOW, LOWER90_SLOW),
    ):
        part = f"{chosen.of(ratio)} and {chosen.of(detect)} > {number(limits.tolerated)}"
        parts.append(part + (f" and {chosen.of(grade)} > {number(limits.critical)}" if critical else ""))
    return f"{parts[0]}\nor\n{parts[1]} and {_mended(judged)}"


def _slightly_worse(judged: Judged) -> str:
    """INFO where the tolerance lies under the warning level, and SUSPECT over all runs of the slow rule."""
    chosen, limits = judged.selection, judged.limits
    slow, w = chosen.of(RATIO_SLOW), number(limits.tolerated)
    suspect = f"{slow} > {w} and {_mended(judged)}"
    if limits.info is None:
        return suspect
    return (
        f"{slow} > {number(limits.info)} and {chosen.of(UPPER90_SLOW)} <= {w} and {chosen.of(LOWER99_SLOW)} > 1"
        f" and {_mended(judged)}\nor\n{suspect}"
    )


def budget_window_seconds(cadence_seconds: float, budget_seconds: float) -> float:
    """A fast window, or where that is longer three times the budget: two attempts over it must fit in."""
    return max(LIVE.fast_window_seconds(cadence_seconds), 3 * budget_seconds)


def budget_alert(chosen: Selection, cadence_seconds: float, budget_seconds: float, settings: Settings) -> Document:
    """Two attempts over an absolute limit; counted at the limit's own bucket edge, a timeout counts as over."""
    window = budget_window_seconds(cadence_seconds, budget_seconds)
    successes = chosen.increase(OPERATION_DURATION, window, "_count")
    within = chosen.where("le", "=~", edge(rounded(budget_seconds))).increase(OPERATION_DURATION, window, "_bucket")
    timeouts = chosen.where("reason", "=", Reason.TIMEOUT).increase(OPERATION_FAILURES, window)
    over = f"{or_zero(f'{successes} - {within}', successes)} + {or_zero(timeouts, successes)}"
    return alert(
        AlertName.BUDGET,
        Severity.CRITICAL,
        at_least(over, 2),
        annotations(
            AlertName.BUDGET,
            settings,
            f"{WHO} takes longer than its budget of {budget_seconds:g} s",
            f'{{{{ $value | printf "%.0f" }}}} attempts in {duration(window)} took longer than {budget_seconds:g} s or timed '
            "out. The budget is an absolute limit, judged apart from the baseline.",
            figures={"limit": f"{budget_seconds:g} s an attempt"},
        ),
    )


def failing_alert(chosen: Selection, cadence_seconds: float, settings: Settings) -> Document:
    """Two failures that are more than 5 % of the attempts, or the last three attempts all failed."""
    window = LIVE.failing_window_seconds(cadence_seconds)
    failures = chosen.increase(OPERATION_FAILURES, window)
    attempts = f"({failures} + {chosen.increase(OPERATION_DURATION, window, '_count')})"
    often = f"{at_least(failures, LIVE.failing_minimum)} and {failures} / {attempts} > {LIVE.failing_fraction}"
    streak = f"max by ({LABELS}) ({chosen.of(OPERATION_STREAK)}) >= {LIVE.failing_streak}"
    reasons = (
        f'{{{{ range printf "topk(1, sum by (reason) (increase({OPERATION_FAILURES.name}'
        f'{{operation=%q,target=%q}}[{duration(window)}])) > 0)" $labels.operation $labels.target | query }}}}'
        ", mostly {{ .Labels.reason }}{{ end }}"
    )
    return alert(
        AlertName.FAILING,
        Severity.CRITICAL,
        f"{often}\nor\n{failures} and {streak}",
        annotations(
            AlertName.FAILING,
            settings,
            f"{WHO} fails",
            f'{{{{ $value | printf "%.0f" }}}} failed attempts in {duration(window)}{reasons}. '
            f"An operation fails from {LIVE.failing_minimum} failures that are more than {LIVE.failing_fraction:.0%} of its "
            f"attempts, or {LIVE.failing_streak} in a row. Its duration is judged by the successes alone.",
        ),
    )


def hung_window_seconds(cadence_seconds: float, timeout_seconds: float) -> float:
    """A fast window, or where that is longer three timeouts: an attempt that is not hung has ended within it."""
    return max(LIVE.fast_window_seconds(cadence_seconds), 3 * timeout_seconds)


def no_data_alert(chosen: Selection, cadence_seconds: float, operation: Operation, settings: Settings) -> Document:
    """Scheduled, yet too few starts to be judged, or no attempt that ended: silence is never a pass.

    An attempt that hangs for ever lets every later start be skipped; starts alone would call that alive.
    """
    window = LIVE.fast_window_seconds(cadence_seconds)
    hung = hung_window_seconds(cadence_seconds, operation.timeout_seconds)
    expected = f"max by ({LABELS}) ({chosen.of(SCHEDULE_INTERVAL)})"
    long_expected = f"max by ({LABELS}) ({chosen.of(SCHEDULE_INTERVAL)} offset {duration(hung)})"
    successes = chosen.increase(OPERATION_DURATION, hung, "_count")
    ended = f"{successes} + {or_zero(chosen.increase(OPERATION_FAILURES, hung), successes)}"
    return alert(
        AlertName.NO_DATA,
        Severity.WARNING,
        f"{expected} unless {chosen.of(RUN_STARTS)} >= {LIVE.minimum_samples}\nor\n"
        f"{expected} and {long_expected} unless {ended} > 0",
        annotations(
            AlertName.NO_DATA,
            settings,
            f"{WHO} is scheduled, and not enough of it is seen",
            f"Fewer than {LIVE.minimum_samples} starts in {duration(window)}, or no attempt that ended in {duration(hung)}, "
            "although it is scheduled each {{ $value | humanizeDuration }}: nothing judges it now.",
        ),
        for_seconds=window,
    )


def drift_alert(judged: Judged, settings: Settings) -> Document:
    """The exporter is held to another baseline than the rules are made from, or to none."""
    chosen = judged.selection
    shown = f"max by ({LABELS}) ({chosen.of(BASELINE_INFO)} == 1)"
    other = f"max by ({LABELS}) ({chosen.where('id', '!=', judged.baseline.id).of(BASELINE_INFO)} == 1)"
    scheduled = f"max by ({LABELS}) ({chosen.of(SCHEDULE_INTERVAL)})"
    return alert(
        AlertName.BASELINE_DRIFT,
        Severity.WARNING,
        f"{other}\nor\n({scheduled} unless {shown})",
        _drift_texts(settings, f"baseline {judged.baseline.id}"),
    )


def unjudged_drift_alert(chosen: Selection, settings: Settings) -> Document:
    """The exporter shows a baseline for an operation that the rules judge by its budget alone."""
    shown = f"max by ({LABELS}) ({chosen.of(BASELINE_INFO)} == 1)"
    return alert(AlertName.BASELINE_DRIFT, Severity.WARNING, shown, _drift_texts(settings, "no baseline"))


def _drift_texts(settings: Settings, ours: str) -> dict[str, str]:
    return annotations(
        AlertName.BASELINE_DRIFT,
        settings,
        f"{WHO} is judged by another baseline than its exporter shows",
        f"The rules are made from {ours}; the exporter shows another. Boards and alerts disagree until both have read the "
        "same baselines: steadyline rules generate, then reload Prometheus and the exporter.",
    )
