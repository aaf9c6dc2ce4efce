"""A criterion: what a load run has to keep, as one line: `trace.item_create p95 < 80ms for 30s`.

`OPERATION STATISTIC COMPARISON LIMIT [for WINDOW]`. With a window it has to hold over every window of that length in the
steady phase, without one over the steady phase as a whole. `--expect`, the settings, the rules and the boards read the same
line.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from steadyline import durations
from steadyline.edges import LADDER, SIGNIFICANT_DIGITS, rounded
from steadyline.errors import ConfigurationError
from steadyline.live import LIVE

ALL = "*"
"""As the operation: all of them together."""
EXAMPLE = "trace.item_create p95 < 80ms for 30s"
FORM = "OPERATION STATISTIC COMPARISON LIMIT [for WINDOW]"
SHORTEST_WINDOW_SECONDS = 2 * LIVE.scrape_seconds
"""What is scraped every few seconds shows nothing shorter."""
LONGEST_WINDOW_SECONDS = 3600.0
"""It bounds what is kept of a run; over longer ones the whole steady phase says the same."""
_RESPONSE = "response"
_LEVELS = {"p50": 500, "p90": 900, "p95": 950, "p99": 990, "p99.9": 999}
"""Quantiles in thousandths, so that a share is compared in whole numbers."""
WHOLE = 1000
"""All, in thousandths."""


class Kind(StrEnum):
    """What is measured."""

    QUANTILE = "quantile"
    MEAN = "mean"
    RATE = "rate"
    FAILURES = "failures"
    DROPS = "drops"


@dataclass(frozen=True, slots=True)
class Statistic:
    """What is compared.

    Attributes:
        text: as it is written.
        kind: what is measured.
        thousandths: of a quantile, its level.
        response: counted from the intended start, not from when the attempt began.
    """

    text: str
    kind: Kind
    thousandths: int = 0
    response: bool = False

    @property
    def level(self) -> float:
        """Of a quantile, its level as a fraction."""
        return self.thousandths / WHOLE


STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        statistic.text: statistic
        for statistic in (
            *(Statistic(name, Kind.QUANTILE, level) for name, level in _LEVELS.items()),
            Statistic("mean", Kind.MEAN),
            *(Statistic(f"{_RESPONSE} {name}", Kind.QUANTILE, level, response=True) for name, level in _LEVELS.items()),
            Statistic(f"{_RESPONSE} mean", Kind.MEAN, response=True),
            Statistic("rate", Kind.RATE),
            Statistic("failures", Kind.FAILURES),
            Statistic("drops", Kind.DROPS),
        )
    }
)
"""Each statistic by its text."""


class Comparison(StrEnum):
    """How the statistic must lie to the limit."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="

    @property
    def bounds_above(self) -> bool:
        """Whether what is too large breaks it."""
        return self in (Comparison.BELOW, Comparison.AT_MOST)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What limits of some statistics are written in.

    Attributes:
        factors: base units in each unit, the largest first; a limit is written in the first that it reaches.
        asks: what a limit is, and how to write it.
        example: one that works.
        largest: what the statistic can be at most.
    """

    factors: Mapping[str, Decimal]
    asks: str
    example: str
    largest: Decimal = Decimal("Infinity")

    def written(self, amount: Decimal) -> str:
        """The amount with its unit."""
        name, factor = next((each for each in self.factors.items() if amount >= each[1]), list(self.factors.items())[-1])
        return f"{_plain(amount / factor)}{name}"


_TIME = _Unit({"s": Decimal(1), "ms": Decimal("0.001"), "us": Decimal("0.000001")}, "a time (us, ms or s)", "80ms")
_SHARE = _Unit({"%": Decimal("0.01")}, "a share of the attempts (%)", "1%", Decimal(1))
_PER_SECOND = _Unit({"/s": Decimal(1)}, "a number per second (/s)", "200/s")
_UNITS = {
    Kind.QUANTILE: _TIME,
    Kind.MEAN: _TIME,
    Kind.RATE: _PER_SECOND,
    Kind.FAILURES: _SHARE,
    Kind.DROPS: _PER_SECOND,
}
_EVERY_UNIT = "|".join(sorted({name for unit in _UNITS.values() for name in unit.factors}, key=len, reverse=True))
_COMPARED = re.compile(r"\s*([<>]=?)\s*")
_PARTED = re.compile(rf"(?<=\d)\s+(?=(?:{_EVERY_UNIT}|[mh])(?:\s|$))")
_LIMIT = re.compile(rf"(\d{{1,12}}(?:\.\d{{1,12}})?)({_EVERY_UNIT})")


def _plain(number: Decimal) -> str:
    """The number without an exponent and without zeros at its end."""
    return f"{number.normalize():f}"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, as `parse` makes it.

    Attributes:
        operation: `backend.name`, or `*` for all of them together.
        statistic: what is compared.
        comparison: how it must lie to the limit.
        amount: the limit in base units (seconds, a fraction, per second), exact.
        window_seconds: it has to hold over every window of this length; None: over the whole steady phase.
    """

    operation: str
    statistic: Statistic
    comparison: Comparison
    amount: Decimal
    window_seconds: float | None = None

    @property
    def text(self) -> str:
        """The one way in which it is written: the label of its series, and again a criterion."""
        limit = _UNITS[self.statistic.kind].written(self.amount)
        window = f" for {durations.promql(self.window_seconds)}" if self.window_seconds else ""
        return f"{self.operation} {self.statistic.text} {self.comparison} {limit}{window}"

    @property
    def limit(self) -> float:
        """The limit in base units."""
        return float(self.amount)

    @property
    def edge_seconds(self) -> tuple[float, ...]:
        """The bucket edges at which it is counted, beside the ladder's, seconds."""
        return (self.limit,) if self.statistic.kind is Kind.QUANTILE and self.operation != ALL else ()

    def written(self, measured: float) -> str:
        """A value as a person writes it: as many digits as a bucket has, and the limit's kind of unit."""
        return _UNITS[self.statistic.kind].written(Decimal(f"{measured:.{SIGNIFICANT_DIGITS}g}"))

    def covers(self, operation: str) -> bool:
        """Whether the operation's counts are judged by it."""
        return self.operation in (ALL, operation)

    def holds(self, measured: Fraction) -> bool:
        """Whether a value keeps to the limit; of a quantile, which is never read but counted, ask `holds_by_count`."""
        limit = Fraction(self.amount)
        return {
            Comparison.BELOW: measured < limit,
            Comparison.AT_MOST: measured <= limit,
            Comparison.ABOVE: measured > limit,
            Comparison.AT_LEAST: measured >= limit,
        }[self.comparison]

    def holds_by_count(self, within: int, of: int) -> bool:
        """Whether a quantile keeps to the limit, exactly.

        The 95th percentile is at most 80 ms if and only if 95 % took at most 80 ms. A bucket holds what is at its edge, so
        that `<` and `<=` ask the same of a quantile, and so do `>` and `>=`.

        Args:
            within: how many were at or under the limit.
            of: out of how many, 1 or more.
        """
        at_most = within * WHOLE >= self.statistic.thousandths * of
        return at_most if self.comparison.bounds_above else not at_most


