"""From a rule to people: the rules' time at Prometheus, what it sends, and what Alertmanager holds and sends on."""

from grafana_foundation_sdk.builders import bargauge, timeseries

from dashboards import colours, queries
from dashboards.panel import bars, dashed, graph, now, over_time
from steadyline import upstream
from steadyline.durations import promql
from steadyline.vocabulary import Metric

SLOWEST = 8
"""Groups of rules that are shown by name."""
MINUTE_SECONDS = 60
NOTIFIED_SECONDS = 300.0
"""Prometheus tells Alertmanager once a minute that an alert still fires: over less, the line would fall to 0 between."""
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


def _a_minute(labels: str, metric: Metric) -> str:
    return f"{MINUTE_SECONDS} * {queries.rate(labels, metric.name, promql(NOTIFIED_SECONDS))}"


def alerts() -> timeseries.Panel:
    """What Alertmanager holds."""
    panel = graph(
        "Alerts at Alertmanager, by state",
        "active reaches people; suppressed is silenced or inhibited, as warnings are under a critical; unprocessed has just "
        "come, and waits for its group to be sent. Suppressed for days: a forgotten silence. All of them together are what "
        "fires in Prometheus, the watchdog too: fewer for more than a minute, and they do not arrive.",
        "none",
        empty="Alertmanager is not scraped.",
        span=8,
    )
    held = f"sum by (state, instance) ({upstream.ALERTS_HELD.name})"  # newer ones may part them by group, too
    return panel.with_target(over_time(queries.by("state", held), "{{state}}"))
