"""A criterion's grammar: one way to write each, exact limits, and what is said of a mistake."""

import contextlib
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steadyline.criterion import STATISTICS, Comparison, Kind, parse
from steadyline.edges import LADDER, own_edges
from steadyline.errors import ConfigurationError

READ = {
    "GET /api/v1/items p95<80ms": ("GET /api/v1/items p95 < 80ms", 0.08, None),
    "GET /mean response p99 < 1s for 30s": ("GET /mean response p99 < 1s for 30s", 1.0, 30.0),
    "trace.item_create p95 < 80ms for 30s": ("trace.item_create p95 < 80ms for 30s", 0.08, 30),
    "trace.item_read failures < 1%": ("trace.item_read failures < 1%", 0.01, None),
    "* rate > 200/s for 1m": ("* rate > 200/s for 60s", 200, 60),
    "  sql.x\tresponse p99.9<=1.5s ": ("sql.x response p99.9 <= 1.5s", 1.5, None),
    "sql.x mean < 80 ms for 30 s": ("sql.x mean < 80ms for 30s", 0.08, 30),
    "sql.x p50 >= 0.0500s": ("sql.x p50 >= 50ms", 0.05, None),
    "sql.x p50 < 0.0003s": ("sql.x p50 < 300us", 0.0003, None),
    "sql.x failures <= 0%": ("sql.x failures <= 0%", 0, None),
    "sql.x failures < 0.01%": ("sql.x failures < 0.01%", 0.0001, None),
    "* drops <= 0/s for 1m30s": ("* drops <= 0/s for 90s", 0, 90),
    "* p95 < 56.23ms": ("* p95 < 56.23ms", 0.05623, None),
}

STATISTICS_TOLD = (
    "take p50, p90, p95, p99, p99.9, mean, rate, failures, drops (a time from the intended start: response p95), "
    "as in 'sql.x p95 < 80ms'"
)
WINDOW_TOLD = (
    "is no window: it is 10 to 3600 whole seconds, as in 'sql.x p95 < 80ms for 30s'; "
    "without one the whole steady phase is judged"
)
REFUSED = {
    "": (
        "an empty criterion; write OPERATION STATISTIC COMPARISON LIMIT [for WINDOW], "
        "as in 'trace.item_create p95 < 80ms for 30s'"
    ),
    "p95 < 80ms": (
        "it begins with no operation; name one, or * for all together, as in 'trace.item_create p95 < 80ms for 30s'"
    ),
    "sql.* rate > 1/s": "sql.* is no operation: name one, or * alone for all together, as in '* rate > 200/s'",
    "sql.x": f"nothing is no statistic; {STATISTICS_TOLD}",
    "sql.x p96 < 80ms": f"p96 is no statistic; {STATISTICS_TOLD}",
    "sql.x response rate > 1/s": f"response rate is no statistic; {STATISTICS_TOLD}",
    "sql.x p95": "nothing is no comparison; take <, <=, > or >=, as in 'sql.x p95 < 80ms'",
    "sql.x rate = 80/s": "= is no comparison; take <, <=, > or >=, as in 'sql.x rate > 200/s'",
    "sql.x p95 <": "nothing is no limit of p95, which is a time (us, ms or s); write it as in 'sql.x p95 < 80ms'",
    "sql.x p95 < 80": "80 is no limit of p95, which is a time (us, ms or s); write it as in 'sql.x p95 < 80ms'",
    "sql.x p95 < -1ms": "-1ms is no limit of p95, which is a time (us, ms or s); write it as in 'sql.x p95 < 80ms'",
    "* p95 < 1%": "1% is no limit of p95, which is a time (us, ms or s); write it as in '* p95 < 100ms'",
    "sql.x failures < 5ms": (
        "5ms is no limit of failures, which is a share of the attempts (%); write it as in 'sql.x failures < 1%'"
    ),
    "sql.x rate > 1e3/s": "1e3/s is no limit of rate, which is a number per second (/s); write it as in 'sql.x rate > 200/s'",
    "sql.x mean < 0ms": "0us is no limit: nothing takes no time; write one above zero, as in 'sql.x mean < 80ms'",
    "sql.x failures < 0%": (
        "failures < 0% never holds; write a limit that can be kept and broken, as in 'sql.x failures < 1%'"
    ),
    "sql.x failures <= 100%": (
        "failures <= 100% always holds; write a limit that can be kept and broken, as in 'sql.x failures < 1%'"
    ),
    "sql.x failures > 100%": (
        "failures > 100% never holds; write a limit that can be kept and broken, as in 'sql.x failures < 1%'"
    ),
    "sql.x rate >= 0/s": "rate >= 0/s always holds; write a limit that can be kept and broken, as in 'sql.x rate > 200/s'",
    "sql.x p95 < 12.3456ms": (
        "12.3456ms has more than 4 significant digits, which no bucket has; take 12.35ms, as in 'sql.x p95 < 12.35ms'"
    ),
    "* p95 > 80ms": (
        "80ms is no edge that all operations have; take 56.23ms or 100ms, as in '* p95 > 100ms', or name an operation"
    ),
    "* p95 < 70s": "70s is no edge that all operations have; take 60s, as in '* p95 < 60s', or name an operation",
    "sql.x drops < 1/s": "a start that is dropped is of no operation yet; ask for all, as in '* drops < 1/s'",
    "sql.x p95 < 80ms 30s": "'30s' is too much or too little; a window is written as in 'sql.x p95 < 80ms for 30s'",
    "sql.x p95 < 80ms for": "'for' is too much or too little; a window is written as in 'sql.x p95 < 80ms for 30s'",
    "sql.x p95 < 80ms for 30": (
        "'30' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d), as in 'sql.x p95 < 80ms for 30s'"
    ),
    "sql.x p95 < 80ms for 5s": f"5s {WINDOW_TOLD}",
    "sql.x p95 < 80ms for 2h": f"2h {WINDOW_TOLD}",
    "sql.x p95 < 80ms for 10500ms": f"10500ms {WINDOW_TOLD}",
}


