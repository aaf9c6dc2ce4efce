"""What Prometheus holds at one moment, asked once: `watch` and `status` are drawn from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from steadyline.durations import promql
from steadyline.live import LIVE
from steadyline.prometheus import Prometheus, Sample
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_INFO,
    BASELINE_TOLERANCE,
    BASELINE_VALUE,
    EXPORTER_JOB,
    LEAKED_ARTEFACTS,
    OPERATION_FAILURES,
    OPERATION_STREAK,
    RECORDED,
    SCHEDULE_INTERVAL,
    Metric,
)

FAILURES_SECONDS = 300
"""Failures are counted over this span."""
STALE_SECONDS = 3 * LIVE.scrape_seconds
"""Data older than this means that scrapes fail."""
_PLAIN: tuple[Metric, ...] = (
    BASELINE_VALUE,
    BASELINE_TOLERANCE,
    BASELINE_BUDGET,
    BASELINE_INFO,
    SCHEDULE_INTERVAL,
    OPERATION_STREAK,
    LEAKED_ARTEFACTS,
)
_NAMES = [metric.name for metric in _PLAIN] + [series.name for series in RECORDED]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answers.

    Attributes:
        series: the samples of each series of the vocabulary by its name.
        failures: failures of each operation in the last `FAILURES_SECONDS`.
        up: every scrape target: 1 answers, 0 does not.
        scraped_at: when the exporter was last scraped, Unix time; None where it never was.
        alerts: pending and firing, as /api/v1/alerts tells them.
    """

    series: Mapping[str, list[Sample]]
    failures: list[Sample]
    up: list[Sample]
    scraped_at: float | None
    alerts: list[dict[str, Any]]


def take(prometheus: Prometheus, at: float | None = None) -> Snapshot:
    """Ask for everything; one question for all plain series.

    Raises:
        UnreachableError: Prometheus does not answer.
    """
    scraped = prometheus.query(f'max(timestamp(up{{job="{EXPORTER_JOB}"}}))', at)
    return Snapshot(
        series=by_name(prometheus.query(f'{{__name__=~"{"|".join(_NAMES)}"}}', at)),
        failures=prometheus.query(failures_expression(), at),
        up=prometheus.query("up", at),
        scraped_at=scraped[0].value if scraped else None,
        alerts=prometheus.alerts(),
    )


def failures_expression() -> str:
    """PromQL for the failures of each operation in the last `FAILURES_SECONDS`."""
    span = promql(FAILURES_SECONDS)
    return f"sum by (operation, backend, target, driver) (increase({OPERATION_FAILURES.name}[{span}]))"


def by_name(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """The samples apart by the name of their series."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.labels.get("__name__", ""), []).append(sample)
    return found
