"""How a row of a report stands: the tone it is drawn in, and under which heading it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from alerts.judgement.gate import UNSETTLED
from steadyline import colours
from steadyline.colours import Colour
from steadyline.severity import Severity, Verdict


class Tone(StrEnum):
    """Worst first; also the class in the page's stylesheet."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    UNSURE = "unsure"
    STALE = "stale"
    QUIET = "quiet"
    GREY = "grey"


COLOURS: Mapping[Tone, Colour] = MappingProxyType(
    {
        **{Tone(severity.value): colour for severity, colour in colours.SEVERITIES.items()},
        Tone.UNSURE: colours.UNSURE,
        Tone.STALE: colours.STALE,
        Tone.QUIET: colours.QUIET,
        Tone.GREY: colours.GREY,
    }
)
ALARMS = frozenset({Tone.CRITICAL, Tone.WARNING, Tone.INFO})
_UNSURE = UNSETTLED | {Verdict.NO_DATA}


@dataclass(frozen=True, slots=True)
class Heading:
    """Tones that are shown together.

    Attributes:
        title: of the group.
        tones: which.
        words: what the group is, after a count.
        is_open: whether it is unfolded at once.
    """

    title: str
    tones: frozenset[Tone]
    words: str
    is_open: bool


HEADINGS = (
    Heading("Slower, failing or over a limit", ALARMS, "slower, failing or over a limit", is_open=True),
    Heading("Nothing can be said for certain", frozenset({Tone.UNSURE}), "not settled", is_open=True),
    Heading("Faster: the baseline is stale", frozenset({Tone.STALE}), "much faster", is_open=False),
    Heading("As fast as the baseline", frozenset({Tone.QUIET}), "as the baseline", is_open=False),
    Heading("Without a baseline", frozenset({Tone.GREY}), "without a baseline", is_open=False),
)


def tone(severity: Severity | None, verdict: Verdict | None, *, measured: bool) -> Tone:
    """Of one row.

    Args:
        severity: None where it is no alarm.
        verdict: None where no baseline judges.
        measured: whether it has a number at all.
    """
    if severity is not None:
        return Tone(severity.value)
    if not measured or verdict in _UNSURE:
        return Tone.UNSURE
    if verdict is None:
        return Tone.GREY
    return Tone.STALE if verdict is Verdict.IMPROVED else Tone.QUIET
