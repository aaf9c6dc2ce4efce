"""PromQL of the boards, as text: series of the vocabulary under the boards' variables. Imports nothing of Grafana."""

from steadyline import upstream
from steadyline.promql import ladder_edges
from steadyline.severity import CRITICAL_DEGRADATION, STALE_IMPROVEMENT, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import (
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    OPERATION_DURATION,
    RATIO_FAST,
    SCHEDULE_INTERVAL,
    AlertName,
    Metric,
    RecordedSeries,
)

OPERATION = "operation"
BACKEND = "backend"
TARGET = "target"
DRIVER = "driver"
DATASOURCE = "datasource"
ROW = "operation, target, driver"
"""What one row of a table, and one line of a graph, is about."""
PLACE = "job, instance"
"""Who is scraped."""
BUILDS = f"{upstream.PROMETHEUS_BUILD.name} or {upstream.ALERTMANAGER_BUILD.name}"
"""Prometheus and Alertmanager, among all who are scraped."""
LEVELS = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.INFO: 1}
"""Severities as numbers, for colours; 0 is quiet."""
FAR_FASTER = -1
"""Beside them, for a ratio: so far below the baseline that it is stale."""
RATE = "$__rate_interval"
"""At least four scrapes, and as long as the zoom needs."""
INTERVAL = "$__interval"
"""From one point to the next."""
ON_LADDER = f'le=~"{ladder_edges()}"'
"""The edges that all operations and targets share; over several of them no other may be summed."""
_OURS = "|".join(sorted(name for key, name in vars(AlertName).items() if key.isupper() and name != AlertName.WATCHDOG))


def chosen(*variables: str) -> tuple[str, ...]:
    """Matchers that the variables of these names choose; a multi-value variable becomes a regular expression."""
    return tuple(f'{variable}=~"${variable}"' for variable in variables)


CHOSEN = chosen(OPERATION, TARGET)
ONE_OPERATION = chosen(OPERATION, TARGET, DRIVER)
BACKENDS = chosen(BACKEND, TARGET)


def select(series: Metric | RecordedSeries, *matchers: str, suffix: str = "") -> str:
    """A series, narrowed by matchers.

    Args:
        series: of the vocabulary.
        matchers: such as those of `chosen`.
        suffix: the part of a histogram: `_count`, `_sum`, `_bucket`.
    """
    return f"{series.name}{suffix}{{{','.join(matchers)}}}" if matchers else f"{series.name}{suffix}"


def by(labels: str, expression: str) -> str:
    """The largest for each of these labels: one number, whoever scraped it."""
    return f"max by ({labels}) ({expression})"


def by_row(expression: str) -> str:
    """The same for each row."""
    return by(ROW, expression)


def rate(labels: str, selected: str, over: str = RATE) -> str:
    """Increase in a second, summed by these labels.

    Args:
        labels: by which it is summed.
        selected: a counter's series.
        over: the range.
    """
    return f"sum by ({labels}) (rate({selected}[{over}]))"


def mean(labels: str, histogram: Metric, *matchers: str, over: str = RATE) -> str:
    """The mean of a histogram, by these labels."""
    return " / ".join(rate(labels, select(histogram, *matchers, suffix=suffix), over) for suffix in ("_sum", "_count"))


def quantile(q: float, labels: str, histogram: Metric, *matchers: str, over: str = RATE) -> str:
    """A quantile over a range, by these labels; nothing where nothing was counted."""
    buckets = rate(f"{labels}, le", select(histogram, *matchers, suffix="_bucket"), over)
    return f"histogram_quantile({q:g}, {buckets}) >= 0"


def firing(*matchers: str) -> str:
    """The alerts of ours that fire, without the watchdog."""
    ours = ",".join((f'alertname=~"{_OURS}"', 'alertstate="firing"', *matchers))
    return f"ALERTS{{{ours}}}"


def severe(severity: Severity) -> str:
    """The matcher of alerts of one severity."""
    return f'severity="{severity}"'


def count_firing(severity: Severity) -> str:
    """How many of one severity; 0 where none does."""
    return f"count({firing(severe(severity))}) or vector(0)"


def firing_since(*matchers: str) -> str:
    """For how many seconds each has been active."""
    return f"(time() - ALERTS_FOR_STATE) and ignoring (alertstate) {firing(*matchers)}"


def level(labels: str, *matchers: str) -> str:
    """The worst severity as a number (`LEVELS`), 0 while nothing fires, for all that is scheduled."""
    parts = [f"{number} * {firing(*matchers, severe(severity))}" for severity, number in LEVELS.items()]
    alerted = " or ".join(parts)
    return by(labels, f"{alerted} or 0 * {select(SCHEDULE_INTERVAL, *matchers)}")


def tolerated_seconds(*matchers: str) -> str:
    """Where the tolerance of each baseline ends."""
    return by_row(f"{select(BASELINE_VALUE, *matchers)} * (1 + {select(BASELINE_TOLERANCE, *matchers)})")


def warning_seconds(*matchers: str) -> str:
    """W of each baseline, as seconds."""
    return _level_seconds(WARNING_DEGRADATION, matchers)


def critical_seconds(*matchers: str) -> str:
    """Where critical begins, as seconds."""
    return _level_seconds(CRITICAL_DEGRADATION, matchers)


def _level_seconds(degradation: float, matchers: tuple[str, ...]) -> str:
    tolerated = f"clamp_min(1 + {select(BASELINE_TOLERANCE, *matchers)}, {1 + degradation:g})"
    return by_row(f"{select(BASELINE_VALUE, *matchers)} * {tolerated}")


def level_ratio(degradation: float, *matchers: str) -> str:
    """Where a level of R begins: the degradation, or the tolerance where that is wider."""
    return by_row(f"clamp_min(1 + {select(BASELINE_TOLERANCE, *matchers)}, {1 + degradation:g})")


def stands(*matchers: str) -> str:
    """How the last run's R stands to the levels of its own baseline, as a number (`LEVELS`); 0 is within, `FAR_FASTER`."""
    ratio = by_row(select(RATIO_FAST, *matchers))
    steps = (
        (f"{ratio} > {level_ratio(CRITICAL_DEGRADATION, *matchers)}", LEVELS[Severity.CRITICAL]),
        (f"{ratio} > {level_ratio(WARNING_DEGRADATION, *matchers)}", LEVELS[Severity.WARNING]),
        (f"{ratio} > {level_ratio(0, *matchers)}", LEVELS[Severity.INFO]),
        (f"{ratio} < {STALE_IMPROVEMENT:g}", FAR_FASTER),
        (ratio, 0),
    )
    return " or ".join(f"0 * ({reached}) + {number}" for reached, number in steps)


def every_alert(*matchers: str) -> str:
    """Each alert that fires as a number (`LEVELS`), whatever it is about."""
    parts = [f"{number} * {firing(*matchers, severe(severity))}" for severity, number in LEVELS.items()]
    return by(f"alertname, {OPERATION}, {TARGET}", " or ".join(parts))


def sources(*matchers: str) -> str:
    """Where each operation's baseline is from: a label, and no row where only the budget judges."""
    return by(f"{ROW}, source", select(BASELINE_INFO, *matchers))


def heat(*matchers: str) -> str:
    """Durations over the common ladder: the only edges that all operations and targets share."""
    buckets = select(OPERATION_DURATION, *matchers, ON_LADDER, suffix="_bucket")
    return f"sum by (le) (increase({buckets}[{INTERVAL}]))"
