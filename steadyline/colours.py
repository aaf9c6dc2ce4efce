"""What severities and verdicts look like, the same on boards and pages; a word always stands beside the colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from steadyline.severity import Severity


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour.

    Attributes:
        name: Grafana's, which is legible in both of its themes.
        on_light: the same hue for text and marks on white.
        on_dark: likewise on near black.
    """

    name: str
    on_light: str
    on_dark: str


SEVERITIES: Mapping[Severity, Colour] = MappingProxyType(
    {
        Severity.CRITICAL: Colour("red", "#c4162a", "#ff7383"),
        Severity.WARNING: Colour("orange", "#b45309", "#ff9830"),
        Severity.INFO: Colour("light-blue", "#0e7490", "#7cc7e8"),
    }
)
QUIET = Colour("green", "#2a7f2a", "#73bf69")
"""All is as it should be."""
STALE = Colour("blue", "#1f60c4", "#8ab8ff")
"""So much faster than its baseline that the baseline is stale."""
UNSURE = Colour("purple", "#7c3aad", "#ca95e5")
"""Nothing can be said for certain."""
GREY = Colour("#8e8e8e", "#5f6672", "#a3a9b4")
"""No judgement."""
