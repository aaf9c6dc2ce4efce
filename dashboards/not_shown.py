"""What of the vocabulary no board shows, and why: whatever is neither shown nor listed here fails a test."""

from collections.abc import Mapping

from steadyline.load_vocabulary import LOAD_STEADY
from steadyline.vocabulary import (
    PROBE_DURATION,
    PROBE_FAILURE,
    PROBE_SUCCESS,
    RUN_LOG_MEAN,
    RUN_STARTS,
    SLOW_ERROR,
    SLOW_LOG_MEAN,
    SLOW_LOG_SPREAD,
)

_ON_REQUEST = "stands on /probe only, which a Prometheus of the user's own scrapes as it likes"
_STEP = "a step on the way to the ratio and its limits, which are shown"
NOT_SHOWN: Mapping[str, str] = {
    PROBE_SUCCESS.name: _ON_REQUEST,
    PROBE_DURATION.name: _ON_REQUEST,
    PROBE_FAILURE.name: _ON_REQUEST,
    RUN_LOG_MEAN.name: _STEP,
    SLOW_LOG_MEAN.name: _STEP,
    SLOW_LOG_SPREAD.name: _STEP,
    SLOW_ERROR.name: _STEP,
    LOAD_STEADY.name: "what the rules of load runs ask; the steady phase is shown itself",
    RUN_STARTS.name: "what the alert SteadylineNoData asks; attempts and skipped starts are shown each for itself",
}
"""The reason by the name."""
