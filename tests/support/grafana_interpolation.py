"""What Grafana puts in the place of `$names` in a query to Prometheus, as it does from 9.4 to 12; unknown names are refused.

Grafana leaves a name that it does not know where it is, and Prometheus answers with nothing: a board that looks healthy.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from steadyline import durations

NAME = re.compile(
    r"\$(?P<plain>\w+)|\[\[(?P<bracketed>\w+)(?::(?P<old>\w+))?\]\]|\$\{(?P<braced>\w+)(?::(?P<format>[^}]+))?\}"
)
WIDE = 1000
"""Points of a panel as wide as a usual screen lets it be."""
NICE_SECONDS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Grafana rounds an interval to the nearest of these."""


class UnknownNameError(AssertionError):
    """A query names a variable that Grafana would not replace."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of a variable.

    Attributes:
        values: one, or several where that is allowed.
        escaped: it may be several, or all: Grafana then escapes each value for a regular expression.
        verbatim: the variable's own text for "All", which Grafana leaves as it is.
    """

    values: tuple[str, ...]
    escaped: bool = False
    verbatim: bool = False

    def written(self, form: str = "") -> str:
        """As a query has it; without a form as the Prometheus data source writes it."""
        if self.verbatim:
            return self.values[0]
        if form not in FORMS:
            raise UnknownNameError(f"no form of a variable that is supported here: {form}")
        return FORMS[form](self)


def _for_prometheus(chosen: Chosen) -> str:
    if not chosen.escaped:
        return chosen.values[0].replace("\\", "\\\\").replace("'", "\\\\'")
    return _alternatives(re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", one.replace("\\", "\\\\\\\\")) for one in chosen.values)


def _for_regex(chosen: Chosen) -> str:
    return _alternatives(re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", one) for one in chosen.values)


def _alternatives(escaped: Iterable[str]) -> str:
    values = list(escaped)
    return values[0] if len(values) == 1 else f"({'|'.join(values)})"


FORMS: Mapping[str, Callable[[Chosen], str]] = {
    "": _for_prometheus,
    "regex": _for_regex,
    "pipe": lambda chosen: "|".join(chosen.values),
    "csv": lambda chosen: ",".join(chosen.values),
    "raw": lambda chosen: ",".join(chosen.values),
    "text": lambda chosen: " + ".join(chosen.values),
}


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a board shows, Unix seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> int:
        """Its length."""
        return round(self.end - self.start)

    def interval(self, smallest_seconds: float, points: int = WIDE) -> float:
        """`$__interval`: the time between two points, where there are about so many."""
        wanted = self.seconds / points
        return max(smallest_seconds, min(NICE_SECONDS, key=lambda nice: abs(nice - wanted)))

    def aligned(self, step: float) -> tuple[float, float]:
        """Where a range query begins and ends: on multiples of its step."""
        return math.floor(self.start / step) * step, math.floor(self.end / step) * step

    @property
    def names(self) -> dict[str, str]:
        """What the span itself is known by, in any query."""
        return {
            "__range": f"{self.seconds}s",
            "__range_s": str(self.seconds),
            "__range_ms": str(self.seconds * 1000),
            "__from": str(round(self.start * 1000)),
            "__to": str(round(self.end * 1000)),
        }


def intervals(seconds: float, scrape_seconds: float | None = None) -> dict[str, str]:
    """The names of the time between two points.

    Args:
        seconds: it.
        scrape_seconds: for `$__rate_interval`, which a variable's own query has not.
    """
    found = {"__interval": durations.promql(seconds), "__interval_ms": str(round(seconds * 1000))}
    if scrape_seconds is not None:
        rate = max(seconds + scrape_seconds, 4 * scrape_seconds)
        found |= {"__rate_interval": durations.promql(rate), "__rate_interval_ms": str(round(rate * 1000))}
    return found


def interpolated(text: str, chosen: Mapping[str, Chosen], known: Mapping[str, str]) -> str:
    """The text as Grafana sends it.

    Args:
        text: with `$name`, `${name}`, `${name:form}` or `[[name]]`.
        chosen: of the board's variables, by name.
        known: Grafana's own names.

    Raises:
        UnknownNameError: a name is neither the board's nor Grafana's; `$1` of label_replace is none.
    """

    def replaced(found: re.Match[str]) -> str:
        name = found["plain"] or found["bracketed"] or found["braced"]
        form = found["old"] or found["format"] or ""
        if name in chosen:
            return chosen[name].written(form)
        if name in known:
            return _moment(known[name], form) if form else known[name]
        if name.isdecimal() and not form:
            return found[0]
        raise UnknownNameError(f"{found[0]} is no variable of this board and none of Grafana's, in: {text}")

    written = NAME.sub(replaced, text)
    if re.search(r"\$\{(?!\d+\})", written):
        raise UnknownNameError(f"a name in braces that is not supported here, in: {written}")
    return written


def _moment(milliseconds: str, form: str) -> str:
    """`${__from:date:seconds}` and the like."""
    if form == "date:seconds":
        return str(int(milliseconds) // 1000)
    if form in ("date", "date:iso"):
        at = dt.datetime.fromtimestamp(int(milliseconds) / 1000, dt.UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise UnknownNameError(f"no form of a time that is supported here: {form}")
