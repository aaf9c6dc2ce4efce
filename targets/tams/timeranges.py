"""Timeranges and timestamps of the TAMS specification: text on the wire, whole nanoseconds inside.

A timerange is kept half-open, `[start, end)` in nanoseconds, whatever brackets it came with: nanoseconds are the
resolution, so `(a_b]` holds the same moments as `[a+1_b+1)`. That makes overlap and containment two comparisons each,
which the database can do on two integer columns.
"""

import re
from dataclasses import dataclass

SECOND = 1_000_000_000
"""Nanoseconds."""
LEAST = -(2**63)
MOST = 2**63 - 1
"""What a column of whole nanoseconds holds: 292 years on either side of the timeline's origin."""

LONGEST_TEXT = 200
_DURATION = r"(?:0|[1-9][0-9]*):(?:0|[1-9][0-9]{0,8})"
_STAMP = f"-?{_DURATION}"
DURATION_PATTERN = f"^{_DURATION}$"
TIMESTAMP_PATTERN = f"^{_STAMP}$"
TIMERANGE_PATTERN = rf"^(\(\)|[\[(]?({_STAMP})?_({_STAMP})?[\])]?|[\[(]?{_STAMP}[\])]?)$"
_TIMESTAMP = re.compile(_STAMP)
_TIMERANGE = re.compile(rf"(?P<opens>[\[(])?(?P<start>{_STAMP})?(?P<to>_(?P<end>{_STAMP})?)?(?P<closes>[\])])?")


def parse_timestamp(text: str) -> int:
    """Nanoseconds of `{sign?}{seconds}:{nanoseconds}`; the sign is that of the whole.

    Raises:
        ValueError: it is none.
    """
    if len(text) > LONGEST_TEXT or not _TIMESTAMP.fullmatch(text):
        raise ValueError("must be a timestamp such as 10:0 or -1:500000000")
    return _nanoseconds(text)


def timestamp_text(nanoseconds: int) -> str:
    """The timestamp on the wire."""
    seconds, rest = divmod(abs(nanoseconds), SECOND)
    return f"{'-' if nanoseconds < 0 else ''}{seconds}:{rest}"


def _nanoseconds(text: str) -> int:
    seconds, _, rest = text.removeprefix("-").partition(":")
    whole = int(seconds) * SECOND + int(rest)
    return -whole if text.startswith("-") else whole


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The moments from `start` until before `end`, in nanoseconds; None where it has no bound. Empty ones are all `NEVER`."""

    start: int | None
    end: int | None

    @property
    def is_empty(self) -> bool:
        """Whether it holds no moment."""
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def is_bounded(self) -> bool:
        """Whether it has both a start and an end."""
        return self.start is not None and self.end is not None

    def clamped(self) -> tuple[int, int]:
        """Start and end as a column of nanoseconds can hold them."""
        start = LEAST if self.start is None else self.start
        end = MOST if self.end is None else self.end
        return min(max(start, LEAST), MOST), min(max(end, LEAST), MOST)

    def overlaps(self, other: "TimeRange") -> bool:
        """Whether a moment lies in both."""
        return not intersection(self, other).is_empty

    def contains(self, other: "TimeRange") -> bool:
        """Whether each moment of the other lies in it."""
        return other.is_empty or intersection(self, other) == other

    def shifted(self, nanoseconds: int) -> "TimeRange":
        """The same range, so much later."""
        return TimeRange(
            None if self.start is None else self.start + nanoseconds, None if self.end is None else self.end + nanoseconds
        )

    def __str__(self) -> str:
        """On the wire: `()`, `_`, an instant in inclusive brackets, else half-open."""
        if self.is_empty:
            return "()"
        if self.start is None and self.end is None:
            return "_"
        if self.start is not None and self.end == self.start + 1:
            return f"[{timestamp_text(self.start)}]"
        opens = "" if self.start is None else f"[{timestamp_text(self.start)}"
        closes = "" if self.end is None else f"{timestamp_text(self.end)})"
        return f"{opens}_{closes}"


NEVER = TimeRange(0, 0)
ETERNITY = TimeRange(None, None)


def intersection(one: TimeRange, other: TimeRange) -> TimeRange:
    """The moments in both."""
    starts = [part.start for part in (one, other) if part.start is not None]
    ends = [part.end for part in (one, other) if part.end is not None]
    both = TimeRange(max(starts, default=None), min(ends, default=None))
    return NEVER if one.is_empty or other.is_empty or both.is_empty else both


def parse_timerange(text: str) -> TimeRange:
    """The range that a text stands for.

    A bracket of a bound that is left out is ignored; a bound without bracket is inclusive; an end before the start, or a
    single moment with an exclusive bracket, is empty (application note 0008 of the specification).

    Raises:
        ValueError: it is none.
    """
    found = _TIMERANGE.fullmatch(text) if 0 < len(text) <= LONGEST_TEXT else None
    if found is None:
        raise ValueError("must be a timerange such as [0:0_10:0), [5:0] or _")
    start, end, has_separator = found["start"], found["end"], found["to"] is not None
    if not has_separator:
        if start is None:
            return _none_but_brackets(found["opens"], found["closes"])
        end = start
    first = None if start is None else _nanoseconds(start) + (found["opens"] == "(")
    last = None if end is None else _nanoseconds(end) + (found["closes"] != ")")
    parsed = TimeRange(first, last)
    return NEVER if parsed.is_empty else parsed


def _none_but_brackets(opens: str | None, closes: str | None) -> TimeRange:
    if (opens, closes) != ("(", ")"):
        raise ValueError("must be a timerange; the empty one is ()")
    return NEVER
