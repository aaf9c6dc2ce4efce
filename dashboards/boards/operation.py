"""The board "operation": one operation against its baseline, what it does, how it fails, and how sure a verdict is."""

from grafana_foundation_sdk.builders import heatmap, stat, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards import colours, queries
from dashboards.board import empty, numbered
from dashboards.panel import dashed, graph, line, now, number, over_time, titled
from dashboards.queries import DRIVER, OPERATION, ROW, TARGET, by_row, select
from dashboards.variables import datasource, driver, one, target
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    BASELINE_VALUE,
    BLIND_FACTOR,
    LOWER90_FAST,
    LOWER90_SLOW,
    LOWER99_FAST,
    LOWER99_SLOW,
    OPERATION_BYTES,
    OPERATION_DURATION,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_PHASE,
    OPERATION_STREAK,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_ATTEMPTS,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
    RUNS_SKIPPED,
    SCHEDULE_DELAY,
    SLOW_RUNS,
    UPPER90_SLOW,
)

CHOSEN = queries.chosen(OPERATION, TARGET, DRIVER)
_WHO = "{{target}} {{driver}}"
_NO_BASELINE = "No baseline."
_RECORD = "`steadyline baseline record`"


def board() -> models.Dashboard:
    """The whole board."""
    made = empty(
        Board.OPERATION,
        "One operation against its baseline: is it slower, since when, how surely, and where its time goes.",
        (datasource(), one(OPERATION, "Operation"), target(_OF_OPERATION), driver(_OF_OPERATION)),
    )
    for panel in (severity, ratio, at_least, mean, samples, sight):
        made = made.with_panel(panel())
    for graphs in (latency, limits, heat, traffic, failures, phases, moved, schedule):
        made = made.with_panel(graphs())
    return numbered(made.with_panel(budget()).build())


_OF_OPERATION = select(OPERATION_DURATION, *queries.chosen(OPERATION), suffix="_count")


def severity() -> stat.Panel:
    """The worst alert that fires for it."""
    panel = number(
        "Alert firing now",
        "The worst alert that fires for this operation, on any target chosen; its heading in the runbook says what to do.",
        empty="Not scheduled.",
    )
    worst = f"max({queries.level(ROW, *CHOSEN)})"
    return panel.with_target(now(worst, "alert")).mappings(colours.levels()).thresholds(colours.plain())


def ratio() -> stat.Panel:
    """R of the last run."""
    panel = number(
        "Ratio to the baseline",
        f"Of the last run; above 1 is worse. Warning from {1 + WARNING_DEGRADATION:g}, or the tolerance where that is wider, "
        f"critical from {1 + CRITICAL_DEGRADATION:g}. It alone is no verdict: the lower limit beside it is.",
        empty=_NO_BASELINE,
    )
    return panel.with_target(now(by_row(select(RATIO_FAST, *CHOSEN)), _WHO)).thresholds(colours.ratios()).decimals(2)


def at_least() -> stat.Panel:
    """What the ratio surely is."""
    panel = number(
        "Ratio, at least",
        "The lower 99 % limit of the ratio, of the rule that is surer. Only when it is above the warning level is there an "
        "alert. Far below the ratio: the runs vary much.",
        empty=_NO_BASELINE,
    )
    fast, slow = select(LOWER99_FAST, *CHOSEN), select(LOWER99_SLOW, *CHOSEN)
    surer = by_row(f"{fast} > {slow} or {slow} or {fast}")
    return panel.with_target(now(surer, _WHO)).thresholds(colours.ratios()).decimals(2)


def mean() -> stat.Panel:
    """The mean of the last run."""
    panel = number(
        "Mean of the last run",
        f"Of the successes of one run ({LIVE.samples_per_run} samples): what is held to the baseline.",
        "s",
        empty="No success in the last run.",
    )
    return panel.with_target(now(by_row(select(RUN_MEAN, *CHOSEN)), _WHO)).color_mode(common_models.BigValueColorMode.NONE)


def samples() -> stat.Panel:
    """What the verdict rests on."""
    panel = number(
        "Samples, runs behind it",
        f"Attempts in the last run, and runs that the slow rule has. Under {LIVE.minimum_samples} attempts nothing is judged: "
        "look whether the schedule skips starts.",
        empty="No run yet.",
    )
    return (
        panel.with_target(now(f"min({select(RUN_ATTEMPTS, *CHOSEN)})", "samples"))
        .with_target(now(f"min({select(SLOW_RUNS, *CHOSEN)})", "runs", "B"))
        .thresholds(colours.samples())
        .decimals(0)
    )


