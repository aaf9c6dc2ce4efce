"""PromQL as text: selectors, durations and numbers written one way, nothing newer than Prometheus 2.42."""

import json

from steadyline.vocabulary import OPERATION_LABELS, Metric, RecordedSeries

LABELS = ", ".join(OPERATION_LABELS)
"""What every judgement is grouped by."""


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
    """Label matchers that select some operations' series; prints as the part between the braces."""

    def __init__(self, *matchers: tuple[str, str, str]) -> None:
        """Take (label, one of = != =~ !~, value) in the order they are to be written."""
        self._matchers = matchers

    def __str__(self) -> str:
        return ",".join(f"{label}{sign}{quoted(value)}" for label, sign, value in self._matchers)

    def where(self, label: str, sign: str, value: str) -> "Selection":
        """The same with one matcher more."""
        return Selection(*self._matchers, (label, sign, value))

    def of(self, series: Metric | RecordedSeries, suffix: str = "", window_seconds: float | None = None) -> str:
        """The series selected: an instant vector, or a range vector where a window is given."""
        window = f"[{duration(window_seconds)}]" if window_seconds else ""
        return f"{series.name}{suffix}{{{self}}}{window}"

    def increase(self, series: Metric, window_seconds: float, suffix: str = "") -> str:
        """How much a counter rose in the window, summed to the labels of an operation."""
        return f"sum by ({LABELS}) (increase({self.of(series, suffix, window_seconds)}))"

    def rate(self, series: Metric, window_seconds: float, suffix: str = "") -> str:
        """How much a counter rose in a second, summed to the labels of an operation."""
        return f"sum by ({LABELS}) (rate({self.of(series, suffix, window_seconds)}))"


def or_zero(expression: str, like: str) -> str:
    """The expression, and 0 for each element of `like` that it lacks: a counter nobody declared is at 0."""
    return f"({expression} or 0 * {like})"


def at_least(expression: str, count: int) -> str:
    """A whole count compared: `increase` extrapolates, so that two may read as 2.2, and never as less than 2."""
    return f"{expression} > {count - 1}.5"
