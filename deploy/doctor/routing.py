"""Alertmanager's own decisions, made again: which receivers an alert reaches, and whether a matcher fits it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Labels = Mapping[str, str]
Document = Mapping[str, Any]

_MATCHER = re.compile(r"^\s*\"?(?P<name>[^\"=!~\s]+)\"?\s*(?P<sign>=~|!~|!=|=)\s*(?P<value>.*?)\s*$", re.DOTALL)
_INTEGRATIONS = "_configs"
"""How every key of a receiver ends that names whom it tells."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that an alert has not counts as empty."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def fits(self, labels: Labels) -> bool:
        """Whether an alert with these labels fulfils it."""
        held = labels.get(self.name, "")
        if not self.is_regex:
            return (held == self.value) is self.is_equal
        try:
            return bool(re.fullmatch(self.value, held)) is self.is_equal
        except re.error:  # Go's syntax has a little that Python's has not
            return False


def parse(text: str) -> Matcher:
    """A matcher as the configuration writes it: `severity=~"warning|info"`."""
    found = _MATCHER.match(text)
    if found is None:
        return Matcher("", text)
    value = found["value"]
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return Matcher(found["name"], value, found["sign"].endswith("~"), not found["sign"].startswith("!"))


def matchers(node: Document, prefix: str = "") -> list[Matcher]:
    """Those of a route, or of one side of an inhibition (`source_`, `target_`), in the old writing too."""
    found = [parse(text) for text in node.get(f"{prefix}matchers") or ()]
    found += [Matcher(name, str(value)) for name, value in (node.get(f"{prefix}match") or {}).items()]
    return found + [Matcher(name, str(value), is_regex=True) for name, value in (node.get(f"{prefix}match_re") or {}).items()]


def fits(conditions: Iterable[Matcher], labels: Labels) -> bool:
    """Whether an alert fulfils all of them."""
    return all(one.fits(labels) for one in conditions)


def receivers(route: Document, labels: Labels, inherited: str = "") -> Iterator[str]:
    """The names of the receivers that an alert reaches: the deepest routes that fit, the first one unless it continues."""
    own = route.get("receiver") or inherited
    deeper = False
    for child in route.get("routes") or ():
        if fits(matchers(child), labels):
            deeper = True
            yield from receivers(child, labels, own)
            if not child.get("continue"):
                break
    if not deeper:
        yield own


def integrations(configuration: Document) -> dict[str, list[str]]:
    """Of each receiver, whom it tells, such as webhook and email; nobody where it has no integration."""
    return {
        receiver["name"]: [
            key.removesuffix(_INTEGRATIONS)
            for key, told in receiver.items()
            if key.endswith(_INTEGRATIONS)
            for _ in told or ()
        ]
        for receiver in configuration.get("receivers") or ()
    }