def sight() -> stat.Panel:
    """What the baseline can show."""
    panel = number(
        "Slowdowns show from",
        "The smallest slowdown that the baseline shows, as a multiple of what the operation takes now. Coloured: smaller ones "
        f"stay unseen until {_RECORD} gives it a baseline of this machine.",
        "suffix: x",
        empty=_NO_BASELINE,
    )
    shown = by_row(select(BLIND_FACTOR, *CHOSEN))
    return panel.with_target(now(shown, _WHO)).thresholds(colours.blindness()).decimals(1)


def latency() -> timeseries.Panel:
    """Mean and quantiles against the lines of the baseline."""
    panel = graph(
        "Duration against the baseline's band",
        f"Successes of one run ({LIVE.samples_per_run} samples) at each point; p99 over the zoom's range. The mean is what is "
        "judged; a p95 that rises alone points at waiting (locks, pools, garbage collection), all together at the target or "
        "the network. Dashed: baseline, tolerance, warning, critical. None: no baseline, only the budget judges "
        f"({_RECORD}).",
        "s",
        span=14,
        height=9,
    )
    measured = (
        ("mean", by_row(select(RUN_MEAN, *CHOSEN))),
        ("p50", by_row(select(RUN_P50, *CHOSEN))),
        ("p95", by_row(select(RUN_P95, *CHOSEN))),
        ("p99", queries.quantile(0.99, ROW, OPERATION_DURATION, *CHOSEN)),
    )
    held = (
        ("baseline", by_row(select(BASELINE_VALUE, *CHOSEN)), colours.QUIET),
        ("tolerance", queries.tolerated_seconds(*CHOSEN), colours.COLOURS[Severity.INFO]),
        ("warning", queries.warning_seconds(*CHOSEN), colours.COLOURS[Severity.WARNING]),
        ("critical", queries.critical_seconds(*CHOSEN), colours.COLOURS[Severity.CRITICAL]),
    )
    for ref, (name, expression) in zip("ABCD", measured, strict=True):
        panel = panel.with_target(over_time(expression, f"{name} {_WHO}", ref))
    for ref, (name, expression, colour) in zip("EFGH", held, strict=True):
        panel = panel.with_target(over_time(expression, f"{name} {_WHO}", ref))
        panel = panel.override_by_regexp(f"/^{name} /", line(colour))
    return panel.override_by_regexp("/^mean /", line("text", dashed=False, width=2))


def limits() -> timeseries.Panel:
    """R and its limits, by both rules."""
    panel = graph(
        "Ratio and its limits",
        "An alert needs the 99 % limit above the warning level; how bad it is takes the 90 % limit. The fast rule sees one "
        f"run and big steps, the slow one the last {LIVE.slow_runs} runs and small steps. Limits far below the ratio: runs "
        "vary too much.",
        "none",
        span=10,
        height=9,
        empty=_NO_BASELINE,
    )
    series = (
        ("fast", RATIO_FAST),
        ("fast 99 %", LOWER99_FAST),
        ("fast 90 %", LOWER90_FAST),
        ("slow", RATIO_SLOW),
        ("slow 99 %", LOWER99_SLOW),
        ("slow 90 %", LOWER90_SLOW),
        ("slow upper 90 %", UPPER90_SLOW),
    )
    for ref, (name, recorded) in zip("ABCDEFG", series, strict=True):
        panel = panel.with_target(over_time(by_row(select(recorded, *CHOSEN)), f"{name} {_WHO}", ref))
    return panel.thresholds(colours.ratios()).thresholds_style(dashed()).decimals(2)