@pytest.mark.parametrize(("said", "means"), READ.items(), ids=list(READ))
def test_what_is_read(said, means):
    """Units, spaces and zeros may be written as one likes; the normal form is one."""
    found = parse(said)
    assert (found.text, found.limit, found.window_seconds) == means
    assert parse(found.text) == found


@pytest.mark.parametrize(("said", "told"), REFUSED.items(), ids=list(REFUSED))
def test_what_is_refused(said, told):
    """One message says what is wrong, and shows one that works."""
    with pytest.raises(ConfigurationError) as caught:
        parse(said)
    assert str(caught.value) == f"{said!r}: {told}"
    example = re.findall("as in '([^']+)'", str(caught.value))[-1]
    assert parse(example).text == example


UNITS = {Kind.RATE: ("/s",), Kind.DROPS: ("/s",), Kind.FAILURES: ("%",)}


@st.composite
def lines(draw):
    """A line that may be a criterion: the right unit, any number."""
    statistic = draw(st.sampled_from(sorted(STATISTICS)))
    unit = draw(st.sampled_from(UNITS.get(STATISTICS[statistic].kind, ("us", "ms", "s"))))
    number = draw(st.one_of(st.integers(0, 10**9), st.decimals(0, 10**5, allow_nan=False, places=3)))
    window = draw(st.one_of(st.just(""), st.integers(10, 3600).map(lambda seconds: f" for {seconds}s")))
    operation = draw(st.sampled_from(["*", "sql.x", "trace.item_create"]))
    return f"{operation} {statistic} {draw(st.sampled_from(list(Comparison)))} {number}{unit}{window}"


@given(lines())
def test_the_normal_form_means_the_same(line):
    """What is accepted is accepted again as it is written, and its limit is an edge that a histogram has as it is."""
    try:
        found = parse(line)
    except ConfigurationError:
        return
    assert parse(found.text) == found
    assert parse(found.text).text == found.text
    assert own_edges(None, 0, found.edge_seconds) == found.edge_seconds
    if found.statistic.kind is Kind.QUANTILE:
        assert found.limit in (LADDER if found.operation == "*" else found.edge_seconds)
    else:
        assert found.edge_seconds == ()


@given(st.text(max_size=60))
def test_any_text_is_a_criterion_or_told(text):
    """Nothing but the one kind of error."""
    with contextlib.suppress(ConfigurationError):
        parse(text)


@pytest.mark.parametrize(
    ("said", "under", "at", "over"),
    [
        ("sql.x mean < 80ms", True, False, False),
        ("sql.x mean <= 80ms", True, True, False),
        ("sql.x mean > 80ms", False, False, True),
        ("sql.x mean >= 80ms", False, True, True),
    ],
)
def test_how_a_value_is_held_to_the_limit(said, under, at, over):
    """At the limit itself the comparison decides, exactly."""
    limit, trifle = Fraction(8, 100), Fraction(1, 10**30)
    assert [parse(said).holds(value) for value in (limit - trifle, limit, limit + trifle)] == [under, at, over]


def test_a_quantile_is_counted():
    """95 of 100 at or under the limit are a 95th percentile of at most the limit, 94 are not; 999 of 1000 for p99.9."""
    below, above = parse("sql.x p95 < 80ms"), parse("sql.x p95 > 80ms")
    assert [below.holds_by_count(within, 100) for within in (94, 95)] == [False, True]
    assert [above.holds_by_count(within, 100) for within in (94, 95)] == [True, False]
    assert [parse("sql.x p99.9 <= 80ms").holds_by_count(within, 1000) for within in (998, 999)] == [False, True]


def test_who_is_covered():
    """One operation, or all."""
    assert parse("sql.x p95 < 1s").covers("sql.x")
    assert not parse("sql.x p95 < 1s").covers("sql.y")
    assert parse("* p95 < 1s").covers("sql.y")
