"""The board "load": is the run alright, what does it ask, what does it get, and can its generator be trusted."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.models import dashboard as models

from dashboards import colours, links, queries, runs
from dashboards.board import empty, numbered
from dashboards.colours import words_for
from dashboards.panel import COLUMNS, dashed, graph, line, number, over_time, value
from dashboards.queries import CHOSEN, select
from dashboards.runs import LOAD, chosen
from dashboards.table import Column, of
from dashboards.variables import ALL, asked, datasource, operation, target
from steadyline.boards import Board
from steadyline.load_vocabulary import (
    LOAD_ARRIVAL_RATE,
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_MET,
    LOAD_CRITERION_VALUE,
    LOAD_DROPPED,
    LOAD_OVERFLOW,
    LOAD_PHASE,
    LOAD_REPORTS_LOST,
    LOAD_RESPONSE,
    LOAD_SATURATED,
    LOAD_STARTED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    LOAD_WORKER_CPU,
    LOAD_WORKER_LAG,
    LOAD_WORKER_RESIDENT,
    LOAD_WORKER_UP,
    LOAD_WORKER_USERS,
    RUN_END,
    Phase,
)
from steadyline.promql import ladder_edges
from steadyline.severity import Severity
from steadyline.vocabulary import (
    LOWER99_FAST,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    RATIO_FAST,
    SCHEDULE_DELAY,
    Metric,
)

_BAD, _ODD = colours.COLOURS[Severity.CRITICAL], colours.COLOURS[Severity.WARNING]
_NO_RUN = "No load run in the time shown."
_CLOSED = "A closed model: users ask again when they have their answer."
_ASKED = select(LOAD_STARTED)
_WHO = "{{operation}} {{target}}"
_QUANTILES = (0.5, 0.95, 0.99)
_PHASES = {
    "1": (Phase.RAMP, colours.BLUE),
    "2": (Phase.STEADY, colours.QUIET),
    "3": (Phase.STOP, colours.GREY),
    "4": ("ended", colours.GREY),
}
"""As `_phase` numbers them."""


def board() -> models.Dashboard:
    """The whole board."""
    run = asked(runs.RUN, "Run", runs.newest_first("$__range"), runs.NAMED)
    made = empty(
        Board.LOAD,
        "Is the load run alright, what does it ask and get, does it keep its criteria, and can its generator be trusted?",
        (
            datasource(),
            run.multi(True).include_all(True).all_value(".*").current(ALL),
            operation(_ASKED),
            target(_ASKED),
        ),
    )
    for panel in (alright, figures):
        made = made.with_panel(panel())
    for graphs in (users, requests, latency, slowest, failures, lateness):
        made = made.with_panel(graphs())
    made = made.with_panel(criteria()).with_panel(ratio()).with_row(builders.Row("Workers"))
    return numbered(made.with_panel(workers()).with_panel(cores()).with_panel(lag()).build())


def alright() -> stat.Panel:
    """Phase, criteria, and whether the generator can be trusted."""
    panel = number(
        "Is the run alright?",
        "Of the latest run chosen. A broken criterion fails the run: the table below names it. A saturated worker measures "
        "itself: do not trust the latencies, run more workers (`--processes`). Lost workers and reports are missing from all "
        "figures. Names beyond the cap are counted as `overflow`: give requests a name.",
        span=14,
        empty=_NO_RUN,
    )
    counts = {
        "criteria broken": (f"sum({_latest(LOAD_CRITERION_MET)} == bool 0)", Severity.CRITICAL),
        "workers saturated": (f"sum({_latest(LOAD_SATURATED)})", Severity.CRITICAL),
        "workers lost": (f"sum({_latest(LOAD_WORKER_UP)} == bool 0)", Severity.CRITICAL),
        "reports lost": (f"sum({_latest(LOAD_REPORTS_LOST)})", Severity.CRITICAL),
        "names beyond cap": (f"sum({_latest(LOAD_OVERFLOW)})", Severity.WARNING),
    }
    panel = panel.with_target(over_time(_phase(), "phase")).override_by_name("phase", [value("mappings", words_for(_PHASES))])
    for ref, (name, (expression, severity)) in zip("BCDEF", counts.items(), strict=True):
        level = colours.none_wanted(severity).build()
        panel = panel.with_target(over_time(expression, name, ref)).override_by_name(name, [value("thresholds", level)])
    return panel.thresholds(colours.plain())


def _phase() -> str:
    """Which one it is in, as a number."""
    under_way = [f'{number} * {LOAD_PHASE.name}{{phase="{phase}"}}' for number, (phase, _) in list(_PHASES.items())[:-1]]
    return f"max({chosen(' or '.join([*under_way, f'4 * ({RUN_END.name} > bool 0)']))})"


def _latest(metric: Metric) -> str:
    """A gauge of the runs that are chosen."""
    return f"({chosen(metric.name)})"


def figures() -> stat.Panel:
    """What it asks, and how much of that goes wrong."""
    panel = number(
        "What it gets",
        "Over the time that the zoom needs, all operations chosen together: successes a second, the share of attempts that "
        "failed, the share of starts that the open model dropped, the 95th percentile of the successes.",
        "percentunit",
        span=10,
        empty=_NO_RUN,
    )
    failed, dropped = _rate(OPERATION_FAILURES, runs.FAILED), runs.rated("", LOAD_DROPPED.name)
    successes, started = _rate(OPERATION_DURATION, suffix="_count"), runs.rated("", LOAD_STARTED.name)
    plain = value("thresholds", colours.plain().build())
    return (
        panel.with_target(over_time(successes, "requests"))
        .with_target(over_time(f"{failed} / ({successes} + {failed})", "failed", "B"))
        .with_target(over_time(f"{dropped} / ({dropped} + {started})", "dropped", "C"))
        .with_target(over_time(_all_quantile(0.95, OPERATION_DURATION), "p95", "D"))
        .thresholds(colours.failing())
        .override_by_name("requests", [value("unit", "reqps"), plain])
        .override_by_name("p95", [value("unit", "s"), plain])
        .decimals(1)
    )


def users() -> timeseries.Panel:
    """Users, those there should be, and the steady phase."""
    panel = graph(
        "Users, and those there should be",
        "Active users by class, and how many there should be, dashed. The filled stretches are the steady phase: criteria and "
        "baselines are judged there only. Fewer than there should be: the generator cannot start them fast enough.",
        "none",
        empty=_NO_RUN,
    )
    phase = f'{LOAD_PHASE.name}{{phase="{Phase.STEADY}"}}'
    wanted = f"sum({chosen(LOAD_TARGET_USERS.name)})"
    return (
        panel.with_target(over_time(f"sum by (user_class) ({chosen(LOAD_USERS.name)})", "{{user_class}}"))
        .with_target(over_time(wanted, "target", "B"))
        .with_target(over_time(f"max({chosen(phase)}) * {wanted}", "steady", "C"))
        .override_by_name("target", line())
        .override_by_name("steady", [*line(colours.BLUE, dashed=False, width=0), value("custom.fillOpacity", 10)])
        .decimals(0)
    )


def requests() -> timeseries.Panel:
    """Successes, failures, starts asked for and dropped, a second."""
    panel = graph(
        "Requests per second, failed and dropped",
        "Successes and failures of all operations chosen. Dashed, in the open model: the starts asked for; dropped are those "
        "that no user was free for, or whose worker was lost. If successes stop rising while users rise, the target or the "
        "generator is at its end. Dropped above 0: more users, or the target takes longer than this rate allows.",
        "reqps",
        empty=_NO_RUN,
    )
    return (
        panel.with_target(over_time(_rate(OPERATION_DURATION, suffix="_count"), "succeeded"))
        .with_target(over_time(_rate(OPERATION_FAILURES, runs.FAILED), "failed", "B"))
        .with_target(over_time(runs.rated("reason", LOAD_DROPPED.name), "dropped: {{reason}}", "C"))
        .with_target(over_time(f"sum({chosen(LOAD_ARRIVAL_RATE.name)})", "asked for", "D"))
        .override_by_name("failed", line(_BAD, dashed=False))
        .override_by_name("asked for", line())
    )


def latency() -> timeseries.Panel:
    """Quantiles of the service time, and of the response time from the intended start."""
    panel = graph(
        "Latency p50, p95, p99: service, response",
        "All operations chosen together. Service: from when a request was sent. Response, dashed, in the open model: from "
        "when it was meant to start. Where they part, requests wait for a free user, which a closed model would hide.",
        "s",
        empty=_NO_RUN,
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
        empty=_NO_RUN,
    )
    expression = runs.quantile(0.95, queries.ROW, select(OPERATION_DURATION, LOAD, *CHOSEN, suffix="_bucket"))
    return panel.with_target(over_time(expression, _WHO)).data_links([links.data(links.to_operation())])


def failures() -> timeseries.Panel:
    """Failures a second, by operation and reason."""
    panel = graph(
        "Failures per second, by reason",
        "The reason says where to look: connect, dns and tls at the network, timeout and server_error at the target, "
        "integrity at a wrong answer. Many connect or timeout, none at low load: past the knee, and `--shape breakpoint` "
        "says where it is. `cancelled` is what the end of a run, or of a worker, cut short.",
        "reqps",
        empty="No failures.",
    )
    expression = runs.rated("operation, target, reason", select(OPERATION_FAILURES, LOAD, *CHOSEN, runs.WHOLE))
    shown = panel.with_target(over_time(f"{expression} > 0", "{{reason}}: " + _WHO)).fill_opacity(30)
    return shown.data_links([links.data(links.to_operation())])


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


def criteria() -> table.Panel:
    """Each criterion of each run with its value, its limit and its state."""
    words = words_for({"1": ("kept", colours.QUIET), "0": ("broken", _BAD)})
    return of(
        "Criteria: value, limit and state",
        "What `--expect` and the settings' `expectations` ask of the run. The value is that of the latest window; seconds, a "
        "fraction of the attempts, or per second. Broken stays broken until the run ends, though the value may be back. "
        "Without a state it has no full window of the steady phase yet.",
        (
            Column("state", runs.last("criterion", LOAD_CRITERION_MET.name), decimals=0, mappings=words, width=80),
            Column("value", runs.last("criterion", LOAD_CRITERION_VALUE.name), decimals=3, width=80),
            Column("limit", runs.last("criterion", LOAD_CRITERION_LIMIT.name), decimals=3, width=80),
        ),
        labels=("criterion", "run"),
        empty="No criterion was asked for: `--expect`.",
        span=12,
        height=8,
    ).override_by_name("run", [value("custom.width", 120)])


def ratio() -> timeseries.Panel:
    """R against the baselines of the run's profile."""
    panel = graph(
        "Ratio to the profile's baseline",
        "Of runs whose profile has baselines, in windows of the steady phase; 1 is the baseline, more is slower. Dashed, its "
        "lower limit: only where that is above a level, too, the slowdown is sure. Other load has no ratio.",
        "none",
        empty="No baselines of this profile and load: `steadyline load --profile low --record`.",
    )
    who = _WHO + " {{profile}}"
    labels = f"{queries.ROW}, profile"
    return (
        panel.with_target(over_time(queries.by(labels, select(RATIO_FAST, LOAD, *CHOSEN)), who))
        .with_target(over_time(queries.by(labels, select(LOWER99_FAST, LOAD, *CHOSEN)), "at least: " + who, "B"))
        .override_by_regexp("/^at least: /", [line()[1]])
        .thresholds(colours.ratios())
        .thresholds_style(dashed())
        .data_links([links.data(links.to_operation())])
    )


