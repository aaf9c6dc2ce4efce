"""What measuring costs, and whether who measures keeps up: starts, processors, storage, collectors, load generator."""

from grafana_foundation_sdk.builders import timeseries

from dashboards import queries
from dashboards.panel import graph, on_the_right, over_time
from dashboards.queries import BACKEND, BUILDS, PLACE, RATE, select
from dashboards.words import NO_PROCESS, NO_RUN
from steadyline import upstream
from steadyline.load_vocabulary import LOAD_WORKER_CPU, LOAD_WORKER_LAG
from steadyline.vocabulary import COLLECTOR_DURATION, PROCESS_CPU, RUNS_SKIPPED, SCHEDULE_DELAY, Driver

_PROBE = f'driver="{Driver.PROBE}"'


def schedule() -> timeseries.Panel:
    """How late attempts begin, and how many are left out."""
    panel = graph(
        "Schedule: delay and skipped starts",
        "95th percentile of how late probes begin, and on the right their starts that were left out, since the attempt before "
        "was under way. Both should be near 0: else the machine is overloaded, or an operation takes longer than its cadence.",
        "s",
        empty="The exporter probes nothing.",
        span=8,
    )
    skipped = f"{queries.rate(BACKEND, select(RUNS_SKIPPED, _PROBE))} > 0"
    late = queries.rate("le", select(SCHEDULE_DELAY, _PROBE, suffix="_bucket"))
    return (
        panel.with_target(over_time(f"histogram_quantile(0.95, {late})", "delay p95"))
        .with_target(over_time(skipped, "skipped {{backend}}", "B"))
        .override_by_query("B", on_the_right("reqps"))
    )


def processor() -> timeseries.Panel:
    """Processor time of all that is ours."""
    panel = graph(
        "Cores in use, by process",
        "Processes that the exporter watches; where it does not watch Prometheus and Alertmanager, what these say of "
        "themselves. The whole of it is what the stack costs. A process that measures and is near one core measures itself: "
        "probe less often, or elsewhere.",
        "none",
        empty=NO_PROCESS,
        span=8,
    )
    told = f"rate({upstream.CPU.name}[{RATE}]) and on ({PLACE}) ({BUILDS})"
    themselves = f'sum by (process) (label_replace({told}, "process", "$1", "job", "(.+)"))'
    return panel.with_target(over_time(f"{queries.rate('process', PROCESS_CPU.name)} or {themselves}", "{{process}}"))


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
        .override_by_query("C", on_the_right("bytes"))
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
        empty=NO_RUN,
    )
    return (
        panel.with_target(over_time(queries.by("worker", LOAD_WORKER_CPU.name), "cores, worker {{worker}}", "A"))
        .with_target(over_time(queries.by("worker", LOAD_WORKER_LAG.name), "lag, worker {{worker}}", "B"))
        .override_by_query("B", on_the_right("s"))
    )
