"""A criterion as PromQL: the same question over the same window, asked of what a load run exports.

At the limit a quantile is counted, as `Criterion.holds_by_count` does it, and only its value is interpolated.
"""

from steadyline.criterion import ALL, WHOLE, Comparison, Criterion, Kind
from steadyline.load_vocabulary import FLOW_SUFFIX, LOAD_DROPPED, LOAD_RESPONSE
from steadyline.promql import LABELS, Selection, duration, edge, ladder_edges, number, or_zero
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, Driver, Metric

_TRIFLE = 1e-9
"""As a fraction: two counters extrapolated to the same window may differ by a float's last digits."""
_OTHERWISE = {
    Comparison.BELOW: ">=",
    Comparison.AT_MOST: ">",
    Comparison.ABOVE: "<=",
    Comparison.AT_LEAST: "<",
}
_DRIVER = ("driver", "=", Driver.LOAD)


def measured(criterion: Criterion, window_seconds: float, gate: str = "") -> str:
    """What is compared with the limit, by operation and target, or as one where it is about all.

    Args:
        criterion: which.
        window_seconds: the criterion's own, or as long as the steady phase was.
        gate: counts only while this has a series of the same instance; "" is always.
    """
    chosen, metric = _chosen(criterion, gate), _metric(criterion)
    kind = criterion.statistic.kind
    if kind is Kind.QUANTILE:
        selected = chosen.where("le", "=~", ladder_edges()) if criterion.operation == ALL else chosen
        buckets = selected.summed(f"rate({selected.of(metric, '_bucket', window_seconds)})", "le")
        return f"histogram_quantile({number(criterion.statistic.level)}, {buckets})"
    if kind is Kind.MEAN:
        busy, count = (chosen.rate(metric, window_seconds, suffix) for suffix in ("_sum", "_count"))
        return f"{busy} / ({count} > 0)"
    if kind is Kind.DROPS:
        dropped = f"rate({LOAD_DROPPED.name}[{duration(window_seconds)}])"
        return f"sum({Selection(gate=gate).gated(dropped)})"
    successes = chosen.rate(OPERATION_DURATION, window_seconds, "_count")
    failures = or_zero(chosen.rate(OPERATION_FAILURES, window_seconds), successes)
    if kind is Kind.RATE:
        return f"{successes} + {failures}"
    return f"{failures} / ({successes} + {failures} > 0)"


def broken(criterion: Criterion, window_seconds: float, gate: str = "") -> str:
    """The measured value where it does not keep to the limit; nothing where it does, or where there are no samples.

    Args:
        criterion: which.
        window_seconds: as for `measured`.
        gate: as for `measured`.
    """
    value = measured(criterion, window_seconds, gate)
    if criterion.statistic.kind is not Kind.QUANTILE:
        return f"({value}) {_OTHERWISE[criterion.comparison]} {number(criterion.limit)}"
    chosen, metric = _chosen(criterion, gate), _metric(criterion)
    count = chosen.increase(metric, window_seconds, "_count")
    within = chosen.where("le", "=~", edge(criterion.limit)).increase(metric, window_seconds, "_bucket")
    least = criterion.statistic.thousandths / WHOLE * (1 - _TRIFLE)
    sign = "<" if criterion.comparison.bounds_above else ">="
    return f"{value} and {within} / ({count} > 0) {sign} {number(least)}"


def _chosen(criterion: Criterion, gate: str) -> Selection:
    if criterion.operation == ALL:
        return Selection(("operation", "!~", f".+{FLOW_SUFFIX}"), _DRIVER, by="driver", gate=gate)
    return Selection(("operation", "=", criterion.operation), _DRIVER, by=LABELS, gate=gate)


def _metric(criterion: Criterion) -> Metric:
    return LOAD_RESPONSE if criterion.statistic.response else OPERATION_DURATION
