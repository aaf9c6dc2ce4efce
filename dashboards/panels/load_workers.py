"""The workers of a load run: whether they can be trusted, or are the bottleneck themselves."""

from grafana_foundation_sdk.builders import table, timeseries

from dashboards import colours, queries, runs
from dashboards.colours import BAD, words_for
from dashboards.panel import COLUMNS, graph, over_time
from dashboards.runs import chosen
from dashboards.table import Column, of
from dashboards.words import NO_RUN
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
    """Each worker at the end of the time shown, or of its run."""
    up = words_for({"1": ("reports", colours.QUIET), "0": ("lost", BAD)})
    saturated = words_for({"0": ("no", colours.QUIET), "1": ("yes", BAD)})
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
        empty=NO_RUN,
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
        empty=NO_RUN,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_CPU), "worker {{worker}}")).max(1)


def lag() -> timeseries.Panel:
    """How late the greenlets of each worker wake."""
    panel = graph(
        "Event loop lag of each worker",
        "The longest that a greenlet was woken too late since the last report: it is in every latency that the worker "
        "measures. High while its core is free: something blocks the loop, such as a client that does not yield.",
        "s",
        empty=NO_RUN,
    )
    return panel.with_target(over_time(_by_worker(LOAD_WORKER_LAG), "worker {{worker}}"))


def _by_worker(metric: Metric) -> str:
    return queries.by("instance, worker", chosen(metric.name))
