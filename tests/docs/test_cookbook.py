"""The cookbook: what may be pasted into any Prometheus from 2.42 on, and asks for series that there are."""

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from grafana_asking import Asking

from dashboards.runs import FAILED, WHOLE
from docs.cookbook import QUESTIONS, Group, Question, page
from steadyline.live import LIVE
from steadyline.load_vocabulary import LOAD_METRICS, LOAD_RECORDED
from steadyline.vocabulary import METRICS, OPERATION_FAILURES, RECORDED

FROM_PROMETHEUS = {
    "ALERTS": {"alertname", "alertstate"},
    "ALERTS_FOR_STATE": set(),
    "up": set(),
}
"""Series that Prometheus itself makes, with the labels that may be asked for."""
PARTS = {"histogram": ("_bucket", "_sum", "_count")}
LABELS = FROM_PROMETHEUS | {
    f"{one.name}{part}": {*one.labels, *(["le"] if part == "_bucket" else [])}
    for one in (*METRICS, *LOAD_METRICS)
    for part in PARTS.get(one.kind, ("",))
} | {one.name: set(one.labels) for one in (*RECORDED, *LOAD_RECORDED)}  # fmt: skip
"""Each series there is, and its labels."""
OF_THE_SCRAPE = {"job", "instance"}
EXPERIMENTAL = re.compile(
    r"\b(sort_by_label\w*|mad_over_time|limitk|limit_ratio|info|double_exponential_smoothing|ts_of_\w+)\s*\("
)
"""What is newer than 2.42, or has to be switched on."""
KEYWORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset", "and", "or", "unless"}
LABEL_LIST = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
RANGE = re.compile(r"\[(\d+)([smhd])(:\d+[smhd])?\]")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
each = pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.question)


def selectors(query: str) -> Iterator[tuple[str, set[str]]]:
    """Each series of a query with the labels that its matchers name."""
    bare = RANGE.sub("", LABEL_LIST.sub("", re.sub(r'"(?:\\.|[^"\\])*"', '""', query)))
    for found in re.finditer(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(\{[^}]*\})?(?!\s*\()(?![\w:])", re.sub(r"offset \w+", "", bare)):
        if found[1] not in KEYWORDS:
            yield found[1], set(re.findall(r"(\w+)\s*[=!]", found[2] or ""))


def over_operations(query: str) -> Iterator[str]:
    """What is summed, or averaged, over operations: the text within."""
    for found in re.finditer(r"\b(?:sum|avg) by \(([^)]*)\) \(", query):
        if "operation" not in found[1].split(", "):
            yield _within(query[found.end() :])


def _within(text: str) -> str:
    """Up to where the parenthesis closes that is open before it."""
    depth = 1
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return text[:place]
    raise AssertionError(text)


@each
def test_no_step_is_counted_twice(one: Question):
    """Sums over operations leave flows out."""
    summed = [
        series for within in over_operations(one.query) for series in re.findall(r"steadyline_operation_\w+{?[^}]*", within)
    ]
    assert [series for series in summed if WHOLE not in series] == []


@each
def test_a_share_of_failures_is_without_what_was_cut_short(one: Question):
    """Failures are told by reason, or asked for by reason, or without it."""
    asked = re.findall(rf"{OPERATION_FAILURES.name}{{?[^}}]*", one.query)
    by_reason = re.search(r"by \([^)]*\breason\b", one.query)
    assert [series for series in asked if FAILED not in series and "reason=" not in series and not by_reason] == []


def test_some_sum_over_operations_and_some_ask_for_failures():
    """So that the two tests above see any."""
    assert sum("steadyline_operation" in within for one in QUESTIONS for within in over_operations(one.query)) > 10
    assert sum(FAILED in one.query for one in QUESTIONS) > 3


def test_the_reader_of_selectors_sees_every_one():
    """Functions, label lists, strings, ranges and offsets are no series; all else is."""
    query = 'sum by (a) (rate(x_total{b="c",d!~"e f"}[5m] offset 1d)) / on (g) group_left () up > bool 0 and y:z[1h:5s]'
    assert list(selectors(query)) == [("x_total", {"b", "d"}), ("up", set()), ("y:z", set())]


@pytest.fixture(scope="module")
def prometheus(start_prometheus) -> Asking:
    """An empty one."""
    return Asking(start_prometheus())


@pytest.mark.stack
@each
def test_prometheus_takes_it(one: Question, prometheus):
    """It parses, and its types are right."""
    assert prometheus.now(one.query, time.time()) == []


@each
def test_it_asks_for_what_there_is(one: Question):
    """Every series is in the vocabulary, or Prometheus' own, and has the labels that are matched."""
    for series, matched in selectors(one.query):
        assert series in LABELS, f"{series} is in no vocabulary"
        assert matched <= LABELS[series] | OF_THE_SCRAPE, f"{series} has no {matched - LABELS[series]}"


@each
def test_it_can_be_pasted(one: Question):
    """No variables of Grafana, and nothing that 2.42 has not."""
    assert "$" not in one.query
    assert not EXPERIMENTAL.search(one.query)


@each
def test_no_range_is_too_short(one: Question):
    """A range holds at least four scrapes."""
    for count, unit, _ in RANGE.findall(one.query):
        assert int(count) * SECONDS[unit] >= 4 * LIVE.scrape_seconds


@each
def test_an_offset_can_be_shortened(one: Question):
    """What looks back names how far, and looks back less far when it is told to."""
    assert bool(one.horizon) == ("offset" in one.query)
    assert ("offset 42s" in one.with_horizon("42s")) == bool(one.horizon)
    assert f"offset {one.horizon}" not in one.with_horizon("42s") or not one.horizon


def test_nothing_is_asked_twice():
    """Neither in the same words nor by the same query."""
    for told in ([one.question for one in QUESTIONS], [one.query for one in QUESTIONS]):
        assert [words for words, times in Counter(told).items() if times > 1] == []


def test_the_page_tells_all():
    """Each question stands under its heading, with its query as it is and how to read it."""
    parts = dict(zip(Group, re.split(r"^## .*\n", page(), flags=re.MULTILINE)[1:], strict=True))
    assert len(QUESTIONS) >= 25
    for one in QUESTIONS:
        for told in (f"### {one.question}\n", f"```promql\n{one.query}\n```", one.reading):
            assert told in parts[one.group]
