"""Every query of the board "load" over a real Prometheus that holds what runs' own pages showed."""

import time
from collections.abc import Callable
from dataclasses import replace

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
SHARE, RATE, TINY = ("trace.item_create failures < 4%", "trace.item_create rate > 4/s", "trace.item_create mean < 1s for 30s")
TITLE, STATE, FIGURES, WORKERS = (
    "Criteria: value, limit and state",
    "Is the run alright?",
    "What it gets",
    "Workers of the newest run chosen",
)
ENDED, CUT_OFF, STEADY = 5, 4, 2
SHORT_SECONDS = 31
COARSE_SECONDS = 600
"""From one point to the next in a week: what is not stale is seen for five minutes more, and here not until the next point."""
WEEK = "7d"
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
    run = Past("r", end - SECONDS, SECONDS, criteria=(*CRITERIA, SHARE, RATE), ended=False)
    asking = Asking(start_prometheus(history=history(before, run, more=recorded(end))))
    return lambda **choice: Shown(Board.LOAD, asking, end, choice)


@pytest.mark.parametrize("name", [name for name in QUERIES if AN_ALERT not in name])
def test_a_query_shows_something(shown: Callable[..., Shown], name: str) -> None:
    """Each query of the board parses and returns data."""
    query = QUERIES[name]
    assert shown().lines(query.panel, query.ref)


def test_a_criterion_stands_beside_its_limit(shown: Callable[..., Shown]) -> None:
    """The service time keeps it, the response time from the intended start does not; what ended before is still there."""
    board = shown(run="r")
    assert board.column(TITLE, "state", "criterion") == dict(zip((*CRITERIA, SHARE, RATE), (1, 0, 1, 1), strict=True))
    values = board.column(TITLE, "time", "criterion")
    assert values[CRITERIA[0]] < 0.08 < values[CRITERIA[1]]
    assert board.column(TITLE, "of limit", "criterion") == {
        **{text: pytest.approx(values[text] / 0.08) for text in CRITERIA},
        SHARE: pytest.approx(0.25, rel=0.2),
        RATE: pytest.approx(2.5, rel=0.1),
    }
    assert shown(run="s").column(TITLE, "state", "criterion") == {CRITERIA[0]: 1}


def test_each_value_has_the_unit_of_its_statistic(shown: Callable[..., Shown]) -> None:
    """Times, shares and rates stand in columns of their own, with as many digits as they need."""
    board = shown(run="r")
    columns = {name: set(board.column(TITLE, name, "criterion")) for name in ("time", "share", "per s")}
    assert columns == {"time": set(CRITERIA), "share": {SHARE}, "per s": {RATE}}
    (panel,) = [one for one in shipped()[Board.LOAD]["panels"] if one["title"] == TITLE]
    looks = {one["matcher"]["options"]: one["properties"] for one in panel["fieldConfig"]["overrides"]}
    units = {name: [one["value"] for one in looks[name] if one["id"] == "unit"] for name in columns}
    assert units == {"time": ["s"], "share": ["percentunit"], "per s": ["none"]}
    assert not any(one["id"] == "decimals" for name in columns for one in looks[name])


def test_what_the_run_did_can_be_read(shown: Callable[..., Shown]) -> None:
    """Users and phase, starts asked for and dropped, requests without the flow of them, a generator that is saturated."""
    board, users, requests = shown(run="r"), "Users, and those there should be", "Requests per second, failed and dropped"
    assert board.last(users, "user_class") == {"TraceUser": USERS}
    assert board.last(users, ref="C") == {(): USERS}
    assert board.last(requests, ref="A") == {(): pytest.approx(10, rel=0.01)}
    assert board.last(requests, "reason", ref="C") == {"no_free_user": pytest.approx(1, rel=0.01), "worker_lost": 0}
    assert board.last(requests, ref="D") == {(): 11}
    assert board.column(WORKERS, "saturated", "worker") == {"0": 1}
    assert board.last("Schedule lag: how late requests start") == {(): pytest.approx(0.1)}


def standing(board: Shown) -> list[float]:
    """The first stat's numbers: phase, broken, saturated, lost, reports lost, names beyond the cap."""
    return [found for ref in "ABCDEF" for found in board.last(STATE, ref=ref).values()]


def test_it_says_whether_the_run_is_alright(shown: Callable[..., Shown]) -> None:
    """Steady, one criterion broken, one worker saturated, nothing lost; the first cell names the run."""
    assert standing(shown(run="r")) == [STEADY, 1, 1, 0, 0, 0]
    assert shown(run="r").last(STATE, "run") == {"r": STEADY}


def test_runs_are_told_apart(shown: Callable[..., Shown]) -> None:
    """The newest of those chosen is shown; the one chosen alone is."""
    assert set(shown().column(WORKERS, "most users", "run")) == {"r"}
    assert set(shown(run="s").column(WORKERS, "most users", "run")) == {"s"}
    early = [line.points for line in shown(run="s").lines("Users, and those there should be")]
    late = [line.points for line in shown(run="r").lines("Users, and those there should be")]
    assert early[0][-1][0] < late[0][0][0]


