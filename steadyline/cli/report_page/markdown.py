"""A page as Markdown, for a pull request: the verdict in its words, the rows worst first, the rest below."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from steadyline.cli.columns import escaped
from steadyline.cli.report_page.page import FEW, Page
from steadyline.cli.report_page.tones import ALARMS, HEADINGS, Tone


class _Named(Protocol):
    """One operation on one target."""

    @property
    def operation(self) -> str: ...
    @property
    def target(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


def in_markdown(
    page: Page, heading: str, rows: Sequence[Row], table: Callable[[Sequence[Row]], str], below: Sequence[str]
) -> str:
    """All of it.

    Args:
        page: whose verdict and order it takes.
        heading: the run in one line.
        rows: what the page's rows were made of.
        table: writes rows as a table.
        below: what the table does not say, a line each.
    """
    lines = (f"- {escaped(line)}" for line in below)
    parts = [f"### Steadyline: {page.verdict}", escaped(heading), *_tables(page, rows, table), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part)


def _tables(page: Page, rows: Sequence[Row], table: Callable[[Sequence[Row]], str]) -> Iterator[str]:
    """The rows in the page's order; where they are many, what neither alarms nor is open is folded."""
    place = {(shown.operation, shown.target): at for at, shown in enumerate(page.rows)}
    ordered = [(page.rows[place[row.operation, row.target]].tone, row) for row in rows]
    ordered.sort(key=lambda one: place[one[1].operation, one[1].target])
    told = [row for tone, row in ordered if tone in ALARMS or tone is Tone.UNSURE]
    fine = [(tone, row) for tone, row in ordered if tone not in ALARMS and tone is not Tone.UNSURE]
    if len(ordered) <= FEW:
        told, fine = [row for _, row in ordered], []
    if told:
        yield table(told)
    if fine:
        words = _counted([tone for tone, _ in fine])
        yield f"<details><summary>{words}</summary>\n\n{table([row for _, row in fine])}\n\n</details>"


def _counted(tones: Sequence[Tone]) -> str:
    """How many stand how: `12 as the baseline, 1 without a baseline`."""
    counts = [(sum(tone in heading.tones for tone in tones), heading.words) for heading in HEADINGS]
    return ", ".join(f"{count} {words}" for count, words in counts if count)
