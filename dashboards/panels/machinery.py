"""The judge itself: what its processes use, and whether its schedule is kept."""

from grafana_foundation_sdk.builders import common, timeseries
from grafana_foundation_sdk.models import common as common_models

from dashboards import colours, queries
from dashboards.panel import graph, over_time
from dashboards.queries import of
from steadyline.vocabulary import (
    COLLECTOR_SUCCESS,
    PROCESS_CPU,
    PROCESS_RESIDENT,
    RUNS_SKIPPED,
    SCHEDULE_DELAY,
)


def memory() -> timeseries.Panel:
    """Resident memory of the processes."""
    panel = graph(
        "Resident memory of the processes",
        "Processes of the settings, their children included. A line that only rises is a leak: restart that process and "
        "keep its log. The dashed line is the budget of the stack's own: beyond it SteadylineMemoryBudgetBroken fires.",
        "bytes",
        span=8,
    )
    lines = common.GraphThresholdsStyleConfig().mode(common_models.GraphThresholdsStyleMode.DASHED)
    panel = panel.thresholds(colours.memory()).thresholds_style(lines)
    return panel.with_target(over_time(f"max by (process) ({PROCESS_RESIDENT.name})", "{{process}}"))


def processor() -> timeseries.Panel:
    """Processor time of the processes."""
    panel = graph(
        "Processor time of the processes",
        "Cores in use. A measuring process near one core measures itself: probe less often, or on another machine.",
        "none",
        span=8,
    )
    return panel.with_target(over_time(f"sum by (process) (rate({PROCESS_CPU.name}[$__rate_interval]))", "{{process}}"))


def schedule() -> timeseries.Panel:
    """How late attempts begin, and how many are left out."""
    panel = graph(
        "Schedule: delay and skipped starts",
        "95th percentile of how late attempts begin, and starts left out because the attempt before was still under way. Both "
        "should be near 0: otherwise the machine is overloaded, or an operation takes longer than its cadence.",
        "s",
        span=8,
    )
    buckets = f"sum by (le) (rate({of(SCHEDULE_DELAY, '_bucket')}[$__rate_interval]))"
    skipped = f"sum by ({queries.ROW}) (rate({of(RUNS_SKIPPED)}[$__rate_interval])) > 0"
    return panel.with_target(over_time(f"histogram_quantile(0.95, {buckets})", "delay p95")).with_target(
        over_time(skipped, "skipped per second {{operation}} {{target}}", "B")
    )


def collectors() -> timeseries.Panel:
    """Collectors that fail."""
    panel = graph(
        "Collectors that fail",
        "Parts of the exporter that raised or hung at a scrape; each costs its own series only. The exporter's log says why.",
        "none",
        span=24,
        height=5,
    )
    return panel.with_target(over_time(f"1 - min by (collector) ({COLLECTOR_SUCCESS.name}) > 0", "{{collector}}")).no_value(
        "None."
    )
