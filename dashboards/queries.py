"""PromQL of the boards, as text: series of the vocabulary under the boards' variables. Imports nothing of Grafana."""

from steadyline.promql import ladder_edges
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    OPERATION_DURATION,
    SCHEDULE_INTERVAL,
    AlertName,
    Metric,
    RecordedSeries,
)

OPERATION = "operation"
TARGET = "target"
DATASOURCE = "datasource"
CHOSEN = f'{OPERATION}=~"${OPERATION}",{TARGET}=~"${TARGET}"'
"""The matchers that the variables choose; a multi-value variable becomes a regular expression."""
ROW = "operation, target, driver"
"""What one row of a table, and one line of a graph, is about."""
LEVELS = {Severity.CRITICAL: 3, Severity.WARNING: 2, Severity.INFO: 1}
"""Severities as numbers, for colours; 0 is quiet."""
_OURS = "|".join(sorted(name for key, name in vars(AlertName).items() if key.isupper() and name != AlertName.WATCHDOG))


def of(series: Metric | RecordedSeries, suffix: str = "", more: str = "") -> str:
    """The chosen operations' series."""
    return f"{series.name}{suffix}{{{CHOSEN}{',' if more else ''}{more}}}"


def by_row(expression: str) -> str:
    """One number a row, whoever scraped it."""
    return f"max by ({ROW}) ({expression})"


def rate(series: Metric, by: str = ROW, suffix: str = "") -> str:
    """Increase in a second, over what fits the zoom."""
    return f"sum by ({by}) (rate({of(series, suffix)}[$__rate_interval]))"


def firing(more: str = "") -> str:
    """The alerts of ours that fire, without the watchdog."""
    chosen = f'alertname=~"{_OURS}",alertstate="firing"'
    return f"ALERTS{{{chosen}{',' if more else ''}{more}}}"


def _is(severity: Severity) -> str:
    return f'severity="{severity}"'


def count_firing(severity: Severity) -> str:
    """How many of one severity; 0 where none does."""
    return f"count({firing(_is(severity))}) or vector(0)"


def firing_since() -> str:
    """For how many seconds each has been active."""
    return f"(time() - ALERTS_FOR_STATE) and ignoring (alertstate) {firing()}"


def level() -> str:
    """The worst severity of each operation as a number (`LEVELS`), 0 while nothing fires."""
    parts = [f"{number} * {firing(f'{CHOSEN},{_is(severity)}')}" for severity, number in LEVELS.items()]
    return by_row(" or ".join([*parts, f"0 * {of(SCHEDULE_INTERVAL)}"]))


def tolerated_seconds() -> str:
    """Where the tolerance of each baseline ends."""
    return by_row(f"{of(BASELINE_VALUE)} * (1 + {of(BASELINE_TOLERANCE)})")


def warning_seconds() -> str:
    """W of each baseline, as seconds."""
    return _level_seconds(WARNING_DEGRADATION)


def critical_seconds() -> str:
    """Where critical begins, as seconds."""
    return _level_seconds(CRITICAL_DEGRADATION)


def _level_seconds(degradation: float) -> str:
    return by_row(f"{of(BASELINE_VALUE)} * clamp_min(1 + {of(BASELINE_TOLERANCE)}, {1 + degradation:g})")


def budget_alone() -> str:
    """How many operations have a budget and no baseline."""
    return f"count({of(BASELINE_BUDGET)} unless {of(BASELINE_VALUE)}) or vector(0)"


def sources() -> str:
    """Where each operation's baseline is from: a label, and no row where only the budget judges."""
    return f"max by ({ROW}, source) ({of(BASELINE_INFO)})"


def heat() -> str:
    """Durations over the common ladder: the only edges that all operations and targets share."""
    buckets = of(OPERATION_DURATION, "_bucket", f'le=~"{ladder_edges()}"')
    return f"sum by (le) (increase({buckets}[$__rate_interval]))"
