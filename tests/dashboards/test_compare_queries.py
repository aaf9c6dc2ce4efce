"""Every query of the board "compare runs" over a real Prometheus that holds several runs, each as its own page showed it."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from grafana_asking import Asking
from grafana_panels import of_board, span_of
from grafana_variables import Filled, filled
from load_history import KEY, USERS, USERS_AT_FIRST, Past, history
from shown_board import Shown

from dashboards.measures import NOTHING_IN_BOTH
from dashboards.shipped import shipped
from steadyline.boards import Board
from steadyline.live import LIVE
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION

pytestmark = pytest.mark.stack

BOARD = shipped()[Board.COMPARE]
QUERIES = {f"{query.panel}: {query.ref}": query for query in of_board(BOARD)}
SECONDS, STEADY_AFTER, GAP = 150, 60, 500
"""The newer run follows on the same instance while the time shown still holds what the older one did."""
KILLED_AFTER = 130
WHOLE_RANGE = 4 * LIVE.scrape_seconds
"""`$__rate_interval` of ten minutes."""
OPERATIONS, FACTS, USERS_SHOWN = "Operations of both runs, worst first", "The two runs", "Users, each run from its start"
SOURCE = Callable[..., Shown]


def runs(end: float) -> dict[str, Past]:
    """Four of the same load but one, by their id: the newest is under way, and one was killed days ago."""
    new = Past("new", end - 900, SECONDS, took=0.06)
    return {
        "going": Past("going", end - 100, 100, ended=False, instance="127.0.0.1:9648"),
        "new": new,
        "old": replace(new, run="old", begun=new.begun - GAP, took=0.05),
        "killed": replace(
            new, run="killed", begun=end - 3 * 86400, seconds=KILLED_AFTER, took=0.03, ended=False, profile="low"
        ),
    }


@pytest.fixture(scope="module")
def end() -> float:
    """The last moment."""
    return float(time.time() // 10 * 10)


@pytest.fixture(scope="module")
def asking(start_prometheus: Callable[..., str], end: float) -> Asking:
    """A Prometheus that holds all runs."""
    *others, killed = runs(end).values()
    return Asking(start_prometheus(history=history(killed, *reversed(others))))


@pytest.fixture
def shown(asking: Asking, end: float) -> SOURCE:
    """The board at the last moment, by what is chosen."""
    return lambda **choice: Shown(Board.COMPARE, asking, end, choice)


@pytest.fixture
def variables(asking: Asking, end: float) -> Callable[..., dict[str, Filled]]:
    """The board's variables, by what is chosen."""
    return lambda **choice: filled(BOARD, asking, span_of(BOARD, end), choice)


def number(found: dict[str, Filled], name: str) -> float:
    """What a hidden variable was worked out to."""
    return float(found[name].chosen.written())


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_shows_something(shown: SOURCE, name: str) -> None:
    """Each query of the board parses and returns data."""
    query = QUERIES[name]
    assert shown(compared="new", against="old").lines(query.panel, query.ref)


def test_the_newest_is_compared_with_the_next(variables: Callable[..., dict[str, Filled]]) -> None:
    """Newest first, however long ago; a run is never compared with itself."""
    found = variables()
    assert found["compared"].options == ("going", "new", "old", "killed")
    assert found["against"].options == ("new", "old", "killed")
    assert [found[name].chosen.written() for name in ("compared", "against")] == ["going", "new"]
    assert variables(compared="new")["against"].options == ("going", "old", "killed")


def test_runs_are_aligned_at_their_start(shown: SOURCE, end: float) -> None:
    """What came a minute after the start of either stands a minute from the left edge in both."""
    board, left = shown(compared="new", against="old"), span_of(BOARD, end).start
    for ref in "AB":
        (line,) = board.lines(USERS_SHOWN, ref)
        assert line.points[0] == pytest.approx((left, USERS_AT_FIRST))
        assert next(at for at, users in line.points if users == USERS) == left + STEADY_AFTER
    for mark in ("annotation run is steady", "annotation against is steady"):
        (line,) = board.lines(mark, "Anno")
        assert {value / 1000 for _, value in line.points} == {left + STEADY_AFTER}


