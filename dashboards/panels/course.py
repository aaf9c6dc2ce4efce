"""What one operation does: how long each call takes, how many there are, how they fail, where their time goes."""

from grafana_foundation_sdk.builders import heatmap, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards import colours, queries
from dashboards.panel import dashed, graph, line, over_time, titled
from dashboards.queries import ROW, by_row, select
from dashboards.words import NO_FAILURES, REASONS
from steadyline.durations import promql
from steadyline.live import LIVE
from steadyline.vocabulary import (
    BASELINE_BUDGET,
    OPERATION_BYTES,
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_PHASE,
    OPERATION_STREAK,
    RUN_P95,
    RUN_RATE,
    RUNS_SKIPPED,
    SCHEDULE_DELAY,
)

CHOSEN = queries.ONE_OPERATION
HEAT_SCRAPES = 6
"""A column of the heatmap covers at least so many scrapes, and each success stands in one of them."""
_WHO = "{{target}} {{driver}}"


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
    ).interval(promql(HEAT_SCRAPES * LIVE.scrape_seconds))
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
        f"Failed attempts; they are not in the durations. {REASONS} In a row: how many failed since the last success.",
        "none",
        span=8,
        empty=NO_FAILURES,
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
