"""Every query of every board, and of the cookbook, over the stack's own Prometheus while things happen to what it watches.

A query must answer with what was measured: constants that a panel shows where nothing is are taken off first.
"""

import re
import shutil
from collections.abc import Iterator

import pytest
from grafana_asking import Line
from grafana_panels import ANNOTATION_POINTS, Query, Sent, due, labels_of, of_board, sent, span_of
from grafana_variables import Choice, Filled, filled
from living_history import SLOWED
from living_stack import FAILED, GONE, GONE_AT_END, ON_BOTH, Living, living
from promql_stripped import stripped

from dashboards.queries import LEVELS
from dashboards.shipped import shipped
from docs.cookbook import QUESTIONS, Question
from steadyline.boards import Board
from steadyline.outcome import Reason
from steadyline.severity import CRITICAL_DEGRADATION, WARNING_DEGRADATION, Severity

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

BOARDS = shipped()
QUERIES: dict[str, tuple[str, Query]] = {
    f"{uid}/{query.panel}/{query.ref}": (uid, query) for uid, board in BOARDS.items() for query in of_board(board)
}
EVENTS = {
    "a load run begins": rf"{Board.LOAD}/(?!annotation Alerts).*|.*/annotation Run .*|.*\b[Ll]oad (workers|generator)\b.*",
    "an alert fires": rf".*/annotation Alerts/.*|{Board.OVERVIEW}/(Alerts firing|.*worst alert|Severity over time).*",
    "the alert of what is slow fires": rf"{Board.OPERATION}/Alert firing now/.*",
    "an operation fails": rf"(?!{Board.COMPARE}).*/Failures per second, by .*",
    "a notification is lost": rf"{Board.STACK}/Notifications per minute/[BD]",
}
"""What happens here, and the queries that are empty until then: these are asked before it, too."""
UNTIL = {name: event for event, names in EVENTS.items() for name in QUERIES if re.fullmatch(names, name)}
NEVER: dict[str, str] = {}
"""Queries and questions that stay empty here, with what they wait for and why it cannot be made to happen in a few minutes."""
SOMETIMES: dict[str, str] = {
    "Which part of the exporter does not answer?": "a collector that takes too long, which it does on a busy machine only",
    "Which scheduled operation has gone silent?": "a schedule that stands still while the exporter answers",
}
"""Queries and questions that may be empty here, with what they wait for."""
SEVERITIES = (f"{Board.OVERVIEW}/$backend: worst alert/A",)
RATIOS = (f"{Board.OPERATION}/Ratio to the baseline/A",)
FAILURES = (
    f"{Board.OVERVIEW}/Failures per second, by backend and reason/A",
    f"{Board.OPERATION}/Failures per second, by reason/A",
)
"""Queries that must show the regression as a severity and as a ratio, and the failures with their reason."""
HORIZON = "30m"
"""How far back questions look here: into the hour that was there before the stack."""


Variables = dict[str, list[dict[str, Filled]]]
"""Of each board, for each choice."""


@pytest.fixture(scope="module")
def alive() -> Iterator[Living]:
    """The stack after everything has happened."""
    if not shutil.which("prometheus"):
        pytest.skip("Prometheus is not on PATH: make test installs it")
    with living() as found:
        yield found


@pytest.fixture(scope="module")
def variables(alive: Living) -> Variables:
    """The variables of each board at the end, once for each choice."""
    found: Variables = {}
    for uid, board in BOARDS.items():
        span = span_of(board, alive.end)
        opened = filled(board, alive.asking, span)
        found[uid] = [filled(board, alive.asking, span, choice) for choice in choices(uid, opened)] or [opened]
    return found


def choices(uid: str, opened: dict[str, Filled]) -> tuple[Choice, ...]:
    """What links to a board choose, where it is for one thing at a time; none for what it shows when it is opened."""
    match uid:
        case Board.OPERATION:
            return {"operation": SLOWED}, {"operation": FAILED}
        case Board.COMPARE:
            return tuple({"compared": run} for run in opened["compared"].options)
    return ()


def asked(name: str, variables: Variables, end: float) -> list[list[Sent]]:
    """A query as it is sent, for each choice: once, or once for each value that its panel is repeated for."""
    uid, query = QUERIES[name]
    return [sent(query, chosen, span_of(BOARDS[uid], end)) for chosen in variables[uid]]


def asked_last(alive: Living, name: str, variables: Variables) -> list[list[Sent]]:
    """The same after the end, when what happened until then has its point."""
    uid, query = QUERIES[name]
    span = (
        due(query, span_of(BOARDS[uid], alive.end)) if query.points == ANNOTATION_POINTS else span_of(BOARDS[uid], alive.end)
    )
    return [sent(query, chosen, span) for chosen in variables[uid]]


def lines(alive: Living, variables: Variables, name: str, end: float | None = None) -> list[Line]:
    """What was measured, as a query shows it under any choice."""
    found = asked_last(alive, name, variables) if end is None else asked(name, variables, end)
    every = [one for sents in found for one in sents]
    return [line for one in every for line in one.without_constants().answered(alive.asking)]