def test_a_run_of_days_ago_is_aligned_too(shown: SOURCE, end: float) -> None:
    """The time shown is short, the runs may be of any age."""
    (line,) = shown(compared="new", against="killed").lines(USERS_SHOWN, "B")
    assert next(at for at, users in line.points if users == USERS) == span_of(BOARD, end).start + STEADY_AFTER


def test_the_next_run_of_an_instance_does_not_leak_in(shown: SOURCE, end: float) -> None:
    """The time shown reaches into the newer run, which had the same port; of the older one nothing is shown there."""
    span = span_of(BOARD, end)
    assert span.seconds > GAP
    board = shown(compared="new", against="old")
    for title in (USERS_SHOWN, "Successes per second, from the start", "p95 of each operation, service time"):
        assert all(line.points[-1][0] < span.start + GAP for line in board.lines(title, "B"))
    rates = board.lines("Successes per second, from the start", "A")
    running = [rate for line in rates for at, rate in line.points if WHOLE_RANGE <= at - span.start <= SECONDS]
    assert running
    assert running == pytest.approx([10] * len(running), rel=0.01)


def test_a_run_that_follows_at_once_has_no_rate_of_the_other(start_prometheus: Callable[..., str], end: float) -> None:
    """Until a rate's whole range lies in the run, the other one's last samples would count in it."""
    first = Past("first", end - 900, SECONDS)
    second = replace(first, run="second", begun=first.begun + SECONDS + LIVE.scrape_seconds)
    board = Shown(Board.COMPARE, Asking(start_prometheus(history=history(first, second))), end)
    (line,) = board.lines("Successes per second, from the start", "A")
    assert WHOLE_RANGE - LIVE.scrape_seconds <= line.points[0][0] - span_of(BOARD, end).start <= WHOLE_RANGE


def test_a_ratio_above_1_is_worse(shown: SOURCE) -> None:
    """Of the means, of the steady phase of each; the other way round it is the inverse."""
    board = shown(compared="new", against="old")
    assert board.column(OPERATIONS, "mean", "operation")[KEY.operation] == pytest.approx(0.06)
    assert board.column(OPERATIONS, "(mean)", "operation")[KEY.operation] == pytest.approx(0.05)
    assert board.column(OPERATIONS, "ratio", "operation")[KEY.operation] == pytest.approx(1.2)
    assert board.column(OPERATIONS, "ratio rate", "operation")[KEY.operation] == pytest.approx(1, rel=0.02)
    assert board.column(OPERATIONS, "per s", "operation")[KEY.operation] == pytest.approx(10, rel=0.05)
    assert board.column(OPERATIONS, "failed", "operation")[KEY.operation] == pytest.approx(0.01, rel=0.3)
    assert shown(compared="old", against="new").column(OPERATIONS, "ratio", "operation")[KEY.operation] == pytest.approx(
        1 / 1.2
    )


def test_slower_operations_are_counted(shown: SOURCE) -> None:
    """By the severities' own levels."""
    assert 1 + WARNING_DEGRADATION < 1.2 < 1 + CRITICAL_DEGRADATION
    board = shown(compared="new", against="old")
    assert [board.last("Operations slower, and faster", ref=ref) for ref in "ABC"] == [{(): 2}, {(): 0}, {(): 0}]
    board = shown(compared="old", against="killed")
    assert board.last("Operations slower, and faster", ref="B") == {(): 2}


@pytest.mark.parametrize(("against", "alike"), [("old", 2), ("killed", 1)], ids=["same profile", "another profile"])
def test_it_says_whether_the_load_is_the_same(shown: SOURCE, against: str, alike: int) -> None:
    """2 is the same, 1 is not; the words are in the panel."""
    assert shown(compared="new", against=against).last("Is the load the same?") == {(): alike}


def test_other_users_are_another_load(start_prometheus: Callable[..., str], end: float) -> None:
    """One profile, and fewer users than it has: one of the runs never became steady."""
    new = Past("new", end - 900, SECONDS)
    few = replace(new, run="few", begun=new.begun - GAP, seconds=50)
    asking = Asking(start_prometheus(history=history(few, new)))
    assert Shown(Board.COMPARE, asking, end).last("Is the load the same?") == {(): 1}