def heat() -> heatmap.Panel:
    """All durations, over the common ladder."""
    panel = titled(
        heatmap.Panel(),
        "Durations of every success",
        "Every success, by how long it took. Two bands: two kinds of answers, such as a cache that hits and misses; a band "
        "that widens: contention.",
        empty="No success in the time shown.",
        span=8,
        height=8,
    )
    axis = heatmap.YAxisConfig().unit("s").axis_placement(common_models.AxisPlacement.LEFT)
    colour = heatmap.HeatmapColorOptions().mode(heatmap_models.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    return (
        panel.with_target(over_time(queries.heat(*CHOSEN), "{{le}}").format(PromQueryFormat.HEATMAP))
        .calculate(False)
        .y_axis(axis)
        .color(colour)
        .cell_gap(1)
        .hide_legend()
    )


def traffic() -> timeseries.Panel:
    """Attempts and items a second."""
    panel = graph(
        "Attempts and items per second",
        "Attempts should follow the schedule's cadence: fewer mean skipped starts or a target that blocks. Items are what "
        "bulk operations move; they fall when calls take longer.",
        "none",
        span=8,
    )
    items = queries.rate(ROW, select(OPERATION_ITEMS, *CHOSEN))
    return panel.with_target(over_time(by_row(select(RUN_RATE, *CHOSEN)), f"attempts {_WHO}")).with_target(
        over_time(items, f"items {_WHO}", "B")
    )


def failures() -> timeseries.Panel:
    """Failures by reason."""
    panel = graph(
        "Failures per second, by reason",
        "Failed attempts; they are not in the durations. The reason says where to look: connect, dns and tls at the network, "
        "auth at credentials, timeout and server_error at the target, integrity at a wrong answer. In a row: how many failed "
        "since the last success.",
        "none",
        span=8,
        empty="No failures.",
    )
    failed = f"{queries.rate(f'{ROW}, reason', select(OPERATION_FAILURES, *CHOSEN))} > 0"
    streak = f"{by_row(select(OPERATION_STREAK, *CHOSEN))} > 0"
    return (
        panel.with_target(over_time(failed, "{{reason}} " + _WHO))
        .with_target(over_time(streak, f"in a row {_WHO}", "B"))
        .override_by_regexp("/^in a row /", line())
        .fill_opacity(30)
    )


def phases() -> timeseries.Panel:
    """Where a success's time goes, as far as the client shows it."""
    panel = graph(
        "Phases, mean seconds",
        "Of each phase that the client shows: connect (a new connection), first byte (the request is out, the target works), "
        "transfer (bytes on their way). First byte rises: look at the target; connect or transfer: at the network. The rest "
        "of the mean is the client library's own.",
        "s",
        span=8,
        empty="This client shows no phases.",
    )
    expression = queries.mean(f"{ROW}, phase", OPERATION_PHASE, *CHOSEN)
    return panel.with_target(over_time(expression, "{{phase}} " + _WHO))


def moved() -> timeseries.Panel:
    """Payload bytes a second."""
    panel = graph(
        "Bytes per second",
        "Payload sent and received, where the client shows it. It follows the cadence; a target's cap on bytes is held by "
        "the schedule.",
        "Bps",
        span=8,
        empty="This client shows no bytes.",
    )
    expression = f"{queries.rate(f'{ROW}, direction', select(OPERATION_BYTES, *CHOSEN))} > 0"
    return panel.with_target(over_time(expression, "{{direction}} " + _WHO))


def schedule() -> timeseries.Panel:
    """How late its starts are, and how many are left out."""
    panel = graph(
        "Delay of starts, skipped starts",
        "95th percentile of how late attempts begin (seconds), and starts left out per second because the attempt before was "
        "still under way. Both near 0, else the machine is overloaded or the operation takes longer than its cadence.",
        "none",
        span=8,
        empty="Not scheduled.",
    )
    delay = queries.quantile(0.95, ROW, SCHEDULE_DELAY, *CHOSEN)
    skipped = queries.rate(ROW, select(RUNS_SKIPPED, *CHOSEN))
    return panel.with_target(over_time(delay, f"delay p95 {_WHO}")).with_target(over_time(skipped, f"skipped {_WHO}", "B"))


def budget() -> timeseries.Panel:
    """The 95th percentile as a part of the budget."""
    panel = graph(
        "95th percentile, share of the budget",
        "The budget is absolute and judged apart from the baseline: at 100 % it breaks, and that is critical whatever the "
        "baseline.",
        "percentunit",
        span=24,
        height=6,
    )
    shares = f"{by_row(select(RUN_P95, *CHOSEN))} / {by_row(select(BASELINE_BUDGET, *CHOSEN))}"
    return panel.with_target(over_time(shares, _WHO)).thresholds(colours.share()).thresholds_style(dashed())