@pytest.mark.parametrize("uid", BOARDS)
def test_each_variable_has_something_to_choose(alive: Living, uid: str) -> None:
    """Whatever a board can be narrowed by is there, and can be narrowed to."""
    board = BOARDS[uid]
    span = span_of(board, alive.end)
    found = filled(board, alive.asking, span)
    assert {name for name, one in found.items() if not one.options} == set()
    for variable in board["templating"]["list"]:
        name = variable["name"]
        if variable["type"] == "query" and not variable.get("hide"):
            assert filled(board, alive.asking, span, {name: found[name].options[-1]})


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_shows_what_was_measured(alive: Living, variables: Variables, name: str) -> None:
    """It is taken as Grafana sends it, for every value that its panel is repeated for, and answers with a measurement.

    What its legend names is there; what is listed as empty is.
    """
    query = QUERIES[name][1]
    shown = [[one.answered(alive.asking) for one in sents] for sents in asked_last(alive, name, variables)]
    measured = lines(alive, variables, name)
    if name in SOMETIMES and not measured:
        return
    if name in NEVER:
        assert not measured, f"it is listed as empty until {NEVER[name]}"
        return
    assert measured, asked(name, variables, alive.end)[0][0].without_constants().expression
    assert any(all(every) for every in shown), "its panel is empty for one of the values that it is repeated for"
    assert labels_of(query.legend) <= {label for line in measured for label in line.labels}


@pytest.mark.parametrize("name", UNTIL)
def test_a_query_is_empty_before_its_event(alive: Living, variables: Variables, name: str) -> None:
    """So it is the event that it shows."""
    board = BOARDS[Board.LOAD]  # places its newest run by variables: they are those of that moment
    then = variables | {Board.LOAD: [filled(board, alive.asking, span_of(board, alive.quiet))]}
    assert not lines(alive, then, name, alive.quiet), f"it is listed as empty until {UNTIL[name]}"


def values(alive: Living, variables: Variables, name: str, label: str, end: float) -> dict[str, float]:
    """What a panel shows at a moment, constants and all, by a label's value; the largest of each."""
    every = [one for sents in asked(name, variables, end) for one in sents]
    found: dict[str, float] = {}
    for line in (line for one in every for line in one.answered(alive.asking)):
        value = line.labels.get(label, "")
        found[value] = max(line.last, found.get(value, line.last))
    return found


@pytest.mark.parametrize("name", SEVERITIES)
def test_a_regression_turns_its_cell_critical(alive: Living, variables: Variables, name: str) -> None:
    """It was quiet while the operation was as quick as ever."""
    assert values(alive, variables, name, "operation", alive.steady)[SLOWED] == 0
    assert values(alive, variables, name, "operation", alive.end)[SLOWED] == LEVELS[Severity.CRITICAL]


@pytest.mark.parametrize("name", RATIOS)
def test_a_regression_moves_the_ratio(alive: Living, variables: Variables, name: str) -> None:
    """From under the first level to what the operation was slowed by, or more where the machine is busy."""
    before, during = (values(alive, variables, name, "operation", end)[SLOWED] for end in (alive.steady, alive.end))
    assert before < 1 + WARNING_DEGRADATION < 1 + CRITICAL_DEGRADATION < during


@pytest.mark.parametrize("name", FAILURES)
def test_a_target_that_is_gone_shows_as_failures_by_reason(alive: Living, variables: Variables, name: str) -> None:
    """Nobody could connect to it; before there was no such failure."""
    assert not lines(alive, variables, name, alive.quiet)
    gone = [line for line in lines(alive, variables, name) if line.labels["reason"] == Reason.CONNECT]
    assert any(value > 0 for line in gone for _, value in line.points)
    backends = {line.labels.get("operation", line.labels.get("backend", "")).partition(".")[0] for line in gone}
    assert GONE in backends
    assert backends <= {GONE, GONE_AT_END, ON_BOTH}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.question)
def test_a_question_is_answered(alive: Living, question: Question) -> None:
    """Each of the cookbook, as it stands there but for how far it looks back."""
    query = stripped(question.with_horizon(HORIZON))
    found = alive.asking.now(query, alive.end)
    if question.question in NEVER:
        assert not found, f"it is listed as empty until {NEVER[question.question]}"
    elif question.question not in SOMETIMES:
        assert found, query


def test_what_is_listed_is_there() -> None:
    """No query is listed that no board has, none as both; and no two of a board have one name."""
    assert set(UNTIL.values()) == set(EVENTS)
    assert {*SEVERITIES, *RATIOS, *FAILURES} <= set(QUERIES)
    assert {*NEVER, *SOMETIMES} <= {*QUERIES, *(one.question for one in QUESTIONS)}
    assert not set(UNTIL) & set(NEVER)
    assert sum(len(of_board(board)) for board in BOARDS.values()) == len(QUERIES)
