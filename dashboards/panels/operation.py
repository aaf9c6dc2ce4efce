"""One operation in detail: its row is repeated for each operation that is chosen."""

from grafana_foundation_sdk.builders import bargauge, common, heatmap, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import heatmap as heatmap_models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards import colours, queries
from dashboards.panel import COLUMNS, graph, line, now, over_time, titled
from dashboards.queries import by_row, of, rate
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
    OPERATION_FAILURES,
    OPERATION_ITEMS,
    OPERATION_PHASE,
    RATIO_FAST,
    RATIO_SLOW,
    RUN_MEAN,
    RUN_P50,
    RUN_P95,
    RUN_RATE,
    UPPER90_SLOW,
)

_WHO = "{{target}} {{driver}}"


def ratios() -> timeseries.Panel:
    """R of all chosen operations in one graph."""
    panel = graph(
        "Ratio to the baseline",
        f"Above 1 is worse. Warning begins at {1 + WARNING_DEGRADATION:g} (an operation with a wider tolerance has a higher "
        f"one), critical at {1 + CRITICAL_DEGRADATION:g}. Lines that rise together share a cause.",
        "none",
        span=16,
        height=9,
    )
    lines = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
    return (
        panel.thresholds(colours.ratios())
        .thresholds_style(lines)
        .decimals(2)
        .with_target(over_time(by_row(of(RATIO_FAST)), "{{operation}} " + _WHO))
    )


def blindness() -> bargauge.Panel:
    """What each baseline can show."""
    panel = titled(
        bargauge.Panel(),
        "Smallest slowdown that shows",
        "As a multiple of what the operation takes now. Coloured ones are blind below it: `steadyline baseline record` gives "
        "them a baseline of this machine. Not listed: judged by the budget alone.",
        span=8,
        height=9,
    )
    return (
        panel.with_target(now(f"sort_desc({by_row(of(BLIND_FACTOR))})", "{{operation}} {{target}}"))
        .thresholds(colours.blindness())
        .min(1)
        .decimals(1)
        .unit("suffix:x")
        .orientation(common_models.VizOrientation.HORIZONTAL)
        .display_mode(common_models.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def latency() -> timeseries.Panel:
    """Mean, median and 95th percentile against the lines of the baseline."""
    panel = graph(
        "Duration against the baseline",
        f"Successes of one run ({LIVE.samples_per_run} samples) at each point. The mean is what is judged; a 95th percentile "
        "that rises alone points at waiting (locks, pools, garbage collection), all three together at the target or the "
        "network. No dashed lines: no baseline yet, only the budget judges (`steadyline baseline record`).",
        "s",
        height=9,
    )
    measured = (("mean", RUN_MEAN), ("p50", RUN_P50), ("p95", RUN_P95))
    for ref, (name, series) in zip("ABC", measured, strict=True):
        panel = panel.with_target(over_time(by_row(of(series)), f"{name} {_WHO}", ref))
    held = (
        ("baseline", by_row(of(BASELINE_VALUE)), colours.QUIET),
        ("tolerance", queries.tolerated_seconds(), colours.COLOURS[Severity.INFO]),
        ("warning", queries.warning_seconds(), colours.COLOURS[Severity.WARNING]),
        ("critical", queries.critical_seconds(), colours.COLOURS[Severity.CRITICAL]),
    )
    for ref, (name, expression, colour) in zip("DEFG", held, strict=True):
        panel = panel.with_target(over_time(expression, f"{name} {_WHO}", ref)).override_by_regexp(f"/^{name} /", line(colour))
    return panel.override_by_regexp("/^mean /", line("text", dashed=False, width=2))


def limits() -> timeseries.Panel:
    """R and its limits, by both rules."""
    panel = graph(
        "Ratio and its limits",
        "An alert needs the 99 % limit above the warning level; how bad it is takes the 90 % limit. The fast rule sees one "
        "run and big steps, the slow one the last 20 runs and small steps. Limits far below the ratio: the runs vary too "
        "much.",
        "none",
        height=9,
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
        panel = panel.with_target(over_time(by_row(of(recorded)), f"{name} {_WHO}", ref))
    lines = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
    return panel.thresholds(colours.ratios()).thresholds_style(lines).decimals(2)


def heat() -> heatmap.Panel:
    """All durations, over the common ladder."""
    panel = titled(
        heatmap.Panel(),
        "Durations",
        "Every success, by how long it took. Two bands: two kinds of answers, such as a cache that hits and misses; a band "
        "that widens: contention.",
        span=8,
        height=8,
    )
    axis = heatmap.YAxisConfig().unit("s").axis_placement(common_models.AxisPlacement.LEFT)
    colour = heatmap.HeatmapColorOptions().mode(heatmap_models.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    return (
        panel.with_target(over_time(queries.heat(), "{{le}}").format(PromQueryFormat.HEATMAP))
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
    return panel.with_target(over_time(by_row(of(RUN_RATE)), f"attempts {_WHO}")).with_target(
        over_time(rate(OPERATION_ITEMS), f"items {_WHO}", "B")
    )


def failures() -> timeseries.Panel:
    """Failures by reason."""
    panel = graph(
        "Failures by reason",
        "Failed attempts per second; they are not in the durations. The reason says where to look: connect, dns and tls at "
        "the network, auth at credentials, timeout and server_error at the target, integrity at a wrong answer.",
        "none",
        span=8,
    )
    chosen = f"{rate(OPERATION_FAILURES, f'{queries.ROW}, reason')} > 0"
    return panel.with_target(over_time(chosen, "{{reason}} " + _WHO)).fill_opacity(30).no_value("No failures.")


def phases() -> timeseries.Panel:
    """Where a success's time goes, as far as the client shows it."""
    panel = graph(
        "Phases",
        "Mean seconds of each phase that the client shows: connect (a new connection), first byte (the request is out, the "
        "target works), transfer (bytes on their way). First byte rises: look at the target; connect or transfer: at the "
        "network. The rest of the mean is the client library's own.",
        "s",
        span=12,
    )
    group = f"{queries.ROW}, phase"
    mean = f"{rate(OPERATION_PHASE, group, '_sum')} / {rate(OPERATION_PHASE, group, '_count')}"
    return panel.with_target(over_time(mean, "{{phase}} " + _WHO)).no_value("This client shows no phases.")


def moved() -> timeseries.Panel:
    """Payload bytes a second."""
    panel = graph(
        "Bytes per second",
        "Payload sent and received, where the client shows it. It follows the cadence; a target's cap on bytes is held by "
        "the schedule.",
        "Bps",
        span=12,
    )
    chosen = f"{rate(OPERATION_BYTES, f'{queries.ROW}, direction')} > 0"
    return panel.with_target(over_time(chosen, "{{direction}} " + _WHO)).no_value("This client shows no bytes.")


def budget() -> timeseries.Panel:
    """The 95th percentile as a part of the budget."""
    panel = graph(
        "95th percentile as a part of the budget",
        "The budget is absolute and judged apart from the baseline: at 100 % it breaks, and that is critical whatever the "
        "baseline.",
        "percentunit",
        span=COLUMNS,
        height=6,
    )
    shares = f"{by_row(of(RUN_P95))} / {by_row(of(BASELINE_BUDGET))}"
    return panel.with_target(over_time(shares, "{{operation}} " + _WHO))
