"""Whether two PromQL expressions are the same: Prometheus prints what it has loaded in a form of its own.

It sorts matchers and leaves out empty ones, writes 60s as 1m and 500000000 as 5e+08, and breaks no line. Compared are the
tokens, whatever their order: an expression that differs in a number, a name or a label differs in them.
"""

import re

_TOKENS = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<name>[A-Za-z_][\w:]*)"
    r"|(?P<span>(?:\d+(?:ms|[smhdwy]))+)"
    r"|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<sign>[^\s,{}])"
)
_PARTS = re.compile(r"(\d+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def same(one: str, other: str) -> bool:
    """Whether Prometheus would evaluate them alike."""
    return one == other or _tokens(one) == _tokens(other)


def seconds(span: str) -> float:
    """A duration as Prometheus writes it; 0 where it is none."""
    return sum(int(count) * _SECONDS[unit] for count, unit in _PARTS.findall(span))


def _tokens(expression: str) -> list[str]:
    return sorted(_normal(found) for found in _TOKENS.finditer(expression))


def _normal(found: "re.Match[str]") -> str:
    if found["span"]:
        return f"{seconds(found['span']):g}s"
    if found["number"]:
        return repr(float(found["number"]))
    if found["text"]:
        return found["text"][1:-1]
    return found[0]
