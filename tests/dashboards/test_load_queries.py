"""Every query of the board "load" over a real Prometheus that holds what a run's own page showed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from board_queries import ask, board, stamped, targets, without_variables

from load.criteria import Judge
from load.publisher.page import Page, Run
from load.series import Key, Tally
from steadyline.criterion import parse
from steadyline.edges import own_edges
from steadyline.live import LIVE
from steadyline.load_vocabulary import Dropped, Phase
from steadyline.outcome import Outcome, Reason

pytestmark = pytest.mark.stack

SECONDS, RAMP = 240, 60
KEY = Key("trace.item_create", "trace", "embedded")
CRITERIA = ("trace.item_create p95 < 80ms for 30s", "trace.item_create response p95 < 80ms for 30s")
BOARD = board("load.json")
Asked = Callable[[str], list[dict[str, Any]]]


def history(end: float) -> str:
    """An open-model run up to now: steady after a minute, each request 50 ms, from its intended start 150 ms."""
    page, tally, judge = Page(), Tally(), Judge(map(parse, CRITERIA))
    page.begin(Run("r", "high", "ramp", "x", end - SECONDS))
    series = tally.declare(KEY, own_edges(None, 0, [0.08]))
    lines = []
    for second in range(SECONDS + 1):
        for _ in range(10):
            series.started += 1
            series.finish(Outcome(0.05, None, 1), 0.1)
        series.fail(Reason.TIMEOUT, int(second % 10 == 0))
        page.add(tally.delta())
        judge.tick(second, steady=second >= RAMP, series=page.merged.series, dropped=second)
        page.take(gauges(second, judge))
        if second % LIVE.scrape_seconds == 0:
            lines += stamped(page.render(openmetrics=True), end - SECONDS + second)
    return "\n".join([*lines, "# EOF\n"])


def gauges(second: int, judge: Judge) -> dict[str, Any]:
    """What a run tells beside its counts."""
    worker = {"up": 1, "users": 20, "cpu": 0.5, "lag": 0.01, "rss": 1e8, "saturated": int(second > RAMP)}
    return {
        "users": {"TraceUser": min(20, second)},
        "target_users": 20,
        "arrival_rate": 11.0,
        "phase": Phase.STEADY if second >= RAMP else Phase.RAMP,
        "dropped": {Dropped.NO_FREE_USER: second, Dropped.WORKER_LOST: 0},
        "overflow": 0,
        "reports_lost": 0,
        "workers": {"0": worker},
        "criteria": judge.shown(),
    }


@pytest.fixture(scope="module")
def held(start_prometheus: Callable[..., str]) -> Asked:
    """Asks a Prometheus that holds the run, at its last moment."""
    end = time.time()
    url = start_prometheus(history=history(end))
    return lambda expression: ask(url, without_variables(expression), end)


@pytest.mark.parametrize(("title", "expression"), targets(BOARD).values(), ids=targets(BOARD))
def test_a_query_shows_something(held: Asked, title: str, expression: str) -> None:
    """Each query of the board parses and returns data."""
    assert held(expression), title
    assert "$" not in without_variables(expression)


def value(held: Asked, name: str) -> dict[str, float]:
    """What a query shows, by its last label's value, or by nothing."""
    found = held(targets(BOARD)[name][1])
    return {next(iter(reversed(one["metric"].values())), ""): float(one["value"][1]) for one in found}


def test_a_criterion_stands_beside_its_limit(held: Asked) -> None:
    """The service time keeps it, the response time from the intended start does not."""
    assert value(held, "Criteria kept: {{criterion}}") == dict(zip(CRITERIA, (1, 0), strict=True))
    assert value(held, "Criteria: value against limit: limit of {{criterion}}") == dict.fromkeys(CRITERIA, 0.08)
    shown = value(held, "Criteria: value against limit: {{criterion}}")
    assert shown[CRITERIA[0]] < 0.08 < shown[CRITERIA[1]]


def test_what_the_run_did_can_be_read(held: Asked) -> None:
    """Users and phase, starts asked for and dropped, and a generator that is saturated."""
    assert value(held, "Users: {{user_class}}") == {"TraceUser": 20}
    assert value(held, "Users: steady") == {"": 20}
    assert value(held, "Open model: starts asked for, and dropped: dropped: {{reason}}") == {
        "no_free_user": pytest.approx(1, rel=0.01),
        "worker_lost": 0,
    }
    assert value(held, "Generator: processor, lag and saturation: saturated, worker {{worker}}") == {"0": 1}
