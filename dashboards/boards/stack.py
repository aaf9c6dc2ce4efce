"""The board "stack health": whether what measures, judges and alerts is itself well, and what it costs."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, bars, dashed, graph, now, number, over_time, value
from dashboards.queries import BACKEND, RATE, select
from dashboards.table import Column, of
from dashboards.variables import datasource
from steadyline import upstream
from steadyline.boards import Board
from steadyline.durations import promql, spoken
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_JOB, LOAD_WORKER_CPU, LOAD_WORKER_LAG
from steadyline.severity import Severity
from steadyline.vocabulary import (
    BUILD_INFO,
    COLLECTOR_DURATION,
    COLLECTOR_SUCCESS,
    EXPORTER_JOB,
    PROCESS_CPU,
    RELOAD_SUCCESS,
    RELOAD_TIMESTAMP,
    RUNS_SKIPPED,
    SCHEDULE_DELAY,
    AlertName,
    Metric,
)

RECENT_SECONDS = 3600.0
"""What failed within this time is counted."""
STAYING = (EXPORTER_JOB, upstream.PROMETHEUS_JOB, upstream.ALERTMANAGER_JOB)
SLOWEST = 8
"""Groups of rules that are shown by name."""
MINUTE_SECONDS = 60
NOTIFIED_SECONDS = 300.0
"""Prometheus tells Alertmanager once a minute that an alert still fires: over less, the line would fall to 0 between."""
_RECENT = promql(RECENT_SECONDS)
_BUILDS = f"{upstream.PROMETHEUS_BUILD.name} or {upstream.ALERTMANAGER_BUILD.name}"
_PLACE = "job, instance"


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(Board.STACK, "Is what measures, judges and alerts itself well, and what does it cost?", (datasource(),))
    for panel in (
        holding,
        targets,
        rules,
        slowest_rules,
        notifications,
        alerts,
        schedule,
        processor,
        storage,
        collectors,
        generator,
        versions,
    ):
        made = made.with_panel(panel())
    return numbered(made.build())


def _jobs(*jobs: str) -> str:
    return f'job=~"{"|".join(jobs)}"'


def _sum(expression: str) -> str:
    """Over all who tell; 0 where nothing is wrong, and nothing where nobody tells."""
    return f"sum({expression})"


def _alerting(name: str) -> str:
    return f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)'


def _increase(metric: Metric) -> str:
    return f"increase({metric.name}[{_RECENT}])"


def _wrong() -> Iterator[tuple[str, str, Severity]]:
    """What should be 0: its name, its query, and how bad it is."""
    reloads = " or ".join(metric.name for metric in (RELOAD_SUCCESS, upstream.PROMETHEUS_RELOAD, upstream.ALERTMANAGER_RELOAD))
    unsent = f"{_increase(upstream.ALERTS_NOT_SENT)} or {_increase(upstream.ALERTS_DROPPED)}"
    yield "targets down", _sum(f"{select(upstream.UP, _jobs(*STAYING))} == bool 0"), Severity.CRITICAL
    yield "rules failed", f"ceil({_sum(_increase(upstream.RULE_FAILURES))})", Severity.CRITICAL
    yield "rule rounds missed", f"ceil({_sum(_increase(upstream.RULE_GROUP_MISSED))})", Severity.WARNING
    yield "alerts not sent", f"ceil({_sum(unsent)})", Severity.CRITICAL
    yield "notifications failed", f"ceil({_sum(_increase(upstream.NOTIFICATIONS_FAILED))})", Severity.CRITICAL
    yield "reloads refused", _sum(f"({reloads}) == bool 0"), Severity.WARNING
    yield "collectors failing", _sum(f"{COLLECTOR_SUCCESS.name} == bool 0"), Severity.WARNING
    yield "baselines in drift", _alerting(AlertName.BASELINE_DRIFT), Severity.WARNING


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
    said = colours.words_for({"1": ("firing", colours.QUIET), "0": ("silent", colours.COLOURS[Severity.CRITICAL])})
    panel = panel.with_target(now(_alerting(AlertName.WATCHDOG), "watchdog", "A")).override_by_name(
        "watchdog", [value("mappings", said), value("thresholds", colours.one_wanted().build())]
    )
    for ref, (name, expression, severity) in zip("BCDEFGHI", _wrong(), strict=True):
        panel = panel.with_target(now(expression, name, ref)).override_by_name(
            name, [value("thresholds", colours.none_wanted(severity).build())]
        )
    return panel.decimals(0)


def _of_target(metric: Metric) -> str:
    return queries.by(_PLACE, select(metric, _jobs(*STAYING, LOAD_JOB)))


_UP = colours.words_for({"1": ("up", colours.QUIET), "0": ("down", colours.COLOURS[Severity.CRITICAL])})
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


_SHARE = f"{upstream.RULE_GROUP_DURATION.name} / {upstream.RULE_GROUP_INTERVAL.name}"


def rules() -> timeseries.Panel:
    """How much of their interval the groups of rules take."""
    panel = graph(
        "Rule time, share of the interval",
        "The slowest group and the mean of all. At the dashed line a group is not done when it should begin again: rounds are "
        "missed, and alerts come late. Prometheus needs more cores, or fewer operations are to be scheduled.",
        "percentunit",
        empty="Prometheus evaluates no rules: `steadyline status`.",
        span=7,
    )
    panel = panel.thresholds(colours.share()).thresholds_style(dashed())
    return panel.with_target(over_time(f"max({_SHARE})", "slowest group")).with_target(
        over_time(f"avg({_SHARE})", "mean", "B")
    )


def slowest_rules() -> bargauge.Panel:
    """Which groups of rules are slow."""
    panel = bars(
        "Slowest rule groups, share of interval",
        "A group is one operation's rules. One that stands out has many series: too many targets or bucket edges. All alike: "
        "Prometheus is short of processor, see the cores below.",
        "percentunit",
        empty="Prometheus evaluates no rules.",
        span=7,
    )
    named = f'label_replace({_SHARE}, "group", "$1", "rule_group", ".*;(.+)")'
    expression = f"topk({SLOWEST}, {queries.by('group', named)})"
    return panel.with_target(now(expression, "{{group}}")).thresholds(colours.share()).min(0).max(1)


def _a_minute(labels: str, metric: Metric) -> str:
    return f"{MINUTE_SECONDS} * {queries.rate(labels, metric.name, promql(NOTIFIED_SECONDS))}"


def notifications() -> timeseries.Panel:
    """What Prometheus sends to Alertmanager, and what that sends on."""
    panel = graph(
        "Notifications per minute",
        "Over five minutes. Prometheus sends each alert to Alertmanager again while it fires, the watchdog too, so 0 means "
        "that it reaches none. Alertmanager sends on by integration; failures name theirs, and its log says why.",
        "cpm",
        empty="Neither Prometheus nor Alertmanager is scraped.",
        span=8,
    )
    lost = f"{_a_minute('job', upstream.ALERTS_NOT_SENT)} + {_a_minute('job', upstream.ALERTS_DROPPED)}"
    return (
        panel.with_target(over_time(_a_minute("job", upstream.ALERTS_SENT), "alerts sent to Alertmanager", "A"))
        .with_target(over_time(f"{lost} > 0", "alerts not sent", "B"))
        .with_target(over_time(f"{_a_minute('integration', upstream.NOTIFICATIONS)} > 0", "{{integration}} tried", "C"))
        .with_target(
            over_time(f"{_a_minute('integration', upstream.NOTIFICATIONS_FAILED)} > 0", "{{integration}} failed", "D")
        )
    )


def alerts() -> timeseries.Panel:
    """What Alertmanager holds."""
    panel = graph(
        "Alerts at Alertmanager, by state",
        "active reaches people; suppressed is silenced or inhibited, as warnings are under a critical. Suppressed for days: a "
        "forgotten silence. Fewer active here than fire in Prometheus: they do not arrive.",
        "none",
        empty="Alertmanager is not scraped.",
        span=8,
    )
    held = f"sum by (state, instance) ({upstream.ALERTS_HELD.name})"  # newer ones may part them by group, too
    return panel.with_target(over_time(queries.by("state", held), "{{state}}"))


def schedule() -> timeseries.Panel:
    """How late attempts begin, and how many are left out."""
    panel = graph(
        "Schedule: delay and skipped starts",
        "95th percentile of how late probes begin, and on the right starts that were left out, since the attempt before was "
        "under way. Both should be near 0: else the machine is overloaded, or an operation takes longer than its cadence.",
        "s",
        empty="The exporter probes nothing.",
        span=8,
    )
    skipped = f"{queries.rate(BACKEND, RUNS_SKIPPED.name)} > 0"
    return (
        panel.with_target(
            over_time(f"histogram_quantile(0.95, {queries.rate('le', f'{SCHEDULE_DELAY.name}_bucket')})", "delay p95")
        )
        .with_target(over_time(skipped, "skipped {{backend}}", "B"))
        .override_by_query("B", [value("unit", "reqps"), value("custom.axisPlacement", "right")])
    )


def processor() -> timeseries.Panel:
    """Processor time of all that is ours."""
    panel = graph(
        "Cores in use, by process",
        "Processes that the exporter watches, and what Prometheus and Alertmanager say of themselves. The whole of it is what "
        "the stack costs. A process that measures and is near one core measures itself: probe less often, or elsewhere.",
        "none",
        empty="No process is watched.",
        span=8,
    )
    themselves = f"rate({upstream.CPU.name}[{RATE}]) and on ({_PLACE}) ({_BUILDS})"
    return panel.with_target(over_time(queries.rate("process", PROCESS_CPU.name), "{{process}}")).with_target(
        over_time(queries.by(_PLACE, themselves), "{{job}} {{instance}}", "B")
    )


def storage() -> timeseries.Panel:
    """How much Prometheus holds, takes in, and keeps on disk."""
    panel = graph(
        "Series, samples per second, bytes on disk",
        "Series that Prometheus holds, samples that it takes in a second, and on the right its blocks on disk, 0 in its first "
        "hours. Series that grow without new operations are a label that is not bounded; the disk follows the samples.",
        "short",
        empty="Prometheus does not scrape itself.",
        span=8,
    )
    return (
        panel.with_target(over_time(queries.by("instance", upstream.HEAD_SERIES.name), "series", "A"))
        .with_target(over_time(queries.rate("instance", upstream.SAMPLES_APPENDED.name), "samples per second", "B"))
        .with_target(over_time(queries.by("instance", upstream.BLOCKS_BYTES.name), "on disk", "C"))
        .override_by_query("C", [value("unit", "bytes"), value("custom.axisPlacement", "right")])
    )


def collectors() -> timeseries.Panel:
    """How long the parts of the exporter's page take."""
    panel = graph(
        "Collectors: seconds at a scrape",
        "Parts of the exporter's page. One that hangs is cut off and costs its own series only, until it answers again; the "
        "exporter's log says why. All of them rise together: the machine is overloaded.",
        "s",
        empty="The exporter is not scraped.",
        span=8,
    )
    return panel.with_target(over_time(queries.by("collector", COLLECTOR_DURATION.name), "{{collector}}"))


