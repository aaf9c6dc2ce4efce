"""The workers of a load run: whether they can be trusted, or are the bottleneck themselves."""

from grafana_foundation_sdk.builders import table, timeseries

from dashboards import colours, latest, queries
from dashboards.colours import BAD, words_for
from dashboards.panel import COLUMNS, graph, over_time
from dashboards.runs import peak
from dashboards.table import Column, of
from dashboards.words import NO_RUN, NO_RUN_AT_ZOOM
from steadyline.load_vocabulary import (
    LOAD_SATURATED,
    LOAD_WORKER_CPU,
    LOAD_WORKER_LAG,
    LOAD_WORKER_RESIDENT,
    LOAD_WORKER_UP,
    LOAD_WORKER_USERS,
)
from steadyline.vocabulary import Metric


def workers() -> table.Panel:
    """Each worker of one run: whether it was lost, and the most that it took."""
    up = words_for({"1": ("there", colours.QUIET), "0": ("lost", BAD)})
    saturated = words_for({"0": ("no", colours.QUIET), "1": ("yes", BAD)})
    facts = (
        Column("worker is", latest.named("worker", latest.came_to(LOAD_WORKER_UP.name)), decimals=0, mappings=up),
        Column("saturated", _most(LOAD_SATURATED), decimals=0, mappings=saturated),
        Column("most users", _most(LOAD_WORKER_USERS), decimals=0),
        Column("most core used", _most(LOAD_WORKER_CPU), "percentunit", 0),
        Column("worst lag", _most(LOAD_WORKER_LAG), "s", None),
        Column("most resident memory", _most(LOAD_WORKER_RESIDENT), "bytes", 0),
    )
    return of(
        "Workers of the newest run chosen",
        "The most of its steady phase, after its end too; of a run that never was steady, of all of it. Lost: its process or "
        "its machine is gone, its users and counts with it, and the run ends with exit code 3. Saturated: it was the "
        "bottleneck itself. Users should be spread evenly.",
        facts,
        labels=("worker", "run"),
        empty=NO_RUN,
        worst_first=("saturated",),
        span=COLUMNS,
        height=6,
    )


def _most(metric: Metric) -> str:
    return latest.named("worker", latest.most(metric.name))


def cores() -> timeseries.Panel:
    """The share of a core that each worker uses."""
    panel = graph(
        "Core used by each worker",
        "A Locust worker uses one core at most: near 100 % it is the bottleneck, and latencies are its own. Run more of them "
        "(`--processes -1`: one for each core), on more machines, or ask for less load.",
        "percentunit",
        empty=NO_RUN_AT_ZOOM,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_CPU), "worker {{worker}}")).max(1)


def lag() -> timeseries.Panel:
    """How late the greenlets of each worker wake."""
    panel = graph(
        "Event loop lag of each worker",
        "The longest that a greenlet was woken too late since the last report: it is in every latency that the worker "
        "measures. High while its core is free: something blocks the loop, such as a client that does not yield.",
        "s",
        empty=NO_RUN_AT_ZOOM,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_LAG), "worker {{worker}}"))


def _by_worker(metric: Metric) -> str:
    return queries.by("instance, worker", peak(metric.name))
