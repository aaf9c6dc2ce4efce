"""What a load run asks and gets: its requests, how long they take, how they fail, and how late they start."""

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards import colours, latest, links, queries, runs
from dashboards.colours import BAD
from dashboards.panel import graph, line, now, number, over_time, value
from dashboards.queries import CHOSEN, DRIVER, OPERATION, TARGET, select
from dashboards.runs import LOAD, peak
from dashboards.words import NO_FAILURES, NO_RUN, NO_RUN_AT_ZOOM
from steadyline.boards import Board
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_DROPPED, LOAD_RESPONSE
from steadyline.promql import ladder_edges
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, SCHEDULE_DELAY, Driver, Metric

_CLOSED = "No run of the open model: in the closed one users ask again when they have their answer."
_WHO = "{{operation}} {{target}}"
_QUANTILES = (0.5, 0.95, 0.99)


def figures() -> stat.Panel:
    """What it asked, and how much of that went wrong."""
    panel = number(
        "What it gets",
        "Of the newest run chosen, from its start to its end, or so far; all operations chosen together: successes a second, "
        "the share of attempts that failed, the share of starts that the open model dropped, the 95th percentile of the "
        "successes. The graphs show how it was at a time.",
        "percentunit",
        span=10,
        empty=NO_RUN,
    )
    failed = latest.total(_of_all(OPERATION_FAILURES, runs.FAILED))
    successes = latest.total(_of_all(OPERATION_DURATION, suffix="_count"))
    dropped, begun = latest.total(LOAD_DROPPED.name), latest.total(select(SCHEDULE_DELAY, LOAD, suffix="_count"))
    plain = value("thresholds", colours.plain().build())
    return (
        panel.with_target(now(f"{successes} / {latest.seconds()}", "requests"))
        .with_target(now(f"{failed} / ({successes} + {failed} > 0)", "failed", "B"))
        .with_target(now(f"{dropped} / ({dropped} + {begun} > 0)", "dropped", "C"))
        .with_target(now(latest.quantile(0.95, _buckets(OPERATION_DURATION)), "p95", "D"))
        .thresholds(colours.failing())
        .override_by_name("requests", [value("unit", "reqps"), plain])
        .override_by_name("p95", [value("unit", "s"), plain])
        .decimals(1)
    )


def requests() -> timeseries.Panel:
    """Successes, failures, starts asked for and dropped, a second."""
    panel = graph(
        "Requests per second, failed and dropped",
        "Successes and failures of all operations chosen. Dashed, in the open model: the starts asked for; dropped are those "
        "that no user was free for, or whose worker was lost. If successes stop rising while users rise, the target or the "
        "generator is at its end. Dropped above 0: more users, or the target takes longer than this rate allows.",
        "reqps",
        empty=NO_RUN_AT_ZOOM,
    )
    return (
        panel.with_target(over_time(_rate(OPERATION_DURATION, suffix="_count"), "succeeded"))
        .with_target(over_time(_rate(OPERATION_FAILURES, runs.FAILED), "failed", "B"))
        .with_target(over_time(runs.rated("reason", LOAD_DROPPED.name), "dropped: {{reason}}", "C"))
        .with_target(over_time(f"sum({peak(LOAD_ARRIVAL_RATE.name)})", "asked for", "D"))
        .override_by_name("failed", line(BAD, dashed=False))
        .override_by_name("asked for", line())
    )


def latency() -> timeseries.Panel:
    """Quantiles of the service time, and of the response time from the intended start."""
    panel = graph(
        "Latency p50, p95, p99: service, response",
        "All operations chosen together. Service: from when a request was sent. Response, dashed, in the open model: from "
        "when it was meant to start. Where they part, requests wait for a free user, which a closed model would hide.",
        "s",
        empty=NO_RUN_AT_ZOOM,
    )
    for ref, q in zip("ABC", _QUANTILES, strict=True):
        panel = panel.with_target(over_time(_all_quantile(q, OPERATION_DURATION), f"p{q * 100:g}", ref))
    for ref, q in zip("DEF", _QUANTILES, strict=True):
        panel = panel.with_target(over_time(_all_quantile(q, LOAD_RESPONSE), f"response p{q * 100:g}", ref))
    return panel.override_by_regexp("/^response /", [line()[1]])


def slowest() -> timeseries.Panel:
    """The 95th percentile of each operation."""
    panel = graph(
        "p95 of each operation, service time",
        "Where one rises alone, it is that operation; where all do, what they share: the target, its machine, the generator. "
        "The link shows the operation's own figures.",
        "s",
        empty=NO_RUN_AT_ZOOM,
    )
    expression = runs.quantile(0.95, queries.ROW, select(OPERATION_DURATION, LOAD, *CHOSEN, suffix="_bucket"))
    return panel.with_target(over_time(expression, _WHO)).data_links([links.data(to_operation())])


def failures() -> timeseries.Panel:
    """Failures a second, by operation and reason."""
    panel = graph(
        "Failures per second, by reason",
        "The reason says where to look: connect, dns and tls at the network, timeout and server_error at the target, "
        "integrity at a wrong answer. Many connect or timeout, none at low load: past the knee, and `--shape breakpoint` "
        "says where it is. `cancelled` is what the end of a run, or of a worker, cut short.",
        "reqps",
        empty=NO_FAILURES,
    )
    expression = runs.rated("operation, target, reason", select(OPERATION_FAILURES, LOAD, *CHOSEN, runs.WHOLE))
    shown = panel.with_target(over_time(f"{expression} > 0", "{{reason}}: " + _WHO)).fill_opacity(30)
    return shown.data_links([links.data(to_operation())])


def lateness() -> timeseries.Panel:
    """How much later than they were meant to requests start."""
    panel = graph(
        "Schedule lag: how late requests start",
        "In the open model the mean and the 99th percentile of how long after its intended start a request began: the "
        "response time less the service time. It rises when no user is free: more users, or less load.",
        "s",
        empty=_CLOSED,
    )
    return panel.with_target(
        over_time(f"{_rate(SCHEDULE_DELAY, suffix='_sum')} / {_rate(SCHEDULE_DELAY, suffix='_count')}", "mean")
    ).with_target(over_time(_all_quantile(0.99, SCHEDULE_DELAY), "p99", "B"))


def to_operation() -> links.DataLink:
    """A line's link: its operation's own figures under load."""
    chosen_there = {label: f"${{__field.labels.{label}}}" for label in (OPERATION, TARGET)} | {DRIVER: Driver.LOAD}
    return links.to(Board.OPERATION, "Figures of this operation under load", chosen_there)


def _of_all(metric: Metric, *matchers: str, suffix: str = "") -> str:
    """Of all operations that are chosen together; a flow's steps count, and not the flow too."""
    return select(metric, LOAD, *CHOSEN, runs.WHOLE, *matchers, suffix=suffix)


def _buckets(metric: Metric) -> str:
    """The same of a histogram: by the edges that all of them have."""
    return _of_all(metric, f'le=~"{ladder_edges()}"', suffix="_bucket")


def _rate(metric: Metric, *matchers: str, suffix: str = "") -> str:
    return runs.rated("", _of_all(metric, *matchers, suffix=suffix))


def _all_quantile(q: float, metric: Metric) -> str:
    return runs.quantile(q, "", _buckets(metric))
