"""What must hold for an alert to reach anybody: the programs are up, heard, and configured as was meant."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table

from dashboards import colours, queries
from dashboards.colours import BAD, words_for
from dashboards.panel import COLUMNS, now, number, value
from dashboards.queries import BUILDS, PLACE, select
from dashboards.table import Column, of
from steadyline import upstream
from steadyline.durations import promql, spoken
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_JOB
from steadyline.severity import Severity
from steadyline.vocabulary import (
    BUILD_INFO,
    COLLECTOR_SUCCESS,
    EXPORTER_JOB,
    RELOAD_SUCCESS,
    RELOAD_TIMESTAMP,
    AlertName,
    Metric,
)

RECENT_SECONDS = 3600.0
"""What failed within this time is counted."""
_STAYING = (EXPORTER_JOB, upstream.PROMETHEUS_JOB, upstream.ALERTMANAGER_JOB)
_RECENT = promql(RECENT_SECONDS)


def holding() -> stat.Panel:
    """What must hold for an alert to reach anybody."""
    panel = number(
        "What must hold for an alert to reach you",
        "The watchdog fires always: silent, Prometheus judges nothing. The others should be 0. Targets down: ask `steadyline "
        "status`. Rules failed, rounds missed, alerts not sent and notifications failed are of the last "
        f"{spoken(RECENT_SECONDS)}: the logs of Prometheus and Alertmanager name them. A reload refused: what was loaded "
        "before holds, and the log says what is wrong. Baselines in drift: record them anew.",
        span=COLUMNS,
        height=4,
        empty="None of it is here: choose the stack's Prometheus.",
    ).thresholds(colours.none_wanted())
    said = words_for({"1": ("firing", colours.QUIET), "0": ("silent", BAD)})
    panel = panel.with_target(now(_alerting(AlertName.WATCHDOG), "watchdog", "A")).override_by_name(
        "watchdog", [value("mappings", said), value("thresholds", colours.one_wanted().build())]
    )
    for ref, (name, expression, severity) in zip("BCDEFGHI", _wrong(), strict=True):
        panel = panel.with_target(now(expression, name, ref)).override_by_name(
            name, [value("thresholds", colours.none_wanted(severity).build())]
        )
    return panel.decimals(0)


def _wrong() -> Iterator[tuple[str, str, Severity]]:
    """What should be 0: its name, its query, and how bad it is."""
    reloads = " or ".join(metric.name for metric in (RELOAD_SUCCESS, upstream.PROMETHEUS_RELOAD, upstream.ALERTMANAGER_RELOAD))
    unsent = f"{_increase(upstream.ALERTS_NOT_SENT)} or {_increase(upstream.ALERTS_DROPPED)}"
    yield "targets down", _sum(f"{select(upstream.UP, _jobs(*_STAYING))} == bool 0"), Severity.CRITICAL
    yield "rules failed", f"ceil({_sum(_increase(upstream.RULE_FAILURES))})", Severity.CRITICAL
    yield "rule rounds missed", f"ceil({_sum(_increase(upstream.RULE_GROUP_MISSED))})", Severity.WARNING
    yield "alerts not sent", f"ceil({_sum(unsent)})", Severity.CRITICAL
    yield "notifications failed", f"ceil({_sum(_increase(upstream.NOTIFICATIONS_FAILED))})", Severity.CRITICAL
    yield "reloads refused", _sum(f"({reloads}) == bool 0"), Severity.WARNING
    yield "collectors failing", _sum(f"{COLLECTOR_SUCCESS.name} == bool 0"), Severity.WARNING
    yield "baselines in drift", _alerting(AlertName.BASELINE_DRIFT), Severity.WARNING


def _jobs(*jobs: str) -> str:
    return f'job=~"{"|".join(jobs)}"'


def _sum(expression: str) -> str:
    """Over all who tell; 0 where nothing is wrong, and nothing where nobody tells."""
    return f"sum({expression})"


def _alerting(name: str) -> str:
    return f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'


def _increase(metric: Metric) -> str:
    return f"increase({metric.name}[{_RECENT}])"


def _of_target(metric: Metric) -> str:
    return queries.by(PLACE, select(metric, _jobs(*_STAYING, LOAD_JOB)))


_UP = words_for({"1": ("up", colours.QUIET), "0": ("down", BAD)})
_TARGETS = (
    Column("state", _of_target(upstream.UP), decimals=0, mappings=_UP),
    Column("scrape", _of_target(upstream.SCRAPE_DURATION), "s", None),
    Column(
        "share of interval",
        f"{_of_target(upstream.SCRAPE_DURATION)} / {LIVE.scrape_seconds:g}",
        "percentunit",
        0,
        colours.share,
    ),
    Column("samples", _of_target(upstream.SCRAPE_SAMPLES), "short", None),
)


def targets() -> table.Panel:
    """What Prometheus scrapes, and what a scrape costs."""
    return of(
        "Targets: state and cost of a scrape",
        f"Each is scraped every {promql(LIVE.scrape_seconds)}. A scrape that takes most of that is about to be cut off, and "
        "with it all that the target tells: fewer operations, or a faster machine. Down: `steadyline status` says which "
        "program ended, and its log why.",
        _TARGETS,
        labels=("job", "instance"),
        empty="Prometheus scrapes none of ours: its configuration names the jobs.",
        worst_first=("share of interval",),
        span=10,
        height=8,
    )


def versions() -> table.Panel:
    """Which versions run, and since when with what they are configured."""
    reloaded = " or ".join(
        metric.name for metric in (RELOAD_TIMESTAMP, upstream.PROMETHEUS_RELOADED, upstream.ALERTMANAGER_RELOADED)
    )
    joined = f"(time() - ({reloaded})) * on ({PLACE}) group_left (version) ({BUILD_INFO.name} or {BUILDS})"
    return of(
        "Versions, and age of their configuration",
        "What runs, and how long ago its configuration was taken. Older than your last change: it was refused, or the reload "
        "forgotten; `steadyline status` says which.",
        (Column("configured ago", queries.by(f"{PLACE}, version", joined), "s", 0),),
        labels=("job", "version", "instance"),
        empty="None of them is scraped.",
        span=12,
        height=8,
    )
