"""The board "load": what a load run asks for, what it gets, and whether it keeps its criteria."""

from grafana_foundation_sdk.builders import statetimeline, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, queries
from dashboards.board import empty, numbered
from dashboards.panel import COLUMNS, graph, line, over_time, timeline, value
from dashboards.variables import datasource, operation, target
from steadyline.boards import Board
from steadyline.load_vocabulary import (
    LOAD_ARRIVAL_RATE,
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_DROPPED,
    LOAD_PHASE,
    LOAD_RESPONSE,
    LOAD_SATURATED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    LOAD_WORKER_CPU,
    LOAD_WORKER_LAG,
)
from steadyline.severity import Severity
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, Driver, Metric

_WHO = "{{operation}} {{target}}"
_BROKEN = colours.COLOURS[Severity.CRITICAL]


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.LOAD,
        "What a load run asks for, what it gets, and whether it keeps its criteria.",
        (datasource(), operation(), target()),
    )
    for panel in (kept, criteria, users, requests, latency, drops, generator):
        made = made.with_panel(panel())
    return numbered(made.build())


def kept() -> statetimeline.Panel:
    """When which criterion was kept."""
    panel = timeline(
        "Criteria kept",
        "What `--expect` and the settings' `expectations` ask of this run. Nothing is shown before a criterion has a full "
        "window of the steady phase; broken stays broken until the run ends.",
        empty="No criterion was asked for, or none has a full window yet.",
    )
    return (
        panel.with_target(over_time(f"min by (criterion) ({LOAD_CRITERION_MET.name})", "{{criterion}}"))
        .mappings(colours.words_for({"1": ("kept", colours.QUIET), "0": ("broken", _BROKEN)}))
        .thresholds(colours.plain())
        .show_value(common_models.VisibilityMode.AUTO)
    )


def criteria() -> timeseries.Panel:
    """Each criterion's value, and its limit as a line."""
    panel = graph(
        "Criteria: value against limit",
        "The latest window's value of each criterion, and its limit, dashed; seconds, a fraction of the attempts, or per "
        "second. A value that nears its limit as users rise shows where the knee is.",
        "none",
    )
    return (
        panel.with_target(over_time(f"max by (criterion) ({LOAD_CRITERION_VALUE.name})", "{{criterion}}"))
        .with_target(over_time(f"max by (criterion) ({LOAD_CRITERION_LIMIT.name})", "limit of {{criterion}}", "B"))
        .override_by_regexp("/^limit of /", line(_BROKEN))
    )


def users() -> timeseries.Panel:
    """Users, those there should be, and the steady phase."""
    panel = graph(
        "Users",
        "Active users by class, and how many there should be, dashed. The filled stretches are the steady phase: criteria and "
        "baselines are judged there only. Fewer than there should be: the generator cannot start them fast enough.",
        "none",
    )
    steady = f'max({LOAD_PHASE.name}{{phase="steady"}}) * sum({LOAD_TARGET_USERS.name})'
    return (
        panel.with_target(over_time(f"sum by (user_class) ({LOAD_USERS.name})", "{{user_class}}"))
        .with_target(over_time(f"sum({LOAD_TARGET_USERS.name})", "target", "B"))
        .with_target(over_time(steady, "steady", "C"))
        .override_by_name("target", line())
        .override_by_name("steady", [*line(colours.BLUE, dashed=False, width=0), value("custom.fillOpacity", 10)])
    )


def _of(metric: Metric, suffix: str = "") -> str:
    return queries.select(metric, *queries.CHOSEN, f'driver="{Driver.LOAD}"', suffix=suffix)


def _rate(metric: Metric, by: str = queries.ROW, suffix: str = "") -> str:
    return f"sum by ({by}) (rate({_of(metric, suffix)}[$__rate_interval]))"


def requests() -> timeseries.Panel:
    """Successes and failures a second."""
    panel = graph(
        "Requests per second",
        "Successes by operation, and failures by reason. If successes stop rising while users rise, the target, or the "
        "generator, is at its end.",
        "reqps",
    )
    failures = f"{_rate(OPERATION_FAILURES, f'{queries.ROW}, reason')} > 0"
    return panel.with_target(over_time(_rate(OPERATION_DURATION, suffix="_count"), _WHO)).with_target(
        over_time(failures, "failed: {{reason}} " + _WHO, "B")
    )


def latency() -> timeseries.Panel:
    """The 95th percentile of the service time, and of the response time from the intended start."""
    panel = graph(
        "95th percentile: service and response",
        "Service: from when a request was sent. Response, dashed, in the open model: from when it was meant to start. Where "
        "they part, requests wait for a free user, which a closed model would hide.",
        "s",
    )

    def quantile(metric: Metric) -> str:
        return f"histogram_quantile(0.95, {_rate(metric, f'{queries.ROW}, le', '_bucket')}) >= 0"

    return (
        panel.with_target(over_time(quantile(OPERATION_DURATION), _WHO))
        .with_target(over_time(quantile(LOAD_RESPONSE), "response " + _WHO, "B"))
        .override_by_regexp("/^response /", [line()[1]])
    )


def drops() -> timeseries.Panel:
    """Starts of the open model that did not happen, beside those asked for."""
    panel = graph(
        "Open model: starts asked for, and dropped",
        "Starts per second that the open model asks for, and those that no user was free for, or whose worker was lost. "
        "Above 0: more users, or the target takes longer than this rate allows.",
        "reqps",
    )
    dropped = f"sum by (reason) (rate({LOAD_DROPPED.name}[$__rate_interval]))"
    return (
        panel.with_target(over_time(f"sum({LOAD_ARRIVAL_RATE.name})", "asked for"))
        .with_target(over_time(dropped, "dropped: {{reason}}", "B"))
        .override_by_name("asked for", line())
        .no_value("A closed model: each user asks again when it has its answer.")
    )


def generator() -> timeseries.Panel:
    """Whether the generator is the bottleneck itself."""
    panel = graph(
        "Generator: processor, lag and saturation",
        "Of each worker the share of a core it uses, how late its greenlets wake (seconds), and 1 where it is saturated: then "
        "its latencies are its own, and the run ends with exit code 3. Run more workers.",
        "none",
        span=COLUMNS,
    )
    return (
        panel.with_target(over_time(f"max by (worker, instance) ({LOAD_WORKER_CPU.name})", "core used, worker {{worker}}"))
        .with_target(over_time(f"max by (worker, instance) ({LOAD_WORKER_LAG.name})", "lag, worker {{worker}}", "B"))
        .with_target(over_time(f"max by (worker, instance) ({LOAD_SATURATED.name})", "saturated, worker {{worker}}", "C"))
        .override_by_regexp("/^saturated/", line(_BROKEN, dashed=False, width=2))
    )
