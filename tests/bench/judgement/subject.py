"""What a subject of the judgement's benchmark comes to, and how it tells how far it is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from paired import Figure

Tell = Callable[[float, float], None]
"""Told how much of a subject is done, and of how much."""


@dataclass(slots=True)
class Found:
    """One subject's outcome.

    Attributes:
        figures: what was asked beside what was measured.
        tables: what else is worth reading, each in Markdown under the sentence that says what it is.
        pictures: SVG by file name, for the page's folder.
    """

    figures: list[Figure] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)


def table(says: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table under the sentence that says what it shows."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([says, "", *(f"| {' | '.join(line)} |" for line in lines)])


def percent(share: float) -> str:
    """A share with one digit after the point, or none where that is 0."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