def parse(text: str) -> Criterion:
    """The criterion that a line means.

    Raises:
        ConfigurationError: it is none; the message says what is wrong with it, and shows one that works.
    """
    said = " ".join(text.split())
    words = _PARTED.sub("", _COMPARED.sub(r" \1 ", said)).split() or [""]
    named = _words_of_operation(words)
    try:
        return _parsed(" ".join(words[:named]), words[named:])
    except ConfigurationError as error:
        raise ConfigurationError(f"{said!r}: {error}") from None


def _words_of_operation(words: list[str]) -> int:
    """How many words name the operation: one, or all before the statistic where a route has more, as `GET /items`."""
    compared = next((at for at, word in enumerate(words) if word in list(Comparison)), 0)
    begin = compared - 1
    if begin < 1 or words[begin] not in STATISTICS:
        return 1
    return begin - 1 if begin > 1 and words[begin - 1] == _RESPONSE else begin


def _parsed(operation: str, rest: list[str]) -> Criterion:
    if not operation:
        raise ConfigurationError(f"an empty criterion; write {FORM}, as in {EXAMPLE!r}")
    _check_operation(operation)
    statistic, rest = _statistic(operation, rest)
    unit = _UNITS[statistic.kind]
    start = f"{operation} {statistic.text}"
    usual = Comparison.ABOVE if statistic.kind is Kind.RATE else Comparison.BELOW
    example = f"{start} {usual} {_ladder_example(operation, statistic) or unit.example}"
    sign, written, *rest = [*rest, "", ""][: max(2, len(rest))]
    if sign not in list(Comparison):
        raise ConfigurationError(f"{_named(sign)} is no comparison; take <, <=, > or >=, as in {example!r}")
    comparison = Comparison(sign)
    amount = _amount(written, statistic, unit, example)
    _check_limit(operation, statistic, comparison, amount, example)
    return Criterion(operation, statistic, comparison, amount, _window(rest, f"{start} {sign} {written}"))


def _named(word: str) -> str:
    return word or "nothing"