def test_a_killed_run_counts_to_its_last_sample(
    shown: SOURCE, variables: Callable[..., dict[str, Filled]], end: float
) -> None:
    """It has no end; its steady phase ends there, and it is said to be cut off."""
    choice = {"compared": "new", "against": "killed"}
    found, killed = variables(**choice), runs(end)["killed"]
    assert number(found, "against_end") == killed.begun + KILLED_AFTER
    assert number(found, "against_seconds") == KILLED_AFTER - STEADY_AFTER
    board = shown(**choice)
    assert board.column(OPERATIONS, "ratio", "operation")[KEY.operation] == pytest.approx(2)
    assert board.column(FACTS, "state", "which") == {"run": 1, "against": 0}


def test_a_run_under_way_counts_up_to_now(shown: SOURCE, variables: Callable[..., dict[str, Filled]], end: float) -> None:
    """It is said to be under way."""
    assert number(variables(), "compared_end") == pytest.approx(end, abs=LIVE.scrape_seconds)
    assert shown().column(FACTS, "state", "which", "run") == {("run", "going"): 2, ("against", "new"): 1}
    assert shown().column(OPERATIONS, "ratio", "operation")[KEY.operation] == pytest.approx(0.05 / 0.06)


def test_facts_are_of_their_run(shown: SOURCE, end: float) -> None:
    """When each was, for how long it is compared, and of how many users."""
    board, known = shown(compared="new", against="old"), runs(end)
    assert board.column(FACTS, "started", "run") == {name: known[name].begun * 1000 for name in ("new", "old")}
    assert board.column(FACTS, "ended", "run") == {name: (known[name].begun + SECONDS) * 1000 for name in ("new", "old")}
    assert board.column(FACTS, "compared for", "run") == dict.fromkeys(("new", "old"), SECONDS - STEADY_AFTER)
    assert board.column(FACTS, "users", "run") == dict.fromkeys(("new", "old"), USERS)


def test_one_run_alone_is_shown_without_a_ratio(start_prometheus: Callable[..., str], end: float) -> None:
    """No query is refused."""
    asking = Asking(start_prometheus(history=history(Past("new", end - 900, SECONDS))))
    board = Shown(Board.COMPARE, asking, end)
    found = {name: board.lines(query.panel, query.ref) for name, query in QUERIES.items()}
    assert found[f"{USERS_SHOWN}: A"]
    assert board.column(FACTS, "state", "run") == {"new": 1}
    assert not board.column(OPERATIONS, "ratio", "operation")
    assert not found["Is the load the same?: A"]


def test_no_run_at_all_is_no_error(start_prometheus: Callable[..., str], end: float) -> None:
    """Nothing is shown, and no query is refused."""
    board = Shown(Board.COMPARE, Asking(start_prometheus()), end)
    assert not any(board.lines(query.panel, query.ref) for query in QUERIES.values())


def test_runs_without_a_common_operation_are_said_to_have_none(start_prometheus: Callable[..., str], end: float) -> None:
    """In place of a ratio stands a number that the panels have words for: not that a run is missing."""
    new = Past("new", end - 900, SECONDS)
    other = replace(new, run="other", begun=new.begun + GAP)
    renamed = "\n".join(
        line.replace(KEY.operation, "trace.other").replace("trace.crud", "trace.others") for line in other.scraped()
    )
    asking = Asking(start_prometheus(history=history(new, more=renamed.splitlines())))
    board = Shown(Board.COMPARE, asking, end)
    stats = {"Worst ratio of the means": "A", "Operations slower, and faster": "ABC"}
    for title, refs in stats.items():
        assert [board.last(title, ref=ref) for ref in refs] == [{(): NOTHING_IN_BOTH}] * len(refs)
        (panel,) = [one for one in BOARD["panels"] if one["title"] == title]
        words = panel["fieldConfig"]["defaults"]["mappings"][0]["options"]
        assert words[str(NOTHING_IN_BOTH)]["text"] == "none in both"
    (table,) = [one for one in BOARD["panels"] if one["title"] == OPERATIONS]
    looks = {one["matcher"]["options"]: one["properties"] for one in table["fieldConfig"]["overrides"]}
    said = {
        name: [one["value"] for one in looks[name] if one["id"] == "noValue"] for name in ("ratio", "ratio p95", "ratio rate")
    }
    assert set(map(tuple, said.values())) == {("not in both",)}
    assert not board.column(OPERATIONS, "ratio", "operation")
    assert board.column(OPERATIONS, "mean", "operation")
