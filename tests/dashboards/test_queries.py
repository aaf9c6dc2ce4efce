"""Every query of the boards "overview" and "operation" over a real Prometheus: it shows what recorder and rules made."""

import itertools
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tenacity
from board_queries import ask, board, stamped, targets, without_variables
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from alerts.rules.generate import as_yaml
from alerts.rules.groups import rule_groups
from dashboards.queries import FAR_FASTER, LEVELS
from dashboards.queries import stands as stands_of
from exporters.facts import Baselines
from exporters.job import Job
from exporters.punctuality import Punctuality
from steadyline.backend import PHASES
from steadyline.baseline import Baseline, Quantity
from steadyline.boards import Board
from steadyline.exposition import Page, family
from steadyline.live import LIVE
from steadyline.operation import Operation
from steadyline.outcome import Outcome, Reason
from steadyline.recorder import Recorder
from steadyline.settings import Settings
from steadyline.severity import Severity
from steadyline.vocabulary import (
    BASELINE_TOLERANCE,
    EXPORTER_JOB,
    LEAKED_ARTEFACTS,
    PROCESS_CPU,
    PROCESS_RESIDENT,
    RATIO_FAST,
    RUN_LOG_MEAN,
    Driver,
)

pytestmark = pytest.mark.stack

SECONDS = 0.081
SPAN_SECONDS = 720
TARGET = "embedded"
HELD = Operation("sql.item_create", "x", body=lambda _client, _prepared: None)
UNHELD = Operation("sql.item_read", "x", body=lambda _client, _prepared: None)
BASELINE = Baseline("sql.item_create", Driver.PROBE, Quantity.DURATION, 0.05, 0.1, LIVE.assumed_spread, "made up")
Ask = Callable[[str], list[dict[str, Any]]]
EMPTY_UNTIL_AN_EVENT = {"Failures per second, by reason: in a row {{target}} {{driver}}"}
"""Queries that show something only while it happens: the streak's moment is over."""


class Rest(Collector):
    """What the janitor and the process watch tell."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def collect(self) -> Iterator[Family]:
        """The families."""
        leaked, resident, cpu = family(LEAKED_ARTEFACTS), family(PROCESS_RESIDENT), family(PROCESS_CPU)
        leaked.add_metric(("sql", TARGET), 0)
        resident.add_metric(("exporter",), 5e7)
        assert isinstance(cpu, CounterMetricFamily)
        cpu.add_metric(("exporter",), self.seconds / 50)
        yield from (leaked, resident, cpu)


def history(now: float) -> str:
    """What scrapes of a real recorder would have found, up to now; one attempt in 30 fails, some starts are skipped."""
    recorder, punctuality, rest = Recorder(Driver.PROBE), Punctuality(), Rest()
    jobs = [
        Job(operation, TARGET, Settings().embedded_target("sql"), 2, BASELINE if operation is HELD else None)
        for operation in (HELD, UNHELD)
    ]
    takes = []
    for job in jobs:
        recorder.declare(job.operation, TARGET, job.edges)
        takes.append(punctuality.declare(job.operation, TARGET, 2))
    page = Page(
        {"recorder": recorder, "schedule": punctuality, "baselines": Baselines(jobs), "rest": rest}, deadline_seconds=5
    )
    lines: list[str] = []
    for tick in range(SPAN_SECONDS + 1):
        rest.seconds = tick
        if tick % 2 == 0:
            attempt(jobs, recorder, takes, tick)
        if tick % LIVE.scrape_seconds == 0:
            lines += stamped(page.render(openmetrics=True), now - SPAN_SECONDS + tick)
    return "\n".join([*lines, *run_log_means(now), "# EOF\n"])


def _success(tick: int) -> Outcome:
    """A success of a client that shows bytes and phases."""
    phases = {phase: SECONDS / len(PHASES) for phase in PHASES}
    return Outcome(SECONDS * (1 + tick % 3 / 100), None, 1, bytes_sent=100, bytes_received=200, phases=phases)


def attempt(jobs: list[Job], recorder: Recorder, takes: list[Any], tick: int) -> None:
    """One start of each job."""
    for job, (delayed, skipped) in zip(jobs, takes, strict=True):
        outcome = Outcome(0, Reason.TIMEOUT) if tick % 60 == 30 else _success(tick)
        recorder.record(job.operation.name, TARGET, outcome)
        delayed(0.001)
        if tick % 60 == 0:
            skipped()


def run_log_means(now: float) -> list[str]:
    """What the recording rule would have left of the runs before Prometheus was there to record them."""
    labels = f'operation="{HELD.name}",backend="sql",target="{TARGET}",driver="{Driver.PROBE}"'
    up = f'up{{job="{EXPORTER_JOB}",instance="x"}}'
    ages = range(SPAN_SECONDS, -1, -5)
    return [f"{RUN_LOG_MEAN.name}{{{labels}}} {math.log(SECONDS)} {now - age}" for age in ages] + [
        f"{up} 1 {now - age}" for age in ages
    ]


@pytest.fixture(scope="module")
def judging(start_prometheus: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks a Prometheus that holds the history and judges it by the real rules, at the moment when its alert fires."""
    folder: Path = tmp_path_factory.mktemp("board")
    rules = rule_groups({operation.name: operation for operation in (HELD, UNHELD)}, [BASELINE], Settings())
    (folder / "rules.yml").write_text(as_yaml(rules))
    config = "global: {scrape_interval: 5s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
    url = start_prometheus(config=config, history=history(time.time()), folder=folder)
    fires(url)
    moment = time.time()
    return lambda expression: ask(url, without_variables(expression), moment)


