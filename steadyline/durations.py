"""Spans of time as people and PromQL write them: `3m`, `90s`, `1h30m`."""

import re

from steadyline.errors import ConfigurationError

_UNIT_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
LONGEST_SECONDS = 100 * 365 * 86400.0
"""Beyond it lies no time that anything here was measured at, and soon none that a clock can say."""
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")


def parse(text: str) -> float:
    """The seconds that a text such as `90s`, `3m` or `1h30m` means.

    Raises:
        ConfigurationError: it is none, zero, or without end; the text shows how to write one.
    """
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ConfigurationError(f"{text!r} is no duration; write it as 90s, 3m or 1h30m (units ms, s, m, h, d)")
    seconds = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    if seconds > LONGEST_SECONDS:
        raise ConfigurationError(f"{text!r} is longer than a hundred years; write a shorter duration, as 30d")
    if seconds <= 0:
        raise ConfigurationError(f"{text!r} is no time at all; write a duration above zero, as 90s or 3m")
    return seconds


def promql(seconds: float) -> str:
    """The span as PromQL takes it; whole milliseconds, so that a cadence of half a second needs no fraction."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def spoken(seconds: float) -> str:
    """The span for people: `45 s`, `3 min 20 s`, `1 h 5 min`; rounded up, since it tells how long to wait."""
    whole = -int(-seconds // 1)
    if whole <= 120:  # noqa: PLR2004 - up to two minutes seconds say it better
        return f"{whole} s"
    if whole > 600:  # noqa: PLR2004 - over ten minutes nobody counts them
        whole = -(-whole // 60) * 60
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
