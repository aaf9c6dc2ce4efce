"""What a fault came to, in figures: kept with the test's report, and shown as a line of the suite."""

from collections.abc import Callable
from dataclasses import dataclass

NAME = "fault"
Keep = Callable[[str, object], None]
"""pytest's `record_property`."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Takes the figures of one test's faults."""

    keep: Keep

    def say(
        self, fault: str, *, kept: float | None = None, lost: float | None = None, artefacts: int | None = None, told: str = ""
    ) -> None:
        """One fault.

        Args:
            fault: what was done to whom.
            kept: the share of the other targets' samples that is there.
            lost: samples of finished operations that are not.
            artefacts: of ours, that should be gone.
            told: alert, exit code, or whatever else one sees.
        """
        shown = [
            f"samples kept {kept:.2%}" if kept is not None else "",
            f"lost {lost:g}" if lost is not None else "",
            f"artefacts {artefacts}" if artefacts is not None else "",
            told,
        ]
        self.keep(NAME, f"{fault}: {', '.join(part for part in shown if part)}")