@tenacity.retry(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.5), reraise=True)
def fires(url: str) -> None:
    """Wait until the slow operation's alert fires, and is recorded as firing."""
    assert ask(url, 'ALERTS{alertstate="firing",operation="sql.item_create",severity="critical"}')


OVERVIEW, OPERATION = (board(f"{uid}.json") for uid in (Board.OVERVIEW, Board.OPERATION))
TARGETS = targets(OVERVIEW) | targets(OPERATION)


@pytest.mark.parametrize("name", TARGETS)
def test_a_query_shows_something(judging: Ask, name: str) -> None:
    """Each query of the boards parses and returns data, or is one of those that are empty until an event."""
    _, expression = TARGETS[name]
    assert bool(judging(expression)) == (name not in EMPTY_UNTIL_AN_EVENT)
    assert "$" not in without_variables(expression)


def test_the_table_tells_the_operation_that_is_slow(judging: Ask) -> None:
    """Alerted as critical, with a ratio of 1.6; the other one is quiet and has no ratio."""

    def column(name: str) -> dict[str, float]:
        table = next(panel for panel in OVERVIEW["panels"] if panel["title"].startswith("Operations"))
        names = table["transformations"][1]["options"]["renameByName"]
        ref = next(ref.removeprefix("Value #") for ref, column in names.items() if column == name)
        expression = next(target["expr"] for target in table["targets"] if target["refId"] == ref)
        return {one["metric"]["operation"]: float(one["value"][1]) for one in judging(expression)}

    assert column("alert") == {"sql.item_create": 3, "sql.item_read": 0}
    assert column("ratio") == {"sql.item_create": pytest.approx(1.636, abs=0.02)}
    assert column("stands") == {"sql.item_create": LEVELS[Severity.CRITICAL]}
    assert set(column("mean")) == {"sql.item_create", "sql.item_read"}


@pytest.mark.parametrize(
    ("ratio", "tolerance", "stands"),
    [
        (0.6, 0.1, FAR_FASTER),
        (1.05, 0.1, 0),
        (1.12, 0.1, LEVELS[Severity.INFO]),
        (1.17, 0.1, LEVELS[Severity.WARNING]),
        (1.17, 0.2, 0),
        (1.25, 0.2, LEVELS[Severity.WARNING]),
        (1.31, 0.2, LEVELS[Severity.CRITICAL]),
        (1.35, 0.4, 0),
        (1.45, 0.4, LEVELS[Severity.CRITICAL]),
    ],
)
def test_a_ratio_stands_by_its_own_baselines_tolerance(known_ratios: Ask, ratio: float, tolerance: float, stands: int) -> None:
    """A wider tolerance moves where warning and critical begin."""
    matchers = (f'operation="{_name(ratio, tolerance)}"',)
    (found,) = known_ratios(stands_of(*matchers))
    assert float(found["value"][1]) == stands


def _name(ratio: float, tolerance: float) -> str:
    return f"sql.at_{ratio:g}_of_{tolerance:g}"


@pytest.fixture(scope="module")
def known_ratios(start_prometheus: Callable[..., str]) -> Ask:
    """Asks a Prometheus that holds operations with these ratios and tolerances."""
    now = time.time()
    lines = []
    for ratio, tolerance in itertools.product((0.6, 1.05, 1.12, 1.17, 1.25, 1.31, 1.35, 1.45), (0.1, 0.2, 0.4)):
        labels = f'operation="{_name(ratio, tolerance)}",target="{TARGET}",driver="{Driver.PROBE}"'
        for series, value in ((RATIO_FAST, ratio), (BASELINE_TOLERANCE, tolerance)):
            lines += [f"{series.name}{{{labels}}} {value} {now - age:.3f}" for age in (20, 10, 0)]
    url = start_prometheus(history="\n".join([*lines, "# EOF\n"]))
    return lambda expression: ask(url, expression, now)