def workers() -> table.Panel:
    """Each worker at the end of the time shown, or of its run."""
    up = words_for({"1": ("reports", colours.QUIET), "0": ("lost", _BAD)})
    saturated = words_for({"0": ("no", colours.QUIET), "1": ("yes", _BAD)})
    facts = (
        Column("worker is", runs.last("worker", LOAD_WORKER_UP.name), decimals=0, mappings=up),
        Column("saturated", runs.last("worker", LOAD_SATURATED.name), decimals=0, mappings=saturated),
        Column("users", runs.last("worker", LOAD_WORKER_USERS.name), decimals=0),
        Column("core used", runs.last("worker", LOAD_WORKER_CPU.name), "percentunit", 0),
        Column("lag", runs.last("worker", LOAD_WORKER_LAG.name), "s", None),
        Column("resident memory", runs.last("worker", LOAD_WORKER_RESIDENT.name), "bytes", 0),
    )
    return of(
        "Workers, latest",
        "As each last reported. Lost: its process or its machine is gone, its users and counts with it, and the run ends with "
        "exit code 3. Saturated: it is the bottleneck itself. Users should be spread evenly.",
        facts,
        labels=("worker", "run"),
        empty=_NO_RUN,
        worst_first=("saturated",),
        span=COLUMNS,
        height=6,
    )


