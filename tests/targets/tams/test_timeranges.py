"""Timeranges: every form of the specification, and what must hold for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.tams.timeranges import (
    ETERNITY,
    LEAST,
    MOST,
    NEVER,
    SECOND,
    TimeRange,
    intersection,
    parse_timerange,
    parse_timestamp,
    timestamp_text,
)

FORMS = {
    "half-open": ("[0:0_10:0)", TimeRange(0, 10 * SECOND), "[0:0_10:0)"),
    "closed": ("[0:0_10:0]", TimeRange(0, 10 * SECOND + 1), "[0:0_10:1)"),
    "open": ("(0:0_10:0)", TimeRange(1, 10 * SECOND), "[0:1_10:0)"),
    "open below, closed above": ("(0:0_10:0]", TimeRange(1, 10 * SECOND + 1), "[0:1_10:1)"),
    "no brackets": ("0:0_10:0", TimeRange(0, 10 * SECOND + 1), "[0:0_10:1)"),
    "eternity": ("_", ETERNITY, "_"),
    "eternity in brackets": ("(_)", ETERNITY, "_"),
    "never": ("()", NEVER, "()"),
    "from": ("(5:0_", TimeRange(5 * SECOND + 1, None), "[5:1_"),
    "from, bracket of the missing end": ("[5:0_)", TimeRange(5 * SECOND, None), "[5:0_"),
    "until": ("_5:0)", TimeRange(None, 5 * SECOND), "_5:0)"),
    "until, bracket of the missing start": ("(_5:0]", TimeRange(None, 5 * SECOND + 1), "_5:1)"),
    "instant": ("[10:0]", TimeRange(10 * SECOND, 10 * SECOND + 1), "[10:0]"),
    "instant without brackets": ("10:0", TimeRange(10 * SECOND, 10 * SECOND + 1), "[10:0]"),
    "instant as a range": ("[1:5_1:5]", TimeRange(SECOND + 5, SECOND + 6), "[1:5]"),
    "instant left out": ("[10:0)", NEVER, "()"),
    "start equals end": ("[1:0_1:0)", NEVER, "()"),
    "end before start": ("[2:0_1:0]", NEVER, "()"),
    "negative": ("[-1:500000000_0:0)", TimeRange(-1_500_000_000, 0), "[-1:500000000_0:0)"),
    "both negative": ("[-2:0_-1:0)", TimeRange(-2 * SECOND, -SECOND), "[-2:0_-1:0)"),
    "minus nothing": ("[-0:0_1:0)", TimeRange(0, SECOND), "[0:0_1:0)"),
}


@pytest.mark.parametrize(("text", "meant", "said"), FORMS.values(), ids=FORMS)
def test_forms(text, meant, said):
    """Each form of the specification is read as the moments it holds, and said again in one form."""
    assert parse_timerange(text) == meant
    assert str(meant) == said


NONE_AT_ALL = ["", "x", "[", "[]", "[)", "(", "0", "0:", ":0", "[00:0_1:0)", "[0:01_1:0)", "[0:0__1:0)"]
NONE_AT_ALL += [
    "[0:1000000000_1:0)",
    "[+1:0_2:0)",
    "[0:0_1:0) ",
    " [0:0_1:0)",
    "[0:0-1:0)",
    "[0:0_1:0)\n",
    "[\u0661:0_2:0)",
    "1" * 300 + ":0",
]


@pytest.mark.parametrize("text", NONE_AT_ALL)
def test_refused(text):
    """What is no timerange is refused in one sentence."""
    with pytest.raises(ValueError, match="must be a timerange"):
        parse_timerange(text)


@pytest.mark.parametrize("text", ["", "1", "1:", "1:1000000000", "01:0", "1:00", "--1:0", "1:0 ", "1" * 300 + ":0"])
def test_refused_timestamps(text):
    """What is no timestamp is refused in one sentence."""
    with pytest.raises(ValueError, match="must be a timestamp"):
        parse_timestamp(text)


moments = st.integers(-(10**20), 10**20)
ranges = st.builds(TimeRange, st.none() | moments, st.none() | moments).map(lambda made: NEVER if made.is_empty else made)


@given(moments)
def test_timestamps_come_back(moment):
    """Any whole number of nanoseconds survives being said and read."""
    assert parse_timestamp(timestamp_text(moment)) == moment


@given(ranges)
def test_timeranges_come_back(made):
    """Any range survives being said and read."""
    assert parse_timerange(str(made)) == made


@given(moments, moments, st.sampled_from("[("), st.sampled_from("])"))
def test_brackets(start, end, opens, closes):
    """A range holds its bounds as its brackets say, and all between."""
    read = parse_timerange(f"{opens}{timestamp_text(start)}_{timestamp_text(end)}{closes}")

    def holds(moment):
        return read.contains(TimeRange(moment, moment + 1))

    assert holds(start) == (opens == "[" and (start < end or (start == end and closes == "]")))
    assert holds(end) == (closes == "]" and (start < end or (start == end and opens == "[")))
    assert not holds(min(start, end) - 1)
    assert not holds(max(start, end) + 1)


@given(ranges, ranges)
def test_overlap_is_mutual(one, other):
    """Overlap is what both share, seen from either side; what is contained overlaps unless it is empty."""
    assert one.overlaps(other) == other.overlaps(one) == (not intersection(one, other).is_empty)
    assert one.contains(intersection(one, other))
    assert not (one.contains(other) and not other.is_empty) or one.overlaps(other)


@given(ranges, st.integers(-(10**18), 10**18))
def test_shifting_back(made, by):
    """A range that is shifted there and back is the same."""
    assert made.shifted(by).shifted(-by) == made


@given(ranges)
def test_clamped(made):
    """What a column is asked for always fits it, start no later than end unless the range is empty."""
    start, end = made.clamped()
    assert LEAST <= start <= MOST
    assert LEAST <= end <= MOST
    assert made.is_empty or start <= end


def test_eternity_and_never():
    """Eternity contains everything and never nothing; never overlaps nothing, not even itself."""
    assert ETERNITY.contains(TimeRange(0, 1))
    assert ETERNITY.contains(NEVER)
    assert not NEVER.contains(TimeRange(0, 1))
    assert not NEVER.overlaps(NEVER)
    assert not NEVER.overlaps(ETERNITY)
