"""The tests' own stand-in for Grafana: names, variables and constants are treated as Grafana does, and errors are loud."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from grafana_asking import Asking
from grafana_interpolation import Chosen, Span, UnknownNameError, interpolated, intervals
from grafana_panels import of_board, sent
from grafana_variables import filled, in_order, matched
from promql_stripped import stripped

HOUR = Span(1_700_000_000.0, 1_700_003_600.0)
OPERATIONS = Chosen(("sql.item_read", "s3.put+x"), escaped=True)
ONE = Chosen(("sql.item_read",))


@pytest.mark.parametrize(
    ("text", "sent_as"),
    [
        ('x{a=~"$several"}', 'x{a=~"(sql\\\\.item_read|s3\\\\.put\\\\+x)"}'),
        ('x{a="$one"}', 'x{a="sql.item_read"}'),
        ('x{a=~"${one:regex}"}', 'x{a=~"sql\\.item_read"}'),
        ('x{a=~"[[one]]_[[several:pipe]]"}', 'x{a=~"sql.item_read_sql.item_read|s3.put+x"}'),
        ('x{a=~"$all"}', 'x{a=~".*"}'),
        ("rate(x[$__rate_interval]) / $__range_s + ${__from:date:seconds}", "rate(x[20s]) / 3600 + 1700000000"),
        ("x[$__range:$__interval] @ $__to", "x[3600s:5s] @ 1700003600000"),
        ('label_replace(x, "a", "$1-${2}", "b", "(.*)y$")', 'label_replace(x, "a", "$1-${2}", "b", "(.*)y$")'),
    ],
)
def test_names_are_replaced(text: str, sent_as: str) -> None:
    """One value as it is, several as an escaped alternative, the text for all verbatim, times and intervals."""
    chosen = {"several": OPERATIONS, "one": ONE, "all": Chosen((".*",), escaped=True, verbatim=True)}
    assert interpolated(text, chosen, HOUR.names | intervals(5, 5)) == sent_as


@pytest.mark.parametrize("text", ["$nothing", "${nothing:regex}", "[[nothing]]", "${one.text}", "${one:glob}", "$one_total"])
def test_a_name_that_grafana_would_leave_is_refused(text: str) -> None:
    """A board whose variable was renamed must not look healthy."""
    with pytest.raises(UnknownNameError):
        interpolated(text, {"one": ONE}, {})


def test_a_variables_query_knows_no_rate_interval() -> None:
    """Grafana gives it to panels only."""
    with pytest.raises(UnknownNameError, match="__rate_interval"):
        interpolated("rate(x[$__rate_interval])", {}, HOUR.names | intervals(5))


@pytest.mark.parametrize(
    ("regex", "values"),
    [
        ("", ['a{run="x"} 7 1', 'a{run="y"} 12 1']),
        ('/run="([^"]*)"/', ["x", "y"]),
        ("/x/", ['a{run="x"} 7 1']),
        ('/run="(?<text>[^"]*)".* (?<value>\\d+) \\d+/', ["7", "12"]),
        ("/(\\d+)/g", ["7", "1", "12", "1"]),
        ("/RUN=.(\\w)/i", ["x", "y"]),
        ("a", []),
    ],
)
def test_a_regex_leaves_its_group(regex: str, values: list[str]) -> None:
    """The whole text where it has none; the group called `value` where groups have names; only what matches."""
    assert matched(['a{run="x"} 7 1', 'a{run="y"} 12 1'], regex) == values


@pytest.mark.parametrize(
    ("sort", "values"),
    [
        (0, ["b10", "B9", "a1"]),
        (1, ["B9", "a1", "b10"]),
        (2, ["b10", "a1", "B9"]),
        (3, ["a1", "B9", "b10"]),
        (4, ["b10", "B9", "a1"]),
        (5, ["a1", "b10", "B9"]),
    ],
)
def test_options_are_in_order(sort: int, values: list[str]) -> None:
    """As they came, by letters, by their number, or by letters whatever their case."""
    assert in_order(["b10", "B9", "a1"], sort) == values


@pytest.mark.parametrize(
    ("expression", "left"),
    [
        ("count(x) or vector(0)", "count(x)"),
        ("sum(x) or on() vector(0)", "sum(x)"),
        ('max by (a, b) (3 * x{y="or vector(0)"} or 0 * z{a=~"b|c"})', 'max by (a, b) (3 * x{y="or vector(0)"})'),
        ("(a or vector(0)) / (b or b2 or (0 * c))", "(a) / (b or b2)"),
        ("vector(0) or on (a) x or y", "x or y"),
        ("x or 0.5 * y", "x or 0.5 * y"),
        ("rate(x[5m]) >= 0 or y * 0", "rate(x[5m]) >= 0"),
        ("vector(1)", "vector(1)"),
    ],
)
def test_constants_are_stripped(expression: str, left: str) -> None:
    """At any depth, whichever way they are written; comparisons and measured alternatives stay."""
    assert stripped(expression) == left


def variable(name: str, query: str, **more: Any) -> dict[str, Any]:
    """A variable that Prometheus is asked for."""
    return {"name": name, "type": "query", "query": query, "sort": 1, **more}


ALL = {"text": "All", "value": "$__all"}
DOCUMENT: dict[str, Any] = {
    "templating": {
        "list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus"},
            variable("run", "label_values(started, run)", current={}),
            variable("job", 'label_values(x{run="$run"}, job)', multi=True, includeAll=True, allValue=".*", current=ALL),
            variable("any", "label_values(job)", multi=True, includeAll=True, current=ALL),
            variable("at", 'query_result(started{run="$run"})', regex=r"/.* ([\d.]+) \d+/", current={}),
            {"name": "limit", "type": "custom", "query": "Low : 1, High : 2", "current": {"value": "2"}},
            {"name": "step", "type": "interval", "query": "1m,5m", "current": {}},
            {"name": "text", "type": "textbox", "query": "z", "current": {"value": ""}},
            variable("none", "label_values(nothing, job)", current={}),
        ]
    },
    "panels": [
        {"type": "row", "title": "r", "repeat": "job"},
        {"type": "stat", "title": "p", "targets": [{"refId": "A", "expr": 'x{job=~"$job"}', "instant": True}]},
    ],
}
HISTORY = """started{run="new"} 200 {at}
started{run="old"} 100 {at}
x{run="new",job="a.b"} 1 {at}
x{run="new",job="c"} 1 {at}
x{run="old",job="d"} 1 {at}
# EOF
"""


@pytest.fixture(scope="module")
def held(start_prometheus: Callable[..., str]) -> tuple[Asking, Span]:
    """A Prometheus with a few series of two minutes ago, and the five minutes around them."""
    at = time.time() - 120
    return Asking(start_prometheus(history=HISTORY.replace("{at}", f"{at:.3f}"))), Span(at - 180, at + 120)


@pytest.mark.stack
def test_variables_are_filled_in_their_order(held: tuple[Asking, Span]) -> None:
    """Each by those before it; the first option where nothing is chosen, the text for all or all options where all is."""
    found = filled(DOCUMENT, *held)
    assert {name: one.options for name, one in found.items() if name != "datasource"} == {
        "run": ("new", "old"),
        "job": ("a.b", "c"),
        "any": ("a.b", "c", "d"),
        "at": ("200",),
        "limit": ("1", "2"),
        "step": ("1m", "5m"),
        "text": ("z",),
        "none": (),
    }
    assert {name: one.chosen.written() for name, one in found.items() if name != "datasource"} == {
        "run": "new",
        "job": ".*",
        "any": r"(a\\.b|c|d)",
        "at": "200",
        "limit": "2",
        "step": "1m",
        "text": "z",
        "none": "",
    }


@pytest.mark.stack
def test_a_choice_moves_what_depends_on_it(held: tuple[Asking, Span]) -> None:
    """Another run has other jobs and another moment."""
    found = filled(DOCUMENT, *held, {"run": "old", "job": ["d"]})
    assert (found["job"].chosen.written(), found["at"].chosen.written()) == ("d", "100")


@pytest.mark.stack
@pytest.mark.parametrize("choice", [{"run": "newest"}, {"jobs": "d"}], ids=["no option", "no variable"])
def test_a_choice_that_is_not_there_is_refused(held: tuple[Asking, Span], choice: dict[str, str]) -> None:
    """Grafana would show something else instead."""
    with pytest.raises(AssertionError, match=r"newest|jobs"):
        filled(DOCUMENT, *held, choice)


@pytest.mark.stack
def test_a_repeated_row_asks_for_each_value(held: tuple[Asking, Span]) -> None:
    """All means each option, one after the other."""
    asking, span = held
    asked = [one for query in of_board(DOCUMENT) for one in sent(query, filled(DOCUMENT, asking, span), span)]
    assert [one.expression for one in asked] == [r'x{job=~"a\\.b"}', 'x{job=~"c"}']
    assert [[line.last for line in one.answered(asking)] for one in asked] == [[1], [1]]
