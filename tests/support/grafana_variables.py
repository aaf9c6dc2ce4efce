"""A board's variables as Grafana fills them from a Prometheus: in their order, each by those before it.

What Grafana would paper over fails here: a name that is not known, a query of a kind that is not known, a choice that is no
option.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_asking import Asking
from grafana_interpolation import Chosen, Span, interpolated, intervals

ALL = "$__all"
SOURCE_SECONDS = 5.0
"""`timeInterval` of the provisioned data source: the interval that a variable's query knows."""
LABEL_VALUES = re.compile(r"^label_values\((?:(.+),\s*)?([a-zA-Z_]\w*)\)\s*$", re.DOTALL)
QUERY_RESULT = re.compile(r"^query_result\((.+)\)\s*$", re.DOTALL)
LABEL_NAMES = "label_names()"
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Filled:
    """A variable with what may be chosen, and what is.

    Attributes:
        options: the values, in their order, without "All".
        chosen: of them.
    """

    options: tuple[str, ...]
    chosen: Chosen


Choice = Mapping[str, str | Sequence[str]]
"""What a user, or a link's `var-name=`, chooses, by the variable's name."""


def filled(document: Mapping[str, Any], asking: Asking, span: Span, choice: Choice | None = None) -> dict[str, Filled]:
    """Each variable of a board.

    Args:
        document: the board's JSON.
        asking: whom the queries are for.
        span: the time shown.
        choice: in place of the board's own.

    Raises:
        AssertionError: what is chosen is no option, or a variable cannot be filled; the text says which.
    """
    found: dict[str, Filled] = {}
    chosen = dict(choice or {})
    for variable in document.get("templating", {}).get("list", []):
        name = variable["name"]
        before = {known: one.chosen for known, one in found.items()}
        options = tuple(dict.fromkeys(_options(variable, before, asking, span)))
        found[name] = Filled(options, _chosen(variable, options, chosen.pop(name, None)))
    assert not chosen, f"the board has no variable {', '.join(chosen)}"
    return found


def _options(variable: Mapping[str, Any], before: Mapping[str, Chosen], asking: Asking, span: Span) -> list[str]:
    written = variable.get("query") or ""
    text = written.get("query", "") if isinstance(written, dict) else str(written)
    match variable["type"]:
        case "datasource":
            return [asking.url]
        case "query":
            found = _asked(_put_in(text, before, span), asking, span)
            kept = matched(found, _put_in(variable.get("regex") or "", before, span))
            return in_order(kept, int(variable.get("sort") or 0))
        case "custom":
            return [part.split(" : ")[-1].strip() for part in text.split(",")]
        case "interval":
            return [part.strip() for part in text.split(",")]
        case "constant" | "textbox":
            return [text]
    raise AssertionError(f"{variable['name']}: no type of variable that is supported here: {variable['type']}")


def _put_in(text: str, before: Mapping[str, Chosen], span: Span) -> str:
    return interpolated(text, before, span.names | intervals(SOURCE_SECONDS))


def _asked(query: str, asking: Asking, span: Span) -> list[str]:
    """The texts that a query answers with, as Grafana writes them."""
    if values := LABEL_VALUES.match(query):
        return asking.values(values[2], (values[1] or "").strip(), span)
    if result := QUERY_RESULT.match(query):
        return [_written(*sample) for sample in asking.samples(result[1], _whole_seconds(span.end))]
    raise AssertionError(f"no query of a variable that is supported here: {query}")


def _whole_seconds(at: float) -> float:
    """Grafana asks at a whole second, the next one."""
    return float(-(-at // 1))


def _written(labels: Mapping[str, str], at: float, value: str) -> str:
    name = labels.get("__name__", "")
    rest = ",".join(f'{label}="{text}"' for label, text in labels.items() if label != "__name__")
    return f"{name}{{{rest}}} {value} {at * 1000:.0f}"


def matched(texts: Iterable[str], regex: str) -> list[str]:
    """What a variable's regex leaves of each text: the whole, its group, or the group named `value`."""
    if not regex:
        return list(texts)
    pattern = _pattern(regex)
    return [value for text in texts for value in _values(pattern, text, everywhere=regex.endswith("g"))]


def _pattern(regex: str) -> re.Pattern[str]:
    """A regular expression as JavaScript writes it: between slashes with flags, or plain for the whole text."""
    if not regex.startswith("/"):
        return re.compile(f"^{regex}$")
    between = re.match(r"^/(.*?)/([gimsuy]*)$", regex, re.DOTALL)
    assert between, f"{regex} is no regular expression between slashes"
    flags = re.IGNORECASE if "i" in between[2] else re.NOFLAG
    return re.compile(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", between[1]), flags)


def _values(pattern: re.Pattern[str], text: str, *, everywhere: bool) -> list[str]:
    found = list(pattern.finditer(text)) if everywhere else [one for one in [pattern.search(text)] if one]
    if not found:
        return []
    named = {name: next((one[name] for one in found if one[name] is not None), None) for name in pattern.groupindex}
    if named.keys() & {"value", "text"}:
        value = named.get("value") or named.get("text")
        return [value] if value is not None else []
    if not pattern.groups:
        return [text]
    return [one[1] for one in found if one[1] is not None][: None if len(found) > 1 else 1]


def in_order(values: Sequence[str], sort: int) -> list[str]:
    """By Grafana's number of an order: 0 as they came, 1 and 2 by letters, 3 and 4 by number, 5 and 6 whatever the case."""
    if sort == 0:
        return list(values)

    def number(value: str) -> int:
        found = NUMBER.search(value)
        return int(found[0]) if found else -1

    orders = {1: str, 2: number, 3: str.lower}
    kind = (sort + 1) // 2
    assert kind in orders, f"no order of a variable that is supported here: {sort}"
    return sorted(values, key=orders[kind], reverse=sort % 2 == 0)


def _chosen(variable: Mapping[str, Any], options: tuple[str, ...], choice: str | Sequence[str] | None) -> Chosen:
    escaped = bool(variable.get("multi") or variable.get("includeAll"))
    wanted = _listed(choice if choice is not None else (variable.get("current") or {}).get("value"))
    if variable["type"] == "textbox":
        return Chosen(tuple(wanted) or options)
    if variable["type"] == "datasource":
        return Chosen(options)
    kept = tuple(one for one in wanted if one in options)
    if choice is not None and ALL not in wanted:
        assert kept == tuple(wanted), f"{variable['name']}: {', '.join(wanted)} is no option, those are: {', '.join(options)}"
    if variable.get("includeAll") and (ALL in wanted or not kept):
        return _all(variable, options)
    assert variable.get("multi") or len(kept) < 2, f"{variable['name']} takes one value, not {', '.join(kept)}"
    return Chosen(kept or options[:1] or ("",), escaped)


def _all(variable: Mapping[str, Any], options: tuple[str, ...]) -> Chosen:
    if variable.get("allValue"):
        return Chosen((variable["allValue"],), verbatim=True)
    return Chosen(options or ("",), escaped=True)


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value in (None, "") else [str(value)]
