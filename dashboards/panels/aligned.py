"""Two runs over time, each from its start: their users, requests, latencies and failures."""

from collections.abc import Callable

from grafana_foundation_sdk.builders import timeseries

from dashboards import runs
from dashboards.measures import BUCKETS, ROW, p95_of, summable
from dashboards.panel import graph, line, over_time
from dashboards.runs import OTHER, SIDES, Side
from dashboards.words import NO_TWO_RUNS
from steadyline.load_vocabulary import LOAD_USERS
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES

_ALIGNED = "Each run begins at the left edge: a longer time shown shows more of it, whenever it was."


def users() -> timeseries.Panel:
    """The users of both, aligned."""
    panel = graph(
        "Users, each run from its start",
        f"Active users of both runs. {_ALIGNED} Where they part, the load was not the same.",
        "none",
        empty=NO_TWO_RUNS,
    )
    return _both(panel, lambda side: f"sum({side.level(LOAD_USERS.name)})").decimals(0)


def requests() -> timeseries.Panel:
    """The successes of both, aligned."""
    panel = graph(
        "Successes per second, from the start",
        f"Of all operations chosen together. {_ALIGNED} Fewer under the same load: each user, or each start, waits longer.",
        "reqps",
        empty=NO_TWO_RUNS,
    )
    successes = summable(OPERATION_DURATION, suffix="_count")
    return _both(panel, lambda side: f"sum({side.rate(successes)})")


def latency() -> timeseries.Panel:
    """The 95th percentile of each operation in both, aligned."""
    panel = graph(
        "p95 of each operation, service time",
        f"Dashed, the other run. {_ALIGNED} Choose an operation on top where the lines are too many. Apart from the start on: "
        "another revision or place; apart from some moment on: see what happened then.",
        "s",
        empty=NO_TWO_RUNS,
    )
    return _both(panel, lambda side: p95_of(f"sum by ({ROW}, le) ({side.rate(BUCKETS)})"), "{{operation}} {{target}}")


def failures() -> timeseries.Panel:
    """The failures of both by reason, aligned."""
    panel = graph(
        "Failures per second, by reason",
        f"Of all operations chosen together, without what the end cut short. Dashed, the other run. {_ALIGNED} Failures are "
        "not in the latencies: a run that fails more may look faster.",
        "reqps",
        empty="No failures in either run.",
    )
    failed = summable(OPERATION_FAILURES, runs.FAILED)
    return _both(panel, lambda side: f"sum by (reason) ({side.rate(failed)}) > 0", "{{reason}}")


def _both(panel: timeseries.Panel, of_side: Callable[[Side], str], legend: str = "") -> timeseries.Panel:
    """A line of each run, the other's dashed."""
    for ref, side in zip("AB", SIDES, strict=True):
        panel = panel.with_target(over_time(of_side(side), f"{side.word} {legend}".strip(), ref))
    dashes = [line()[1]] if legend else line()
    return panel.override_by_regexp(f"/^{OTHER.word}/", dashes)
