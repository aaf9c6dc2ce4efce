"""Quantiles of a recorder whose baseline changes, as a real Prometheus computes them."""

import random
from collections import defaultdict
from statistics import quantiles

import pytest

from alerts.rules.recording import whole_buckets
from steadyline.edges import own_edges
from steadyline.operation import Operation
from steadyline.outcome import Outcome
from steadyline.prometheus import Prometheus
from steadyline.promql import Selection
from steadyline.recorder import Recorder
from steadyline.vocabulary import OPERATION_DURATION, Driver

CREATE = Operation(name="sql.item_create", tells="x", body=lambda _client, _prepared: None)
START = 1_700_000_000
SCRAPE_SECONDS = 5
SCRAPES = 240
CHANGE_AT = SCRAPES // 2
WINDOW_SCRAPES = 60
MEDIAN_SECONDS = 0.05


def observations():
    """Ten lognormal durations a second around 50 ms, the same in each run."""
    dice = random.Random(11)
    return [[dice.lognormvariate(-2.9957, 0.25) for _ in range(10 * SCRAPE_SECONDS)] for _ in range(SCRAPES)]


def history(durations, before, after):
    """What a scrape each five seconds would have seen of a recorder whose edges change half-way."""
    recorder = Recorder(Driver.PROBE)
    recorder.declare(CREATE, "embedded", before)
    lines = defaultdict(list)
    for scrape, batch in enumerate(durations):
        for seconds in batch:
            recorder.record(CREATE.name, "embedded", Outcome(seconds))
        if scrape == CHANGE_AT:
            recorder.declare(CREATE, "embedded", after)
        for line in recorder.render(openmetrics=True).decode().splitlines():
            if line.startswith(OPERATION_DURATION.name):
                series = line.rpartition(" ")[0]
                lines[series].append(f"{line} {START + scrape * SCRAPE_SECONDS}")
    body = "\n".join("\n".join(each) for each in lines.values())
    return f"# TYPE {OPERATION_DURATION.name} histogram\n{body}\n# EOF\n"


def worst_error(url, durations):
    """The largest error of p50 and p95 over a sliding window, as a fraction of the true quantile."""
    worst = 0.0
    client = Prometheus(url)
    for quantile in (0.5, 0.95):
        whole = whole_buckets(Selection(("operation", "=", CREATE.name)), WINDOW_SCRAPES * SCRAPE_SECONDS)
        expression = f"histogram_quantile({quantile}, sum by (le) ({whole}))"
        first = START + WINDOW_SCRAPES * SCRAPE_SECONDS
        (series,) = client.query_range(expression, first, START + (SCRAPES - 1) * SCRAPE_SECONDS, SCRAPE_SECONDS)
        for at, value in series.points:
            end = round((at - START) / SCRAPE_SECONDS) + 1
            within = [seconds for batch in durations[end - WINDOW_SCRAPES : end] for seconds in batch]
            truth = quantiles(within, n=100)[round(quantile * 100) - 1]
            worst = max(worst, abs(value / truth - 1))
    return worst


@pytest.mark.stack
@pytest.mark.parametrize("new_baseline", [0.05, 0.04, 0.07], ids=["tolerance only", "lower", "higher"])
def test_quantiles_stay_right_while_a_baseline_and_so_the_edges_change(start_prometheus, new_baseline):
    """Before, during and after the change p50 and p95 are within 4 % of the truth, the resolution of the edges."""
    durations = observations()
    text = history(durations, own_edges(MEDIAN_SECONDS, 0.1, [20]), own_edges(new_baseline, 0.2, [20]))
    assert worst_error(start_prometheus(history=text), durations) < 0.04


@pytest.mark.stack
def test_without_own_edges_they_would_be_wrong(start_prometheus):
    """The ladder alone misses by more: the own edges are what makes the figure above."""
    durations = observations()
    assert worst_error(start_prometheus(history=history(durations, (), ())), durations) > 0.05
