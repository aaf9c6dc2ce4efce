"""What a load run has to keep, on the command line and in the settings: each line that is no criterion."""

import pytest
from bad_input import Case, Place, check

TIME, SHARE, PER_SECOND = (
    "which is a time (us, ms or s)",
    "which is a share of the attempts (%)",
    "which is a number per second (/s)",
)
STATISTICS = (
    "take p50, p90, p95, p99, p99.9, mean, rate, failures, drops (a time from the intended start: response p95), as in "
    "'sql.x p95 < 80ms'"
)
COMPARISONS = "take <, <=, > or >=, as in 'sql.x p95 < 80ms'"
NOBODY = "it begins with no operation; name one, or * for all together, as in 'trace.item_create p95 < 80ms for 30s'"
EMPTY = (
    "an empty criterion; write OPERATION STATISTIC COMPARISON LIMIT [for WINDOW], as in 'trace.item_create p95 < 80ms for 30s'"
)
WINDOW = (
    "is no window: it is 10 to 3600 whole seconds, as in 'sql.x p95 < 80ms for 30s'; without one the whole steady phase is "
    "judged"
)
WORDS = "is too much or too little; a window is written as in 'sql.x p95 < 80ms for 30s'"
KEPT = "write a limit that can be kept and broken"
LIST = 'steadyline.toml: expectations: write a list of criteria, such as ["trace.item_create p95 < 80ms for 30s"]'
LONG = "9" * 400


def said(criterion, says):
    """One criterion of the command line."""
    return Case(f"--expect: {criterion!r}: {says}", arguments=("load", "--expect", criterion))


def limit(written, statistic="p95", asks=TIME, example="80ms"):
    """A limit that cannot be read."""
    return said(
        f"sql.x {statistic} < {written}",
        f"{written} is no limit of {statistic}, {asks}; write it as in 'sql.x {statistic} < {example}'",
    )


def windowed(window, says):
    """Something wrong after the limit."""
    return said(f"sql.x p95 < 80ms {window}", says)


def kept(text, *faults):
    """What the settings say."""
    return Case("\n".join(faults), files={"steadyline.toml": f"expectations = {text}"}, arguments=("load",))


CASES = {
    "empty": said("", EMPTY),
    "without operation": said("p95 < 80ms", NOBODY),
    "a comparison first": said("< 80ms", NOBODY),
    "response of nobody": said("response p95 < 80ms", NOBODY),
    "of a glob": said(
        "sql.* p95 < 80ms", "sql.* is no operation: name one, or * alone for all together, as in '* rate > 200/s'"
    ),
    "quantile that is none": said("sql.x p96 < 80ms", f"p96 is no statistic; {STATISTICS}"),
    "response of no quantile": said("sql.x response < 80ms", f"response < is no statistic; {STATISTICS}"),
    "response rate": said("sql.x response rate > 1/s", f"response rate is no statistic; {STATISTICS}"),
    "drops of one": said(
        "sql.x drops < 1/s", "a start that is dropped is of no operation yet; ask for all, as in '* drops < 1/s'"
    ),
    "no comparison": said("sql.x p95", f"nothing is no comparison; {COMPARISONS}"),
    "equal": said("sql.x p95 = 80ms", f"= is no comparison; {COMPARISONS}"),
    "equal twice": said("sql.x p95 == 80ms", f"== is no comparison; {COMPARISONS}"),
    "comparison that a terminal obeys": said(
        "sql.x p95 \x1b[2J 80ms", f"\N{REPLACEMENT CHARACTER}[2J is no comparison; {COMPARISONS}"
    ),
    "no limit": said("sql.x p95 <", f"nothing is no limit of p95, {TIME}; write it as in 'sql.x p95 < 80ms'"),
    "time without unit": limit("80"),
    "time in per cent": limit("80%"),
    "time negative": limit("-80ms"),
    "time no number": limit("nan"),
    "time with an exponent": limit("1e3ms"),
    "time of 400 digits": limit(f"{LONG}s"),
    "share without unit": limit("1", "failures", SHARE, "1%"),
    "rate as a time": said("sql.x rate > 5ms", f"5ms is no limit of rate, {PER_SECOND}; write it as in 'sql.x rate > 200/s'"),
    "no time at all": said(
        "sql.x p95 < 0us", "0us is no limit: nothing takes no time; write one above zero, as in 'sql.x p95 < 80ms'"
    ),
    "too many digits": said(
        "sql.x p95 < 80.123ms",
        "80.123ms has more than 4 significant digits, which no bucket has; take 80.12ms, as in 'sql.x p95 < 80.12ms'",
    ),
    "beside the edges of all": said(
        "* p95 < 80ms",
        "80ms is no edge that all operations have; take 56.23ms or 100ms, as in '* p95 < 100ms', or name an operation",
    ),
    "always": said("sql.x rate >= 0/s", f"rate >= 0/s always holds; {KEPT}, as in 'sql.x rate > 200/s'"),
    "never": said("sql.x rate < 0/s", f"rate < 0/s never holds; {KEPT}, as in 'sql.x rate > 200/s'"),
    "more than all fail": said("sql.x failures > 100%", f"failures > 100% never holds; {KEPT}, as in 'sql.x failures < 1%'"),
    "all may fail": said("sql.x failures <= 100%", f"failures <= 100% always holds; {KEPT}, as in 'sql.x failures < 1%'"),
    "one word more": windowed("5", f"'5' {WORDS}"),
    "for nothing": windowed("for", f"'for' {WORDS}"),
    "in a window": windowed("in 30s", f"'in 30s' {WORDS}"),
    "two windows": windowed("for 30s 30s", f"'for 30s 30s' {WORDS}"),
    "for a word": windowed(
        "for x",
        "'x' is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d), as in 'sql.x p95 < 80ms for 30s'",
    ),
    "for a second": windowed("for 1s", f"1s {WINDOW}"),
    "for two hours": windowed("for 2h", f"2h {WINDOW}"),
    "for half seconds": windowed("for 30.5s", f"30.5s {WINDOW}"),
    "two at once": Case(
        f"--expect: '': {EMPTY}\n--expect: 'sql.x p95': nothing is no comparison; {COMPARISONS}",
        arguments=("load", "--expect", "", "--expect", "sql.x p95"),
    ),
    "in the settings, and another": kept(
        '["", "sql.x p95", "* rate > 1/s"]',
        f"steadyline.toml: expectations: '': {EMPTY}; 'sql.x p95': nothing is no comparison; {COMPARISONS}",
    ),
    "of the settings a number": kept("5", LIST),
    "of the settings a table": kept("{}", LIST),
    "of the settings a list in a list": kept("[[]]", LIST),
    "of the settings in a variable": Case(
        f"environment: STEADYLINE_EXPECTATIONS: 'sql.x p95': nothing is no comparison; {COMPARISONS}",
        environ={"STEADYLINE_EXPECTATIONS": "sql.x p95"},
        arguments=("load",),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_refused(place: Place, case: Case) -> None:
    """The criterion is shown with what is wrong in it and one that is right; no load is begun."""
    check(place, case)