@pytest.fixture(scope="module")
def bad_and_fine(start_prometheus: Callable[..., str]) -> Callable[..., Shown]:
    """Two runs of 150 s that ended an hour ago: the first saturated and broken, the next, on the same port, fine."""
    end = float(time.time() // 1)
    bad = Past("bad", end - 3900, 150, took=0.3, criteria=(CRITERIA[0],), drops=5)
    fine = replace(
        bad, run="fine", begun=bad.begun + 200, took=0.0004, drops=0, is_saturated=False, criteria=(TINY, CRITERIA[0])
    )
    asking = Asking(start_prometheus(history=history(bad, fine)))
    return lambda since, **choice: Shown(Board.LOAD, asking, end, choice, since)


SPANS = pytest.mark.parametrize("since", ["2h", "24h", WEEK])


@SPANS
def test_figures_are_of_one_run(bad_and_fine: Callable[..., Shown], since: str) -> None:
    """With all runs chosen, the newest one's, and nothing of the run before it on the same port; at any zoom."""
    board = bad_and_fine(since)
    assert board.last(STATE, "run") == {"fine": ENDED}
    assert standing(board) == [ENDED, 0, 0, 0, 0, 0]
    assert board.last(FIGURES, ref="A") == {(): pytest.approx(10, rel=0.02)}
    assert board.last(FIGURES, ref="B") == {(): pytest.approx(0.01, rel=0.1)}
    assert board.last(FIGURES, ref="C") == {(): 0}
    assert board.last(FIGURES, ref="D")[()] < 0.01
    assert set(board.column(TITLE, "state", "criterion")) == {TINY, CRITERIA[0]}


def test_what_the_newest_run_was_not_asked_is_not_the_one_befores(start_prometheus: Callable[..., str]) -> None:
    """It has no criteria; those of the run before, which it broke, are not shown as its own."""
    end = float(time.time() // 1)
    bad = Past("bad", end - 900, 150, took=0.3, criteria=(CRITERIA[0],))
    plain = replace(bad, run="plain", begun=end - 400, criteria=(), instance="127.0.0.1:9648")
    board = Shown(Board.LOAD, Asking(start_prometheus(history=history(bad, plain))), end)
    assert board.last(STATE, "run") == {"plain": ENDED}
    assert not board.lines(STATE, "B")
    assert not board.column(TITLE, "state", "criterion")
    assert replace(board, choice={"run": "bad"}).last(STATE, ref="B") == {(): 1}


@SPANS
def test_what_an_ended_run_came_to_stays(bad_and_fine: Callable[..., Shown], since: str) -> None:
    """Its worker was saturated, though its last page says that it is no more; the most that it took, not what it takes now."""
    board = bad_and_fine(since, run="bad")
    assert standing(board) == [ENDED, 1, 1, 0, 0, 0]
    assert board.last(FIGURES, ref="C") == {(): pytest.approx(5 / (5 + 10), rel=0.01)}
    assert board.column(WORKERS, "saturated", "worker") == {"0": 1}
    assert board.column(WORKERS, "most users", "worker") == {"0": USERS}
    assert board.column(WORKERS, "most core used", "worker") == {"0": 0.5}
    assert board.column(WORKERS, "worst lag", "worker") == {"0": 0.01}
    assert bad_and_fine(since, run="fine").column(WORKERS, "saturated", "worker") == {"0": 0}


def test_a_time_before_the_end_shows_what_it_had_come_to(bad_and_fine: Callable[..., Shown]) -> None:
    """A time shown that ends in the middle of a run knows nothing of what came later."""
    opened = bad_and_fine("1h")
    begun = opened.end - 3900
    board = replace(opened, end=begun + 50)
    assert standing(board) == [1, 0, 0, 0, 0]
    assert board.last(FIGURES, ref="A") == {(): pytest.approx(10, rel=0.1)}


@pytest.fixture(scope="module")
def short(start_prometheus: Callable[..., str]) -> Callable[..., Shown]:
    """A run of half a minute, hours ago, that was killed; another was on its port just before."""
    end = float(time.time() // 1)
    at_a_point = (end - 4 * 3600) // COARSE_SECONDS * COARSE_SECONDS
    run = Past("short", at_a_point + 30, SHORT_SECONDS, steady_after=5, ended=False, criteria=(SHARE, RATE, CRITERIA[1]))
    before = replace(run, run="before", begun=run.begun - 100, drops=0)
    ratios = [line.replace(f"{end - 10:.3f}", f"{run.begun + 20:.3f}") for line in recorded(end)]
    asking = Asking(start_prometheus(history=history(before, run, more=ratios)))
    return lambda since, **choice: Shown(Board.LOAD, asking, end, choice, since)


@pytest.mark.parametrize("since", ["24h", WEEK])
@pytest.mark.parametrize("name", [name for name in QUERIES if AN_ALERT not in name and f"{TITLE}: B" not in name])
def test_a_short_run_shows_at_any_zoom(short: Callable[..., Shown], name: str, since: str) -> None:
    """It is shorter than the way from one point to the next."""
    query = QUERIES[name]
    if "annotation Run ended" not in name:
        assert short(since, run="short").lines(query.panel, query.ref)


def test_a_run_that_was_killed_is_cut_off(short: Callable[..., Shown]) -> None:
    """It says no end, and its last sample is old."""
    assert short(WEEK).last(STATE, "run") == {"short": CUT_OFF}


def test_a_line_leads_to_its_operation_under_load() -> None:
    """Of the drivers of an operation it is this one."""
    for title in ("p95 of each operation, service time", "Failures per second, by reason", "Ratio to the profile's baseline"):
        (panel,) = [one for one in shipped()[Board.LOAD]["panels"] if one["title"] == title]
        (link,) = panel["fieldConfig"]["defaults"]["links"]
        assert f"var-driver={Driver.LOAD}&" in link["url"]


def test_without_a_run_nothing_is_refused(start_prometheus: Callable[..., str]) -> None:
    """Nothing is shown."""
    board = Shown(Board.LOAD, Asking(start_prometheus()), float(time.time() // 1))
    assert not any(board.lines(query.panel, query.ref) for query in QUERIES.values())
