"""When a load run may be judged: while the window that is judged lies in its steady phase as a whole."""

from alerts.rules.grouping import Document, labelled, record
from steadyline.load_vocabulary import LOAD_PHASE, LOAD_STEADY, Phase
from steadyline.promql import Selection, duration
from steadyline.vocabulary import RUN_INFO, Driver


def steady(window_seconds: float, profile: str | None = None) -> str:
    """The series that is there while runs are steady for so long: those of one profile, or all."""
    chosen = Selection() if profile is None else Selection(("profile", "=", profile))
    return chosen.where("window", "=", duration(window_seconds)).of(LOAD_STEADY)


def steady_rule(window_seconds: float) -> Document:
    """Records it: a whole window ago the run was steady, and so it was ever since."""
    window = duration(window_seconds)
    phase = Selection(("phase", "=", Phase.STEADY)).of(LOAD_PHASE)
    run = Selection(("driver", "=", Driver.LOAD)).of(RUN_INFO)
    began, lasted = f"{phase} offset {window} == 1", f"min_over_time({phase}[{window}]) == 1"
    expression = f"max by (instance, profile) ({run} == 1) and on (instance) ({began}) and on (instance) ({lasted})"
    return labelled(record(LOAD_STEADY, expression), window=window)
