"""How a value of a panel is shown: with the unit, the word and the colour that its board gives it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

INK = "#0f172a"
_INKS = {"green": "#15803d", "light-blue": "#0284c7", "blue": "#1d4ed8", "orange": "#c2410c", "red": "#b91c1c"}
"""Grafana's names as colours that can be read on white."""
_UNITS = {"s": " s", "reqps": "/s", "cpm": "/min"}
_BYTES = {"bytes": "B", "Bps": "B/s", "binBps": "B/s"}
_THOUSANDS = ("", "k", "M", "G", "T")


@dataclass(frozen=True, slots=True)
class Field:
    """One column or line.

    Attributes:
        unit: Grafana's name of it.
        words: text and colour in place of a value.
    """

    unit: str | None
    words: Mapping[str, Mapping[str, Any]]

    def shown(self, number: float) -> tuple[str, str]:
        """Text and colour."""
        word = self.words.get(f"{number:g}")
        return (word["text"], _INKS.get(word.get("color", ""), INK)) if word else (shown(number, self.unit), INK)


def field_of(panel: Mapping[str, Any], name: str, ref: str) -> Field:
    """What the panel's defaults, and its overrides for this name or query, say."""
    config = panel["fieldConfig"]
    found = {**config["defaults"]}
    for one in config.get("overrides", []):
        if _is_of(one["matcher"], name, ref):
            found |= {each["id"]: each["value"] for each in one["properties"]}
    return Field(found.get("unit"), dict(_words(found.get("mappings", []))))


def _is_of(matcher: Mapping[str, Any], name: str, ref: str) -> bool:
    options = matcher["options"]
    if matcher["id"] == "byRegexp":
        return re.search(options.strip("/"), name) is not None
    return bool(options == {"byName": name, "byFrameRefID": ref}.get(matcher["id"]))


def _words(mappings: list[dict[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in mappings:
        if one["type"] == "value":
            yield from one["options"].items()


def shown(number: float, unit: str | None) -> str:
    """A number with its unit."""
    if unit == "percentunit":
        return f"{number:.1%}"
    if unit == "s" and abs(number) < 1:
        return f"{number * 1e3:.3g} ms"
    if unit == "dateTimeAsIso":
        return datetime.fromtimestamp(number / 1e3, UTC).strftime("%Y-%m-%d %H:%M:%S")
    if unit in _BYTES:
        return _thousands(number, _BYTES[unit])
    own = unit.removeprefix("suffix:") if unit and unit.startswith("suffix:") else ""
    return f"{number:,.0f}" if abs(number) >= 1000 and not unit else f"{number:.3g}{_UNITS.get(unit or '', own)}"


def _thousands(number: float, unit: str) -> str:
    step = 0
    while abs(number) >= 1000 and step < len(_THOUSANDS) - 1:
        number, step = number / 1000, step + 1
    return f"{number:.3g} {_THOUSANDS[step]}{unit}"
