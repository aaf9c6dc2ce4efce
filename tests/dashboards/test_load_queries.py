"""Every query of the board "load" over a real Prometheus that holds what runs' own pages showed."""

import time
from collections.abc import Callable

import pytest
from grafana_asking import Asking
from grafana_panels import of_board
from load_history import KEY, USERS, Past, history
from shown_board import Shown

from dashboards.shipped import shipped
from steadyline.boards import Board
from steadyline.vocabulary import LOWER99_FAST, RATIO_FAST, Driver

pytestmark = pytest.mark.stack

SECONDS = 240
CRITERIA = ("trace.item_create p95 < 80ms for 30s", "trace.item_create response p95 < 80ms for 30s")
QUERIES = {f"{query.panel}: {query.ref}": query for query in of_board(shipped()[Board.LOAD])}
AN_ALERT = "annotation Alerts"
"""Prometheus' own series: there are no rules here."""
RATIOS = {RATIO_FAST: 1.2, LOWER99_FAST: 1.1}


def recorded(end: float) -> list[str]:
    """What the rules would have made of it."""
    labels = f'operation="{KEY.operation}",backend="{KEY.backend}",target="{KEY.target}",driver="{Driver.LOAD}",profile="high"'
    return [f"{series.name}{{{labels}}} {ratio} {end - 10:.3f}" for series, ratio in RATIOS.items()]


@pytest.fixture(scope="module")
def shown(start_prometheus: Callable[..., str]) -> Callable[..., Shown]:
    """The board at the last moment of a run whose requests take 50 ms, 150 ms from their intended start; one was before."""
    end = float(time.time() // 1)
    before = Past("s", end - 2000, 150, profile="low", instance="127.0.0.1:9647", criteria=CRITERIA[:1])
    run = Past("r", end - SECONDS, SECONDS, criteria=CRITERIA, ended=False)
    asking = Asking(start_prometheus(history=history(before, run, more=recorded(end))))
    return lambda **choice: Shown(Board.LOAD, asking, end, choice)


@pytest.mark.parametrize("name", [name for name in QUERIES if AN_ALERT not in name])
def test_a_query_shows_something(shown: Callable[..., Shown], name: str) -> None:
    """Each query of the board parses and returns data."""
    query = QUERIES[name]
    assert shown().lines(query.panel, query.ref)


def test_a_criterion_stands_beside_its_limit(shown: Callable[..., Shown]) -> None:
    """The service time keeps it, the response time from the intended start does not; what ended before is still there."""
    board, title = shown(run="r"), "Criteria: value, limit and state"
    assert board.column(title, "state", "criterion") == dict(zip(CRITERIA, (1, 0), strict=True))
    assert board.column(title, "limit", "criterion") == dict.fromkeys(CRITERIA, 0.08)
    values = board.column(title, "value", "criterion")
    assert values[CRITERIA[0]] < 0.08 < values[CRITERIA[1]]
    assert shown(run="s").column(title, "state", "run", "criterion") == {("s", CRITERIA[0]): 1}


def test_what_the_run_did_can_be_read(shown: Callable[..., Shown]) -> None:
    """Users and phase, starts asked for and dropped, requests without the flow of them, a generator that is saturated."""
    board, users, requests = shown(run="r"), "Users, and those there should be", "Requests per second, failed and dropped"
    assert board.last(users, "user_class") == {"TraceUser": USERS}
    assert board.last(users, ref="C") == {(): USERS}
    assert board.last(requests, ref="A") == {(): pytest.approx(10, rel=0.01)}
    assert board.last(requests, "reason", ref="C") == {"no_free_user": pytest.approx(1, rel=0.01), "worker_lost": 0}
    assert board.last(requests, ref="D") == {(): 11}
    assert board.column("Workers, latest", "saturated", "worker") == {"0": 1}
    assert board.last("Schedule lag: how late requests start") == {(): pytest.approx(0.1)}


def test_it_says_whether_the_run_is_alright(shown: Callable[..., Shown]) -> None:
    """Steady, one criterion broken, one worker saturated, nothing lost."""
    board = shown(run="r")
    assert [board.last("Is the run alright?", ref=ref)[()] for ref in "ABCDEF"] == [2, 1, 1, 0, 0, 0]


def test_runs_are_told_apart(shown: Callable[..., Shown]) -> None:
    """Newest first; the one chosen alone is shown."""
    workers = "Workers, latest"
    assert set(shown().column(workers, "users", "run")) == {"r", "s"}
    assert set(shown(run="s").column(workers, "users", "run")) == {"s"}
    early = [line.points for line in shown(run="s").lines("Users, and those there should be")]
    late = [line.points for line in shown(run="r").lines("Users, and those there should be")]
    assert early[0][-1][0] < late[0][0][0]