def _check_operation(operation: str) -> None:
    first = operation.partition(" ")[0]
    if first in (*STATISTICS, _RESPONSE, *Comparison):
        raise ConfigurationError(f"it begins with no operation; name one, or {ALL} for all together, as in {EXAMPLE!r}")
    if ALL in operation and operation != ALL:
        raise ConfigurationError(
            f"{operation} is no operation: name one, or {ALL} alone for all together, as in {'* rate > 200/s'!r}"
        )


def _statistic(operation: str, rest: list[str]) -> tuple[Statistic, list[str]]:
    words = 2 if rest[:1] == [_RESPONSE] else 1
    name = " ".join(rest[:words])
    found = STATISTICS.get(name)
    if found is None:
        every = ", ".join(name for name in STATISTICS if not name.startswith(_RESPONSE))
        example = f"{operation} p95 < {_ladder_example(operation, STATISTICS['p95']) or _TIME.example}"
        raise ConfigurationError(
            f"{_named(name)} is no statistic; take {every} (a time from the intended start: {_RESPONSE} p95), "
            f"as in {example!r}"
        )
    if found.kind is Kind.DROPS and operation != ALL:
        raise ConfigurationError(f"a start that is dropped is of no operation yet; ask for all, as in {'* drops < 1/s'!r}")
    return found, rest[words:]


def _ladder_example(operation: str, statistic: Statistic) -> str | None:
    """Over all operations together a quantile is asked at an edge of the ladder."""
    return "100ms" if operation == ALL and statistic.kind is Kind.QUANTILE else None


def _amount(written: str, statistic: Statistic, unit: _Unit, example: str) -> Decimal:
    found = _LIMIT.fullmatch(written)
    if found is None or found[2] not in unit.factors:
        raise ConfigurationError(
            f"{_named(written)} is no limit of {statistic.text}, which is {unit.asks}; write it as in {example!r}"
        )
    return Decimal(found[1]) * unit.factors[found[2]]


def _check_limit(operation: str, statistic: Statistic, comparison: Comparison, amount: Decimal, example: str) -> None:
    """A limit that says something, at an edge that a histogram can have."""
    unit = _UNITS[statistic.kind]
    written = unit.written(amount)
    if unit is _TIME and not amount:
        raise ConfigurationError(f"{written} is no limit: nothing takes no time; write one above zero, as in {example!r}")
    never = {
        Comparison.BELOW: amount <= 0,
        Comparison.AT_MOST: False,
        Comparison.ABOVE: amount >= unit.largest,
        Comparison.AT_LEAST: amount > unit.largest,
    }[comparison]
    always = {
        Comparison.BELOW: amount > unit.largest,
        Comparison.AT_MOST: amount >= unit.largest,
        Comparison.ABOVE: False,
        Comparison.AT_LEAST: amount <= 0,
    }[comparison]
    if never or always:
        raise ConfigurationError(
            f"{statistic.text} {comparison} {written} {'never' if never else 'always'} holds; write a limit that can be kept "
            f"and broken, as in {example!r}"
        )
    if statistic.kind is not Kind.QUANTILE:
        return
    seconds = float(amount)
    if rounded(seconds) != seconds:
        near = _TIME.written(Decimal(str(rounded(seconds))))
        raise ConfigurationError(
            f"{written} has more than {SIGNIFICANT_DIGITS} significant digits, which no bucket has; "
            f"take {near}, as in {f'{operation} {statistic.text} {comparison} {near}'!r}"
        )
    if operation == ALL and seconds not in LADDER:
        _refuse_beside_the_ladder(statistic, comparison, seconds, written)


def _refuse_beside_the_ladder(statistic: Statistic, comparison: Comparison, seconds: float, written: str) -> None:
    place = bisect_left(LADDER, seconds)
    near = [_TIME.written(Decimal(str(edge))) for edge in LADDER[max(0, place - 1) : place + 1]]
    raise ConfigurationError(
        f"{written} is no edge that all operations have; take {' or '.join(near)}, as in "
        f"{f'{ALL} {statistic.text} {comparison} {near[-1]}'!r}, or name an operation"
    )


def _window(rest: list[str], before: str) -> float | None:
    if not rest:
        return None
    example = f"{before} for 30s"
    if rest[0] != "for" or len(rest) != 2:  # noqa: PLR2004 - the word and the window
        raise ConfigurationError(f"{' '.join(rest)!r} is too much or too little; a window is written as in {example!r}")
    try:
        seconds = durations.parse(rest[1])
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}, as in {example!r}") from None
    if not seconds.is_integer() or not SHORTEST_WINDOW_SECONDS <= seconds <= LONGEST_WINDOW_SECONDS:
        raise ConfigurationError(
            f"{rest[1]} is no window: it is {SHORTEST_WINDOW_SECONDS:.0f} to {LONGEST_WINDOW_SECONDS:.0f} whole seconds, "
            f"as in {example!r}; without one the whole steady phase is judged"
        )
    return seconds
