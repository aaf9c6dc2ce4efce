"""A PromQL expression without the parts that answer when nothing was measured, so that what it shows is a measurement."""

import re
from collections.abc import Iterator

_GROUPING = r"(?:(?:on|ignoring)\s*\([^)]*\)\s*)?"
NOTHING_MEASURED = re.compile(rf"^{_GROUPING}[(\s]*(?:vector\s*\(|-?[\d.]+\s*[)\s]*$|0\s*\*)|\*\s*0[)\s]*$", re.DOTALL)
"""An alternative that is a constant, or nothing times something."""
OPENING, CLOSING = "([{", ")]}"


def stripped(expression: str) -> str:
    """The expression without its constant alternatives, at any depth.

    `or vector(0)`, `or on() vector(0)` and `or 0 * some_series` go, for they are there so that a panel shows a zero where
    there is nothing. Comparisons such as `>= 0` stay: they take samples away and never add one.
    """
    return ",".join(_without(part).rstrip() for part in _parted(expression, r","))


def _without(expression: str) -> str:
    first, *others = _parted(expression, r"\bor\b")
    measured = [one for one in (first, *others) if not NOTHING_MEASURED.search(one.strip())]
    if not others or not measured:
        return "or".join(_inside(one) for one in (first, *others))
    kept = [_inside(one) for one in measured]
    kept[0] = re.sub(rf"^\s*{_GROUPING}", "", kept[0]) if measured[0] is not first else kept[0]
    return "or".join(kept)


def _inside(expression: str) -> str:
    """The same for what stands in each pair of brackets."""
    return "".join(f"({stripped(piece[1:-1])})" if piece[0] == "(" else piece for piece in _pieces(expression))


def _parted(expression: str, between: str) -> list[str]:
    """The parts at the outermost depth."""
    parts, part = [], ""
    for piece in _pieces(expression):
        if piece[0] in OPENING or piece[0] in "\"'`":
            part += piece
            continue
        first, *others = re.split(between, piece)
        part += first
        for other in others:
            parts.append(part)
            part = other
    return [*parts, part]


def _pieces(expression: str) -> Iterator[str]:
    """Strings, pairs of brackets with all that is in them, and what stands between."""
    at, begun, depth = 0, 0, 0
    for token in re.finditer(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|[()\[\]{}]", expression):
        is_string = token[0][0] not in OPENING + CLOSING
        if depth == 0:
            if token.start() > at:
                yield expression[at : token.start()]
            begun = token.start()
        if not is_string:
            depth += 1 if token[0] in OPENING else -1
        if depth == 0:
            yield expression[begun : token.end()]
            at = token.end()
    if at < len(expression):
        yield expression[at:]
