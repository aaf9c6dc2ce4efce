"""When a load run may be judged: while the window that is judged lies in its steady phase as a whole, under one load."""

from alerts.rules.grouping import Document, labelled, record
from steadyline.baseline import LoadShape
from steadyline.load_vocabulary import LOAD_ARRIVAL_RATE, LOAD_PHASE, LOAD_STEADY, LOAD_TARGET_USERS, Phase
from steadyline.promql import Selection, duration, number
from steadyline.vocabulary import RUN_INFO, Driver, Metric

_TRIFLE = 1e-3
"""As a fraction: a rate that a shape computes may miss the full one by a float's last digits."""


def steady(window_seconds: float, profile: str | None = None, load: LoadShape | None = None) -> str:
    """The series that is there while runs are steady for so long.

    Args:
        window_seconds: how long.
        profile: runs of this profile alone.
        load: runs under this load alone; None is any.
    """
    chosen = Selection() if profile is None else Selection(("profile", "=", profile))
    return chosen.where("load", "=", load.words if load else "").where("window", "=", duration(window_seconds)).of(LOAD_STEADY)


def steady_rule(window_seconds: float, load: LoadShape | None = None) -> Document:
    """Records it: a whole window ago the run was steady, and so it was ever since; where a load is given, under it."""
    window = duration(window_seconds)
    phase = Selection(("phase", "=", Phase.STEADY)).of(LOAD_PHASE)
    run = Selection(("driver", "=", Driver.LOAD)).of(RUN_INFO)
    began, lasted = f"{phase} offset {window} == 1", f"min_over_time({phase}[{window}]) == 1"
    expression = f"max by (instance, profile) ({run} == 1) and on (instance) ({began}) and on (instance) ({lasted})"
    if load is None:
        return labelled(record(LOAD_STEADY, expression), window=window)
    expression += _stayed(LOAD_TARGET_USERS, load.users, window)
    if load.arrival_rate is None:
        expression += f" unless on (instance) {LOAD_ARRIVAL_RATE.name}"
    else:
        expression += _stayed(LOAD_ARRIVAL_RATE, load.arrival_rate, window)
    return labelled(record(LOAD_STEADY, expression), window=window, load=load.words)


def _stayed(metric: Metric, value: float, window: str) -> str:
    """And it was at this value all the time: a shape may hold several levels, and users may ask for another size."""
    low, high = number(value * (1 - _TRIFLE)), number(value * (1 + _TRIFLE))
    least, most = f"min_over_time({metric.name}[{window}]) > {low}", f"max_over_time({metric.name}[{window}]) < {high}"
    return f" and on (instance) ({least}) and on (instance) ({most})"