def generator() -> timeseries.Panel:
    """Whether a load run's workers keep up."""
    panel = graph(
        "Load generator: cores and lag, by worker",
        "Of the run under way: processor of each worker, and on the right how late it wakes. Near one core, or late by more "
        "than the latencies that it measures, the generator is the bottleneck: more workers, or fewer users.",
        "none",
        empty="No load run in the time shown.",
    )
    return (
        panel.with_target(over_time(queries.by("worker", LOAD_WORKER_CPU.name), "cores, worker {{worker}}", "A"))
        .with_target(over_time(queries.by("worker", LOAD_WORKER_LAG.name), "lag, worker {{worker}}", "B"))
        .override_by_query("B", [value("unit", "s"), value("custom.axisPlacement", "right")])
    )


def versions() -> table.Panel:
    """Which versions run, and since when with what they are configured."""
    reloaded = " or ".join(
        metric.name for metric in (RELOAD_TIMESTAMP, upstream.PROMETHEUS_RELOADED, upstream.ALERTMANAGER_RELOADED)
    )
    joined = f"(time() - ({reloaded})) * on ({_PLACE}) group_left (version) ({BUILD_INFO.name} or {_BUILDS})"
    return of(
        "Versions, and age of their configuration",
        "What runs, and how long ago its configuration was taken. Older than your last change: it was refused, or the reload "
        "forgotten; `steadyline status` says which.",
        (Column("configured ago", queries.by(f"{_PLACE}, version", joined), "s", 0),),
        labels=("job", "version", "instance"),
        empty="None of them is scraped.",
        span=12,
        height=8,
    )
