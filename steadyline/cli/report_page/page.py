"""One page that holds all it needs: what is on it, and how it becomes HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from steadyline.cli.report_page.courses import Picture
from steadyline.cli.report_page.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    STRIP_WIDTH,
    TOP,
    WIDTH,
    Curve,
    Plot,
    Strip,
)
from steadyline.cli.report_page.quantiles import Spans
from steadyline.cli.report_page.scale import Scale
from steadyline.cli.report_page.tones import ALARMS, COLOURS, HEADINGS, Tone

FEW = 8
"""So many rows are shown unfolded, however well they are."""
MOST_PLOTS = 12
"""So many of a group are shown at once, so that hundreds do not bury what stands below; more than reasons lead to."""
_AXIS = {0.5: "0.5", 1.0: "1", 1.5: "1.5", 2.0: "2", 3.0: "3", 4.0: "4"}
"""Ratios that the strips' axis names."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a row, under its column's heading; `below` it, where it is from."""

    heading: str
    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation on one target.

    Attributes:
        operation: its full name.
        target: the target's alias.
        tone: how it stands.
        state: the same in a word.
        more: what the word leaves out.
        why: what the state rests on, and figures for which the table has no room.
        strip: its ratio as a picture; None where nothing can be compared.
        ratio: the same in words.
        cells: the other figures.
        plot: its values beside its baseline.
    """

    operation: str
    target: str
    tone: Tone
    state: str
    more: str
    why: tuple[str, ...]
    strip: Strip | None
    ratio: str
    cells: tuple[Cell, ...]
    plot: Plot


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of what the verdict rests on.

    Attributes:
        tone: how bad it is.
        word: the same in a word.
        about: operation and target, or another subject; empty where the text says all.
        text: the rest.
        row: the row it is about; None where it is about none, or several.
    """

    tone: Tone
    word: str
    about: str
    text: str
    row: Shown | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """How one criterion of a load run stood.

    Attributes:
        text: as it was written.
        tone: whether it was kept.
        word: the same in a word.
        value: what was measured, in words.
        share: value over limit, of a bar that ends at twice the limit; None without a value.
    """

    text: str
    tone: Tone
    word: str
    value: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Page:
    """All of it.

    Attributes:
        tone: of the verdict.
        verdict: in a few words.
        below: the run in one line.
        reasons: of the verdict, worst first.
        rows: worst first.
        scale: of the strips.
        axis: what the plots' numbers count, in a sentence.
        facts: what was measured where, by name.
        command: what repeats it; empty where nobody knows.
        curves: of families that grow.
        criteria: of a load run.
        courses: of a load run over time.
        spans: quantiles of a load run's operations; None where there are none.
    """

    tone: Tone
    verdict: str
    below: str
    reasons: tuple[Reason, ...]
    rows: tuple[Shown, ...]
    scale: Scale
    axis: str
    facts: Mapping[str, str]
    command: str = ""
    curves: tuple[Curve, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    courses: tuple[Picture, ...] = ()
    spans: Spans | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand alike, each with its anchor."""

    title: str
    tone: Tone
    words: str
    is_open: bool
    rows: tuple[tuple[str, Shown], ...] = field(default=())


def _groups(rows: Sequence[Shown]) -> list[Group]:
    """Worst first; of alarms the heading takes the worst one's tone."""
    found: list[Group] = []
    anchored = [(f"plot-{number}", row) for number, row in enumerate(rows, start=1)]
    for heading in HEADINGS:
        members = tuple(one for one in anchored if one[1].tone in heading.tones)
        if members:
            tone = min((row.tone for _, row in members), key=list(Tone).index)
            is_open = heading.is_open and (tone in ALARMS or not found or len(members) <= FEW)
            found.append(Group(heading.title, tone, heading.words, is_open, members))
    return found


def html(page: Page) -> str:
    """The page as a file's text: no script, nothing from elsewhere, the same for the same results."""
    groups = _groups(page.rows)
    anchors = {id(row): anchor for group in groups for anchor, row in group.rows}
    environment = Environment(
        loader=PackageLoader("steadyline.cli.report_page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html.j2").render(
        page=page,
        groups=groups,
        reasons=[(reason, anchors.get(id(reason.row))) for reason in page.reasons],
        is_short=len(page.rows) <= FEW or len(groups) == 1,
        colours=COLOURS,
        frame={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        strip_width=STRIP_WIDTH,
        most_plots=MOST_PLOTS,
        axis=[(page.scale.at(ratio), text) for ratio, text in _AXIS.items() if page.scale.low <= ratio <= page.scale.high],
    )
