"""Why a criterion had no data, in words."""

import difflib
from collections.abc import Collection

from steadyline.criterion import ALL, Criterion, Kind
from steadyline.durations import spoken

_NO_SCHEDULE = "only the open model has it (--arrival-rate)"
_NO_RESPONSE = f"{_NO_SCHEDULE}, and S3User, VastUser and SqlUser"


def why(criterion: Criterion, names: Collection[str], steady_seconds: float, *, is_open: bool) -> str:
    """What was missing.

    Args:
        criterion: one without data.
        names: operations that the run asked.
        steady_seconds: how long it was steady; 0 where it never was.
        is_open: whether starts were scheduled.
    """
    statistic, window = criterion.statistic, criterion.window_seconds
    if not is_open and statistic.kind is Kind.DROPS:
        return _NO_SCHEDULE
    if criterion.operation != ALL and criterion.operation not in names:
        near = difflib.get_close_matches(criterion.operation, names, n=1)
        return "nothing of that name was asked" + (f"; did you mean {near[0]}?" if near else "")
    if not is_open and statistic.response:
        return _NO_RESPONSE
    if not steady_seconds:
        return "the run was never steady: not all users were there"
    if window is not None and steady_seconds < window:
        return f"the steady phase, {spoken(steady_seconds)}, was shorter than its window"
    return "nothing succeeded in a window" if window is not None else "nothing succeeded in the steady phase"