def cores() -> timeseries.Panel:
    """The share of a core that each worker uses."""
    panel = graph(
        "Core used by each worker",
        "A Locust worker uses one core at most: near 100 % it is the bottleneck, and latencies are its own. Run more of them "
        "(`--processes -1`: one for each core), on more machines, or ask for less load.",
        "percentunit",
        empty=_NO_RUN,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_CPU), "worker {{worker}}")).max(1)


def lag() -> timeseries.Panel:
    """How late the greenlets of each worker wake."""
    panel = graph(
        "Event loop lag of each worker",
        "The longest that a greenlet was woken too late since the last report: it is in every latency that the worker "
        "measures. High while its core is free: something blocks the loop, such as a client that does not yield.",
        "s",
        empty=_NO_RUN,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_LAG), "worker {{worker}}"))


def _by_worker(metric: Metric) -> str:
    return queries.by("instance, worker", chosen(metric.name))


def _rate(metric: Metric, *matchers: str, suffix: str = "") -> str:
    """Of all operations that are chosen together; a flow's steps count, and not the flow too."""
    return runs.rated("", select(metric, LOAD, *CHOSEN, runs.WHOLE, *matchers, suffix=suffix))


def _all_quantile(q: float, metric: Metric) -> str:
    """Over all operations that are chosen: by the edges that all of them have."""
    edges = f'le=~"{ladder_edges()}"'
    return runs.quantile(q, "", select(metric, LOAD, *CHOSEN, runs.WHOLE, edges, suffix="_bucket"))
