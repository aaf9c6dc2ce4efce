"""PromQL as text: selectors, durations and numbers written one way, nothing newer than Prometheus 2.42."""

import json

from steadyline.edges import LADDER
from steadyline.vocabulary import OPERATION_LABELS, Metric, RecordedSeries

LABELS = ", ".join(OPERATION_LABELS)
"""What every judgement is grouped by."""


Matcher = tuple[str, str, str]
"""A label, one of = != =~ !~, and a value."""


def quoted(text: str) -> str:
    """A PromQL string."""
    return json.dumps(text, ensure_ascii=False)


def number(value: float) -> str:
    """A number with twelve digits: more than any limit needs, and none of a float's noise."""
    return f"{value:.12g}"


def duration(seconds: float) -> str:
    """A PromQL duration: whole seconds where they are whole, else milliseconds."""
    return f"{seconds:.0f}s" if float(seconds).is_integer() else f"{seconds * 1000:.0f}ms"


def edge(seconds: float) -> str:
    """A regular expression for a bucket's `le`: exposed as 20.0 by Python's client, as 20 by others."""
    text = number(seconds).replace(".", "[.]")
    return text if "." in number(seconds) else f"{text}([.]0)?"


class Selection:
    """Label matchers that select some operations' series; prints as the part between the braces.

    Args:
        matchers: (label, one of = != =~ !~, value) in the order they are to be written.
        by: the labels that sums keep.
        gate: counts only while this has a series of the same instance; "" is always.
        recorded: matchers more for series that rules make, which have labels that what is scraped has not.
    """

    def __init__(self, *matchers: Matcher, by: str = LABELS, gate: str = "", recorded: tuple[Matcher, ...] = ()) -> None:
        """Keep them."""
        self._matchers = matchers
        self._by, self._gate, self._recorded = by, gate, recorded

    def __str__(self) -> str:
        return _braced(self._matchers)

    def where(self, label: str, sign: str, value: str) -> "Selection":
        """The same with one matcher more."""
        matchers = (*self._matchers, (label, sign, value))
        return Selection(*matchers, by=self._by, gate=self._gate, recorded=self._recorded)

    def of(self, series: Metric | RecordedSeries, suffix: str = "", window_seconds: float | None = None) -> str:
        """The series selected: an instant vector, or a range vector where a window is given."""
        window = f"[{duration(window_seconds)}]" if window_seconds else ""
        more = self._recorded if isinstance(series, RecordedSeries) else ()
        return f"{series.name}{suffix}{{{_braced((*self._matchers, *more))}}}{window}"

    def gated(self, expression: str) -> str:
        """The expression over what is scraped, while the gate is open."""
        return f"{expression} and on (instance) {self._gate}" if self._gate else expression

    def summed(self, expression: str, more: str = "") -> str:
        """An expression over what is scraped, summed to the labels of an operation, and to some more."""
        by = ", ".join(label for label in (self._by, more) if label)
        return f"sum by ({by}) ({self.gated(expression)})"

    def increase(self, series: Metric, window_seconds: float, suffix: str = "") -> str:
        """How much a counter rose in the window, summed to the labels of an operation."""
        return self.summed(f"increase({self.of(series, suffix, window_seconds)})")

    def rate(self, series: Metric, window_seconds: float, suffix: str = "") -> str:
        """How much a counter rose in a second, summed to the labels of an operation."""
        return self.summed(f"rate({self.of(series, suffix, window_seconds)})")


def _braced(matchers: tuple[Matcher, ...]) -> str:
    return ",".join(f"{label}{sign}{quoted(value)}" for label, sign, value in matchers)


def or_zero(expression: str, like: str) -> str:
    """The expression, and 0 for each element of `like` that it lacks: a counter nobody declared is at 0."""
    return f"({expression} or 0 * {like})"


def at_least(expression: str, count: int) -> str:
    """A whole count compared: `increase` extrapolates, so that two may read as 2.2, and never as less than 2."""
    return f"{expression} > {count - 1}.5"


def ladder_edges() -> str:
    """A matcher's expression for the edges that all operations have, +Inf among them."""
    return "|".join([*(edge(seconds) for seconds in LADDER), "[+]Inf"])
